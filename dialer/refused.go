package dialer

import "time"

// refusedPause is how long a lead is left alone that the store refused: long
// enough for a store that goes on offering it to do no harm.
const refusedPause = time.Second

// refused takes back calls that never left: the line is free, the trunk's token
// is given back, and the store is asked again what is due. Their ids stay used.
func (e *Engine) refused(ev Refused) {
	for id, until := range e.barred {
		if !until.After(e.now) {
			delete(e.barred, id)
		}
	}
	for _, id := range ev.Attempts {
		f := e.flights[id]
		if f == nil || f.attempt.State != AttemptPlaced {
			continue
		}
		e.land(f)
		f.trunk.untake(f)
		e.tally.count(f.attempt.Placed, -1)
		e.barred[f.lead.ID] = e.now.Add(refusedPause)
		c := f.campaign
		c.stall.probe = false
		c.counts.placed--
		c.outlook.open-- // suppressed, most likely: the store has the last word
		c.outlook.known, c.outlook.sure = false, false
		e.quiet(c)
	}
}

// refusedLately reports whether the store has just refused a lead; if so, it is
// looked at again a little later.
func (e *Engine) refusedLately(o *outlook, id LeadID) bool {
	until, ok := e.barred[id]
	if !ok || !until.After(e.now) {
		return false
	}
	o.next = earliest(o.next, until)
	return true
}

// untake takes back what take took for a call that did not leave.
func (t *trunk) untake(f *flight) {
	t.pace.full = t.pace.full.Add(-f.token)
	if f.epoch == t.epoch {
		t.probe = false // another call may try the trunk
	}
}
