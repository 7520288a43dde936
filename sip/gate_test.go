package sip

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// However the calls come: never more than CPS of them in any second, and none
// closer than half a step; one that does not catch up keeps whole steps.
func TestGateNeverExceedsItsRate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cps := rapid.OneOf(rapid.Float64Range(0.2, 99), rapid.Float64Range(100, 1500)).Draw(t, "cps")
		s, now := newSpacer(cps), time.Unix(1000, 0)
		var slots []time.Time
		for range rapid.IntRange(1, 60).Draw(t, "batches") {
			now = now.Add(time.Duration(rapid.IntRange(0, 300).Draw(t, "ms")) * time.Millisecond)
			for range rapid.IntRange(0, 120).Draw(t, "calls") {
				slots = append(slots, s.reserve(now))
			}
		}
		most, least := max(1, int(cps)), s.step
		if cps >= fastTrunk {
			least /= 2
		}
		for i, at := range slots {
			if i > 0 && at.Sub(slots[i-1]) < least {
				t.Fatalf("call %d at %v a second leaves %v after the one before", i, cps, at.Sub(slots[i-1]))
			}
			if i >= most && at.Sub(slots[i-most]) < min(time.Second, time.Duration(most)*s.step) {
				t.Fatalf("%d calls within %v at %v a second", most+1, at.Sub(slots[i-most]), cps)
			}
		}
	})
}

// Batches that come late cost a fast trunk nothing; a pause is not made up for.
func TestGateCatchesUp(t *testing.T) {
	const cps = 1000
	s, begun := newSpacer(cps), time.Unix(1000, 0)
	var last time.Time
	calls := 0
	for i := range 100 {
		late := time.Duration(i*7%40) * time.Millisecond
		for range cps / 10 {
			last = s.reserve(begun.Add(time.Duration(i)*100*time.Millisecond + late))
			calls++
		}
	}
	if held := float64(calls-1) / last.Sub(begun).Seconds(); held < 0.995*cps {
		t.Errorf("%.0f calls a second left of %d", held, cps)
	}
	later := begun.Add(time.Hour)
	n := 0
	for s.reserve(later).Before(later.Add(200 * time.Millisecond)) {
		n++
	}
	if most := int(cps * 0.2); n > most {
		t.Errorf("%d calls in the 200 ms after a pause, at most %d may leave", n, most)
	}
}

// A changed rate neither forgets what has just left nor catches up on it.
func TestGateOfAChangedRate(t *testing.T) {
	s, now := newSpacer(1000), time.Unix(1000, 0)
	for range 1000 {
		s.reserve(now)
	}
	s.limit(200)
	last := s.last
	for i := range 400 {
		if got := s.reserve(last); got.Sub(last) < time.Duration(i)*s.step {
			t.Fatalf("call %d leaves %v after the change", i, got.Sub(last))
		}
	}
}
