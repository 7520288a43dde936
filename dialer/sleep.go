package dialer

import "time"

// sleep asks for the next wake-up: the next token for leads that wait for one,
// the next moment at which a lead is due, the end of a trunk's back-off.
func (e *Engine) sleep() {
	var w WakeAt
	for _, c := range e.order {
		if c.calling() {
			w.At = earliest(w.At, e.nextChance(c))
		}
	}
	if until := e.nextProbe(); !until.IsZero() && (w.At.IsZero() || until.Before(w.At)) {
		w = WakeAt{At: until, Real: true}
	}
	if !w.At.Equal(e.wake.At) || w.Real != e.wake.Real {
		e.wake = w
		e.do(w)
	}
}

// nextChance returns when the campaign could place a call without any further
// event; the zero time if only an event (a line set free) can help.
func (e *Engine) nextChance(c *campaign) time.Time {
	if !c.pending(e.now) {
		return c.outlook.next
	}
	if c.lines() == 0 || e.brake.On || c.stall.room(e.now) == 0 {
		return time.Time{}
	}
	if e.spare() == 0 {
		return e.tally.frees(e.ceiling.PerHour)
	}
	var at time.Time
	for _, t := range e.trunksOf(c) {
		// A moment that has come already means that ids are awaited, not time.
		if ready := t.ready(e.now, c.overdue(e.now)); ready.After(e.now) {
			at = earliest(at, ready)
		}
	}
	return at
}

// nextProbe returns the end of the first back-off of a trunk that a campaign
// would call through, or of a campaign that has stalled.
func (e *Engine) nextProbe() time.Time {
	var at time.Time
	for _, c := range e.order {
		if !c.calling() {
			continue
		}
		if c.stall.until.After(e.now) && c.pending(e.now) {
			at = earliest(at, c.stall.until)
		}
		for _, t := range e.trunksOf(c) {
			if t.state == TrunkDown {
				at = earliest(at, t.until)
			}
		}
	}
	return at
}
