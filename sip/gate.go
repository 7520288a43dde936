package sip

import (
	"sync"
	"time"
)

// spacer decides when the next call of a trunk may leave so that calls are
// evenly spaced: 1/CPS seconds apart, with no burst after a pause. It is a
// safety net below the pacing of the dialer.
type spacer struct {
	step time.Duration // 0: no limit
	next time.Time
}

// newSpacer returns a spacer for cps calls a second; 0 or less: no limit.
func newSpacer(cps float64) spacer {
	if cps <= 0 {
		return spacer{}
	}
	return spacer{step: time.Duration(float64(time.Second) / cps)}
}

// reserve takes the next free slot, now or later, and returns its time.
func (s *spacer) reserve(now time.Time) time.Time {
	if s.step == 0 {
		return now
	}
	slot := s.next
	if slot.Before(now) {
		slot = now
	}
	s.next = slot.Add(s.step)
	return slot
}

// gates holds one spacer per trunk, by the trunk's name and URI.
type gates struct {
	mu sync.Mutex
	by map[string]*spacer
}

// reserve takes the next slot of a trunk. A changed CPS applies from the next
// call on.
func (g *gates) reserve(now time.Time, t *Trunk) time.Time {
	if t == nil || t.CPS <= 0 {
		return now
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.by == nil {
		g.by = map[string]*spacer{}
	}
	key := trunkKey(t)
	s := g.by[key]
	if s == nil {
		s = &spacer{}
		g.by[key] = s
	}
	s.step = newSpacer(t.CPS).step
	return s.reserve(now)
}

// trunkKey tells trunks apart whose settings may have been read twice.
func trunkKey(t *Trunk) string { return t.Name + "\x00" + t.URI }
