package dialer

import "time"

// A call that our side fails before its INVITE leaves (a prompt that can't be
// rendered, no RTP port) is nobody's attempt. Its lead waits longer each time
// and is given up at last; a campaign of which nothing leaves stalls, so that
// a broken speech engine does not go through a whole base.
const (
	maxUnsent   = 5 // such calls in a row until the lead is given up: after about 1.5 hours
	firstUnsent = time.Minute
	stallAfter  = 3 // such calls in a row until the campaign stalls
)

// stall is what a campaign knows of calls of ours that never left.
type stall struct {
	row   int       // in a row
	rests int       // stalls in a row
	until time.Time // nothing is placed before
	probe bool      // the one call that tries whether it is over has been placed
	why   string
}

// unsent takes back a call that never left. Its row stays: that it failed is
// to be seen.
func (e *Engine) unsent(f *flight, r *Result) {
	f.trunk.untake(f)
	e.tally.count(f.attempt.Placed, -1)
	s := &f.campaign.stall
	s.probe = false
	if f.stopped || r.Disposition == Interrupted {
		return // withdrawn: nothing is wrong
	}
	s.row++
	s.why = r.Detail
	if s.row >= stallAfter && !s.until.After(e.now) {
		s.until = e.now.Add(min(firstRest<<min(s.rests, 10), longestRest))
		s.rests++
	}
}

// room is how many calls a stall lets through: none while it rests, then one
// that tries whether it is over.
func (s *stall) room(now time.Time) int {
	switch {
	case s.row < stallAfter:
		return unlimited
	case s.until.After(now) || s.probe:
		return 0
	}
	return 1
}

// withdrawn gives back a lead whose call never left, or gives it up. What was
// withdrawn (the program or the campaign stops) leaves no trace.
func (c *Campaign) withdrawn(now time.Time, l Lead, s Save) Save {
	r := &s.Attempt.Result
	if r.Disposition == Interrupted {
		s.Lead = l
		s.Lead.State, _ = LeadDialing.On(LeadReturned)
		return s
	}
	r.Disposition = Failed
	l.Progress.Unsent++
	v := verdict{at: c.allowed(&l, now.Add(firstUnsent<<(2*(l.Progress.Unsent-1))))}
	if l.Progress.Unsent >= maxUnsent || v.at.IsZero() {
		v.list = c.Retry.spent(c.Retry.owner(Failed, false), Failed)
		l.Last, l.Promised = Failed, false
	}
	s.Lead, s.Notices = settled(l, v, s.Notices)
	return s
}
