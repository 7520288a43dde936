package dialer

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// However it is asked, a pace never lets more through than rate × time + burst,
// and one that is always asked lets the whole rate through.
func TestPaceKeepsItsRate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cps := rapid.Float64Range(0.1, 2000).Draw(t, "cps")
		p := newPace(cps)
		now := at("2025-06-11T10:00:00Z")
		var taken []time.Time
		for range 300 {
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(3*p.interval)).Draw(t, "step")))
			n := p.tokens(now)
			for range rapid.IntRange(0, n).Draw(t, "taken") {
				p.take(now)
				taken = append(taken, now)
			}
		}
		burst := max(1, int(cps/10))
		for i := range taken {
			for j := i; j < len(taken); j += 7 {
				if limit := taken[j].Sub(taken[i]).Seconds()*cps*1.0001 + float64(burst) + 1e-6; float64(j-i+1) > limit {
					t.Fatalf("%d calls in %v at %v a second", j-i+1, taken[j].Sub(taken[i]), cps)
				}
			}
		}
	})
}

func TestPaceGivesItsWholeRate(t *testing.T) {
	for _, cps := range []float64{0.5, 1, 7, 50, 100, 1000} {
		p := newPace(cps)
		now := at("2025-06-11T10:00:00Z")
		end, n := now.Add(60*time.Second), 0
		for now.Before(end) {
			for p.tokens(now) > 0 {
				p.take(now)
				n++
			}
			now = p.full
		}
		if want := cps * 60; float64(n) < want-1 || float64(n) > want+max(1, cps/10)+1 {
			t.Errorf("%v a second: %d calls in a minute", cps, n)
		}
	}
}

func TestPaceWithoutLimit(t *testing.T) {
	for _, cps := range []float64{0, -1, 1e9} {
		if p := newPace(cps); p.tokens(time.Time{}) < 1000 {
			t.Errorf("%v calls a second is limited", cps)
		}
	}
}

func TestChangedRateGrantsNoBurst(t *testing.T) {
	p, now := newPace(1), at("2025-06-11T10:00:00Z")
	p.take(now)
	p.limit(1000)
	if n := p.tokens(now); n != 0 {
		t.Errorf("%d calls at once after the change", n)
	}
}

func TestSpareKeepsTheTokenOfAPromise(t *testing.T) {
	p, now := newPace(0.1), at("2025-06-11T10:00:00Z")
	for _, c := range []struct {
		in   time.Duration
		want bool
	}{{time.Second, false}, {9 * time.Second, false}, {10 * time.Second, true}, {0, true}, {-time.Second, true}} {
		if got := p.spare(now, now.Add(c.in)); got != c.want {
			t.Errorf("a promise in %v: spare %v", c.in, got)
		}
	}
}
