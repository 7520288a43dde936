package dialer

import (
	"slices"
	"time"
)

const (
	// roundLife is how long the trunks that failed a lead are remembered. A lead
	// that no other trunk has taken by then begins with the first one again.
	roundLife = time.Minute
	// roundPause is how long a lead waits for a line of the next trunk while
	// others, which have failed it, have lines to spare.
	roundPause = 2 * time.Second
	// longestSpare bounds how long a trunk may ask to be left alone.
	longestSpare = time.Hour
)

// round is a lead's way through the trunks of its campaign: those that have
// failed it without reaching anybody.
type round struct {
	tried []*trunk
	until time.Time
}

// reroute takes note of a trunk that has failed a lead, and reports whether the
// lead goes on to another one. It does only where nobody can have been reached:
// a second INVITE to somebody whose phone has rung is a wrong call.
func (e *Engine) reroute(f *flight, r *Result) bool {
	id := f.lead.ID
	if r.Cause.Failed == TrunkOK || f.stopped {
		delete(e.rounds, id)
		return false
	}
	for other, rd := range e.rounds {
		if !rd.until.After(e.now) {
			delete(e.rounds, other)
		}
	}
	rd := e.rounds[id]
	rd.tried, rd.until = append(slices.Clip(rd.tried), f.trunk), e.now.Add(roundLife)
	e.rounds[id] = rd
	return e.tried(f.campaign, id) != nil
}

// tried returns the trunks that the lead is to avoid: none if no other serves.
func (e *Engine) tried(c *campaign, id LeadID) []*trunk {
	rd, ok := e.rounds[id]
	if !ok {
		return nil
	}
	if rd.until.After(e.now) {
		for _, t := range e.trunksOf(c) {
			if t.serving() && !slices.Contains(rd.tried, t) {
				return rd.tried
			}
		}
	}
	delete(e.rounds, id)
	return nil
}
