package keywords

import (
	"math"
	"time"
)

// Search holds the figures of the search, tuned on the development sets that
// docs/decisions/013-keywords.md names.
type Search struct {
	Prior  float64 // share of a phone's prior that is taken off
	Least  int     // frames of 20 ms that a phone lasts at least
	Stay   float64 // logarithm: a phone goes on
	Switch float64 // logarithm: the loop begins another phone
	// Sure are the weights of the confidence: constant, score, margin, phones.
	Sure [4]float64
}

// fit is the best score of a way over all frames (Viterbi 1967).
func (w *desk) fit(c *way, stay float32) float32 {
	n := len(c.states)
	if cap(w.path) < n {
		w.path = make([]float32, n)
	}
	d := w.path[:n]
	for i := range d {
		d[i] = never
	}
	s := w.scores[:w.phones]
	d[0] = s[c.states[0].phone]
	d[1] = s[c.states[1].phone]
	for f := 1; f < w.frames; f++ {
		s := w.scores[f*w.phones : (f+1)*w.phones]
		for i := n - 1; i >= 0; i-- {
			best := float32(never)
			st := &c.states[i]
			if st.stay {
				best = d[i] + stay
			}
			if i > 0 {
				best = max(best, d[i-1])
				if i > 1 && c.states[i-1].skip {
					best = max(best, d[i-2])
				}
			}
			d[i] = best + s[st.phone]
		}
	}
	return max(d[n-1], d[n-2])
}

const never = -1e9

// loop is the best score of any sequence of phones, each two frames or more.
func (w *desk) loop(stay, change float32) float32 {
	const most = 128
	var first, later [most]float32
	k := min(w.phones, most)
	for p := range k {
		first[p], later[p] = w.scores[p], never
	}
	for f := 1; f < w.frames; f++ {
		s := w.scores[f*w.phones : f*w.phones+k]
		enter := float32(never)
		for p := range k {
			enter = max(enter, later[p])
		}
		enter += change
		for p, v := range s {
			later[p] = max(first[p], later[p]+stay) + v
			first[p] = enter + v
		}
	}
	best := float32(never)
	for p := range k {
		best = max(best, later[p])
	}
	return best
}

// decide finds the word that fits the scores best.
func (w *desk) decide(g *Grammar, took time.Duration) Decision {
	s := &g.model.head.Search
	top, other := -1, -1 // ways
	var best, second float32 = never, never
	label, labelled := -1, float32(never) // the best word that is no filler
	for i := range g.ways {
		c := &g.ways[i]
		v := w.fit(c, float32(s.Stay))
		word := &g.words[c.word]
		if !word.Filler && v > labelled {
			label, labelled = i, v
		}
		switch {
		case v > best:
			if top >= 0 && !g.same(top, i) {
				other, second = top, best
			}
			top, best = i, v
		case v > second && !g.same(top, i):
			other, second = i, v
		}
	}
	if top < 0 {
		return Decision{Took: took}
	}
	frames := float64(w.frames)
	chosen := &g.words[g.ways[top].word]
	d := Decision{
		Text: chosen.Text, Took: took,
		Score:  float64(best-w.loop(float32(s.Stay), float32(s.Switch))) / frames,
		Margin: mostMargin,
	}
	if other >= 0 {
		d.Second = g.words[g.ways[other].word].Text
		d.Margin = min(float64(best-second)/frames, mostMargin)
	}
	if chosen.Filler {
		if label < 0 {
			return d
		}
		score, margin := d.Score+float64(labelled-best)/frames, float64(labelled-best)/frames
		d.Confidence = s.confidence(score, margin, g.ways[label].length)
		return d
	}
	d.Label = chosen.Label
	d.Confidence = s.confidence(d.Score, d.Margin, g.ways[top].length)
	return d
}

// mostMargin bounds a margin: more does not make surer.
const mostMargin = 1.0

// same reports whether two ways mean the same.
func (g *Grammar) same(a, b int) bool {
	x, y := &g.words[g.ways[a].word], &g.words[g.ways[b].word]
	return x.Filler == y.Filler && x.Label == y.Label
}

func (s *Search) confidence(score, margin float64, phones int) float64 {
	x := s.Sure[0] + s.Sure[1]*score + s.Sure[2]*margin + s.Sure[3]*math.Min(float64(phones), 10)
	return 1 / (1 + math.Exp(-x))
}
