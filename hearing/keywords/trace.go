package keywords

import "math"

// evidence is what speaks for and against a word, once it is known where each
// of its phones would lie. All but phones are logarithms of likelihoods a frame.
type evidence struct {
	score    float64 // against any sequence of phones, over the frames of the word
	margin   float64 // against the best word of another label, over the same
	worst    float64 // of the worst phone, against the best phone in its frames
	edge     float64 // of the pauses on either side, likewise: speech that the word leaves over
	slow     float64 // how much slower than usual its slowest phone is, in octaves
	phones   float64 // how many, to 10
	squeezed float64 // share of the phones that are as short as may be: the word was forced on the sound
	clear    float64 // of the best phones in the frames of the word, whatever they are
}

// Parts returns the evidence as numbers, for weights to be found for.
func (e evidence) parts() [parts]float64 {
	return [parts]float64{1, e.score, e.margin, e.worst, e.edge, e.slow, e.phones, e.squeezed, e.clear}
}

const parts = 9

// trace finds the path by which a way reaches its best score, and weighs its
// phones one by one. best is that score, loop the loop's, other that of the
// best word of another label.
func (w *desk) trace(c *way, s *Search, best, loop, other float32) evidence {
	w.align(c, float32(s.Stay))
	frames := 0
	e := evidence{phones: math.Min(float64(c.length), 10)}
	var left, leftFrames float64
	for f := 0; f < w.frames; {
		at := w.taken[f]
		phone := c.states[at].phone
		to := f
		var lost, clear float64
		for to < w.frames && c.states[w.taken[to]].phone == phone && sameRun(c, w.taken[f], w.taken[to]) {
			top := w.top(to)
			lost += float64(w.scores[to*w.phones+int(phone)] - top)
			clear += float64(top)
			to++
		}
		n := float64(to - f)
		if c.states[at].skip {
			left += lost
			leftFrames += n
		} else {
			frames += to - f
			e.worst = math.Min(e.worst, lost/n)
			e.slow = math.Max(e.slow, math.Log2(n/usual))
			e.clear += clear
			if to-f <= s.Least {
				e.squeezed += 1 / float64(c.length)
			}
		}
		f = to
	}
	if leftFrames > 0 {
		e.edge = left / leftFrames
	}
	n := math.Max(float64(frames), 1)
	e.score = float64(best-loop) / n
	e.clear /= n
	e.margin = math.Min(float64(best-other)/n, mostMargin)
	return e
}

// usual is how many frames of 20 ms a phone lasts in a short answer.
const usual = 5

// sameRun reports whether two states belong to one phone of the way.
func sameRun(c *way, a, b uint16) bool {
	for i := a; i < b; i++ {
		if c.states[i].stay { // the last state of its phone
			return false
		}
	}
	return true
}

// top is the score of the phone that fits a frame best.
func (w *desk) top(f int) float32 {
	s := w.scores[f*w.phones : (f+1)*w.phones]
	best := s[0]
	for _, v := range s {
		best = max(best, v)
	}
	return best
}

// align is fit with its path: taken holds the state of each frame.
func (w *desk) align(c *way, stay float32) {
	n := len(c.states)
	if need := n * w.frames; cap(w.back) < need {
		w.back = make([]uint8, need)
	}
	if cap(w.taken) < w.frames {
		w.taken = make([]uint16, w.frames)
	}
	w.taken = w.taken[:w.frames]
	d, back := w.route[:n], w.back[:n*w.frames]
	for i := range d {
		d[i] = never
	}
	d[0], d[1] = w.scores[c.states[0].phone], w.scores[c.states[1].phone]
	for f := 1; f < w.frames; f++ {
		s := w.scores[f*w.phones : (f+1)*w.phones]
		for i := n - 1; i >= 0; i-- {
			best, from := float32(never), uint8(0)
			if c.states[i].stay {
				best = d[i] + stay
			}
			if i > 0 && d[i-1] > best {
				best, from = d[i-1], 1
			}
			if i > 1 && c.states[i-1].skip && d[i-2] > best {
				best, from = d[i-2], 2
			}
			d[i] = best + s[c.states[i].phone]
			back[f*n+i] = from
		}
	}
	at := n - 1
	if d[n-2] > d[n-1] {
		at = n - 2
	}
	for f := w.frames - 1; f >= 0; f-- {
		w.taken[f] = uint16(at)
		if f > 0 {
			at -= int(back[f*n+at])
		}
	}
}
