package progress

import (
	"fmt"
	"math"
	"slices"
)

const (
	cadenceHz    = 18.0  // hertz by which a tone may differ from the table
	cadenceApart = 40.0  // and the distance of a pair
	apartLeast   = 100.0 // pairs that are nearer to each other are heard as one tone
	cadenceSlack = 0.14  // share of a time by which it may differ,
	cadenceEdge  = 0.04  // and seconds besides: packets come in 20 ms

	ringRest    = 0.9 // seconds of silence after a ring that make it one
	foreverLong = 2.9 // seconds of a tone that has no end
)

// beats keeps the last bursts of a call and finds cadences in them.
type beats struct {
	home []string
	last [4]burst // the newest first
	n    int
}

func (b *beats) add(x burst) {
	copy(b.last[1:], b.last[:])
	b.last[0] = x
	b.n = min(b.n+1, len(b.last))
}

// finding is what a tone means, in words too.
type finding struct{ label, cause string }

// began looks at the pauses and bursts before the tone now, which has just
// begun: two whole beats make a cadence.
func (b *beats) began(now burst) (finding, bool) {
	if b.n < 2 {
		return finding{}, false
	}
	x, y := &b.last[1], &b.last[0] // two bursts, and the pauses after them
	offX, offY := float32(y.start)*0.02-x.end(), float32(now.start)*0.02-y.end()
	if !alike(x, y) || !alike(y, &now) || offX < 0.1 || offY < 0.1 {
		return finding{}, false
	}
	times := [4]float32{x.length, offX, y.length, offY}
	c, ok := b.best(y, times, false)
	if !ok {
		return finding{}, false
	}
	return finding{c, fmt.Sprintf("%.0f Hz, %.2f s on, %.2f s off, twice", y.hz, (x.length+y.length)/2, (offX+offY)/2)}, true
}

// rests looks whether the burst that ended quiet seconds ago was a ring.
func (b *beats) rests(quiet float32) (finding, bool) {
	if b.n == 0 || quiet < ringRest {
		return finding{}, false
	}
	y := &b.last[0]
	times := [4]float32{y.length}
	if b.n > 1 && alike(&b.last[1], y) {
		if off := float32(y.start)*0.02 - b.last[1].end(); off < 0.35 {
			times = [4]float32{b.last[1].length, off, y.length}
		}
	}
	c, ok := b.best(y, times, true)
	if !ok {
		return finding{}, false
	}
	return finding{c, fmt.Sprintf("%.0f Hz for %.2f s, then silence", y.hz, y.length)}, true
}

// forever looks whether a tone that is on has no end.
func (b *beats) forever(now burst) (finding, bool) {
	if now.length < foreverLong {
		return finding{}, false
	}
	c, ok := b.best(&now, [4]float32{}, false)
	if !ok {
		return finding{}, false
	}
	return finding{c, fmt.Sprintf("%.0f Hz for %.1f s without a pause", now.hz, now.length)}, true
}

// best names the cadence that times come nearest to: first by the home
// countries, then by what is usual, then by all others.
func (b *beats) best(x *burst, times [4]float32, ring bool) (string, bool) {
	if c := nearest(x, times, ring, b.home, true); c != nil {
		return c.label, true
	}
	if label, ok := usual(x, times); ok && !ring {
		return label, true
	}
	if c := nearest(x, times, ring, b.home, false); c != nil {
		return c.label, true
	}
	return "", false
}

func nearest(x *burst, times [4]float32, ring bool, home []string, want bool) *cadence {
	var best *cadence
	score := float32(math.MaxFloat32)
	for i := range cadences {
		c := &cadences[i]
		if slices.Contains(home, c.country) != want || (c.label == Ringback) != ring || !c.sounds(x) {
			continue
		}
		if s, ok := c.distance(times, ring); ok && s < score {
			best, score = c, s
		}
	}
	return best
}

// usual reads equal beats of a single tone by their period.
func usual(x *burst, times [4]float32) (string, bool) {
	on, period := (times[0]+times[2])/2, (times[0]+times[1]+times[2]+times[3])/2
	if x.apart > 0 || x.hz < anyLow || x.hz > anyHigh || period <= 0 || on < 0.35*period || on > 0.65*period {
		return "", false
	}
	if abs(times[0]-times[2]) > 0.1 || abs(times[1]-times[3]) > 0.1 {
		return "", false
	}
	switch {
	case period >= busyFrom && period < busyUntil:
		return Busy, true
	case period >= congestionFrom && period < busyFrom:
		return Congestion, true
	}
	return "", false
}

// sounds reports whether a burst has the frequencies of c.
func (c *cadence) sounds(x *burst) bool {
	if abs(x.hz-(c.low+c.high)/2) > cadenceHz {
		return false
	}
	if apart := c.high - c.low; apart >= apartLeast || x.apart > 0 {
		return abs(x.apart-apart) <= cadenceApart
	}
	return c.high > c.low || !x.beats || c.beat[0] > 0
}

// distance is how far times are from those of c. Of a ring the last pause is
// still going on.
func (c *cadence) distance(times [4]float32, ring bool) (float32, bool) {
	want := c.beat
	if !ring && want[0] > 0 && want[2] == 0 {
		want[2], want[3] = want[0], want[1]
	}
	if ring && want[2] > 0 {
		want[3] = 0
	} else if ring {
		want[1] = 0
	}
	var sum float32
	for i, w := range want {
		d := abs(times[i] - w)
		if w == 0 && times[i] == 0 {
			continue
		}
		if w == 0 || times[i] == 0 || d > cadenceSlack*w+cadenceEdge {
			return 0, false
		}
		sum += d / w
	}
	return sum, true
}

// alike reports whether two bursts are the same tone.
func alike(x, y *burst) bool {
	return abs(x.hz-y.hz) < burstDrift && (x.apart > 0) == (y.apart > 0)
}

func abs(v float32) float32 { return max(v, -v) }
