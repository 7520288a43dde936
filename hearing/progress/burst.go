package progress

import "math"

const (
	burstDrift  = 25.0 // hertz by which a tone's centre may differ from its mean: pairs 40 Hz apart beat
	burstMisses = 2    // frames without the tone that end it
	burstBridge = 4    // frames that never came, which do not
	burstShort  = 5    // frames (100 ms) from which on a tone is no accident of speech
	steadyHz    = 5.0  // spread of a pure tone's frequency at most
	sureFrames  = 12   // frames of a calm tone that no voice holds
	sureHz      = 2.0
	sureRipple  = 1.2
	calmHz      = 15.0 // and of a tone that beats
)

// burst is a stretch of sound that is one tone, or one pair of tones.
type burst struct {
	start  int     // frame of the phase in which it began
	frames int     // in which it was heard
	length float32 // seconds, by the power at its edges
	hz     float32 // its centre
	apart  float32 // hertz between the two of a pair; 0: a single tone
	beats  bool    // two tones near to each other
	spread float32 // of its frequency: standard deviation in hertz
	level  float32 // decibels of full scale
	ripple float32 // mean change of level from frame to frame, decibels
}

func (b *burst) end() float32 { return float32(b.start)*0.02 + b.length }

// pure reports whether b is a single tone that keeps its pitch.
func (b *burst) pure() bool { return b.apart == 0 && !b.beats && b.spread < steadyHz }

// run gathers a burst while it lasts.
type run struct {
	start, last    int     // first and last frame of the tone
	frames, missed int     // of the tone; without it since
	filled         int     // frames that never came since the last of the tone
	mean, m2       float32 // of the centre, by Welford's method, edges left out
	n              int
	held           float32 // the last centre: it may be an edge
	pairs, beats   int     // frames that held two tones apart, or near each other
	apart          float32 // sum over those
	power          float32 // sum of the frames', but for the first
	first, before  float32 // power of the first frame and of the one before it
	lastPower      float32
	after          float32 // power of the first frame without the tone
	ripple, lastDB float32
	change         float32 // of level with the last frame, which may be an edge; negative: none
	ripples        int
	judged         int // frames at which it was last judged
	active         bool
}

// tracker makes bursts of frames.
type tracker struct {
	now, next run     // the tone heard, and another that may follow it at once
	power     float32 // of the frame before
}

// hear takes the peaks and the power of frame at. It returns a burst if one
// has just ended.
func (t *tracker) hear(at int, p *peaks, power, db float32) (ended burst, ok bool) {
	before := t.power
	t.power = power
	if t.now.active && t.now.fits(p) {
		t.now.add(at, p, power, db)
		t.next = run{}
		return burst{}, false
	}
	if t.now.active {
		if t.now.missed++; t.now.missed == 1 {
			t.now.after = power
		}
	}
	switch {
	case !p.pure:
		t.next = run{}
	case t.next.active && t.next.fits(p):
		t.next.add(at, p, power, db)
	default:
		t.next = run{active: true, start: at, before: before}
		t.next.add(at, p, power, db)
	}
	if t.now.active && t.now.missed >= burstMisses {
		ended, ok = t.now.close(), true
		t.now = run{}
	}
	if !t.now.active && t.next.active {
		t.now, t.next = t.next, run{}
	}
	return ended, ok
}

// skip takes a frame whose window has a hole: by its level it belongs to the
// tone or not.
func (t *tracker) skip(at int, db float32) {
	if r := &t.now; db > r.lastDB-3 && db < r.lastDB+3 {
		r.last, r.missed = at, 0
	} else {
		r.filled++
	}
}

// miss takes a period in which nothing came.
func (t *tracker) miss() (ended burst, ok bool) {
	if !t.now.active {
		return burst{}, false
	}
	if t.now.filled++; t.now.filled <= burstBridge {
		return burst{}, false
	}
	ended = t.now.close()
	t.now, t.next, t.power = run{}, run{}, 0
	return ended, true
}

// steady reports whether a tone is on and for how many frames.
func (t *tracker) steady() int {
	if !t.now.active || t.now.missed > 0 {
		return 0
	}
	return t.now.last - t.now.start + 1
}

func (r *run) fits(p *peaks) bool {
	mean := r.mean
	if r.n == 0 {
		mean = r.held
	}
	return (p.pure || p.soft && r.frames > 2) && abs(p.hz-mean) <= burstDrift
}

func (r *run) add(at int, p *peaks, power, db float32) {
	if r.frames == 0 {
		r.first, r.start = power, at
	} else {
		r.power += power
		if r.frames > 1 { // the last centre lies between edges now
			r.n++
			d := r.held - r.mean
			r.mean += d / float32(r.n)
			r.m2 += d * (r.held - r.mean)
			if r.change >= 0 {
				r.ripple += r.change
				r.ripples++
			}
		}
	}
	r.change = -1
	if r.frames > 1 && r.filled == 0 && r.missed == 0 {
		r.change = abs(db - r.lastDB)
	}
	r.frames++
	r.last, r.held, r.lastPower, r.lastDB = at, p.hz, power, db
	r.missed, r.filled = 0, 0
	if p.beats {
		r.beats++
	}
	if p.apart > 0 {
		r.pairs++
		r.apart += p.apart
	}
}

// close makes a burst of the run. Its length is that of the frames, where the
// ones at the edges count by their power.
func (r *run) close() burst {
	span := r.last - r.start + 1
	b := burst{start: r.start, frames: span, hz: r.held, ripple: 99}
	level := r.first
	if r.frames > 1 {
		level = r.power / float32(r.frames-1)
		if r.frames > 2 {
			level = (r.power - r.lastPower) / float32(r.frames-2)
		}
	}
	b.level = decibels(float64(level))
	part := func(p float32) float32 {
		if level <= 0 {
			return 0
		}
		return min(p/level, 1)
	}
	n := float32(span) + part(r.before) + part(r.after)
	n -= 1 - part(r.first)
	if r.frames > 1 {
		n -= 1 - part(r.lastPower)
	}
	b.length = n * 0.02
	if r.n > 0 {
		b.hz = r.mean
		b.spread = float32(math.Sqrt(float64(r.m2 / float32(r.n))))
	}
	if 2*r.pairs > r.frames {
		b.apart = r.apart / float32(r.pairs)
	}
	b.beats = 3*r.beats > r.frames
	if r.ripples > 1 {
		b.ripple = r.ripple / float32(r.ripples)
	}
	return b
}

// soFar is the burst as if it ended now.
func (t *tracker) soFar() burst {
	r := t.now
	return r.close()
}

// calm reports whether the pitch has stayed about the same: a tone or a note,
// not speech that glides.
func (r *run) calm() bool { return r.n < 2 || r.m2 < calmHz*calmHz*float32(r.n) }

// sure reports whether the run is no vowel: short ones must keep pitch and
// level, as voices that read a text can't for long.
func (r *run) sure() bool {
	if r.last-r.start+1 >= sureFrames {
		return r.calm()
	}
	return r.m2 < sureHz*sureHz*float32(r.n) && r.ripple < sureRipple*float32(r.ripples)
}
