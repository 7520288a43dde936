package sip

import (
	"sync"
	"time"
)

// spacer decides when the next call of a trunk may leave so that calls are
// evenly spaced: 1/CPS seconds apart, with no burst after a pause. It is a
// safety net below the pacing of the dialer.
//
// A fast trunk's calls come in batches, and a batch that comes late would leave
// slots empty for good. So a trunk of fastTrunk calls a second or more may catch
// up if it is less than catchUp behind: twice as fast as its pace, and never with
// more than CPS calls in any second, which is counted.
type spacer struct {
	step   time.Duration // 0: no limit
	next   time.Time     // of the even spacing
	last   time.Time     // slot
	recent []time.Time   // the last CPS slots, as a ring; nil: a trunk that does not catch up
	oldest int           // in recent
}

const (
	fastTrunk = 100 // calls a second
	catchUp   = 50 * time.Millisecond
)

// newSpacer returns a spacer for cps calls a second; 0 or less: no limit.
func newSpacer(cps float64) spacer {
	var s spacer
	s.limit(cps)
	return s
}

// limit changes the rate; what left before counts.
func (s *spacer) limit(cps float64) {
	step := time.Duration(0)
	if cps > 0 {
		step = time.Duration(float64(time.Second) / cps)
	}
	if step == s.step {
		return
	}
	s.step = step
	s.recent, s.oldest = nil, 0
	if cps < fastTrunk || cps > maxCounted {
		return
	}
	s.recent = make([]time.Time, int(cps))
	for i := range s.recent { // as if it had been even until now
		s.recent[i] = s.last.Add(-time.Duration(len(s.recent)-1-i) * step)
	}
}

// maxCounted bounds the slots that are remembered: 240 KB.
const maxCounted = 10_000

// reserve takes the next free slot, now or later, and returns its time.
func (s *spacer) reserve(now time.Time) time.Time {
	if s.step == 0 {
		return now
	}
	slot := s.next
	if slot.Before(now) {
		slot = now
	}
	if s.recent == nil {
		s.next = slot.Add(s.step)
		return slot
	}
	if s.next.Before(now.Add(-catchUp)) {
		s.next = now // a pause
	}
	for _, t := range [...]time.Time{s.last.Add(s.step / 2), s.recent[s.oldest].Add(time.Second)} {
		if slot.Before(t) {
			slot = t
		}
	}
	s.next, s.last = s.next.Add(s.step), slot
	s.recent[s.oldest] = slot
	s.oldest = (s.oldest + 1) % len(s.recent)
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
	s.limit(t.CPS)
	return s.reserve(now)
}

// trunkKey tells trunks apart whose settings may have been read twice.
func trunkKey(t *Trunk) string { return t.Name + "\x00" + t.URI }
