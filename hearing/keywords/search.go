package keywords

import (
	"math"
	"time"
)

// Search holds the figures of the search, tuned on the development sets that
// docs/decisions/017-keywords.md names.
type Search struct {
	Prior  float64 // share of a phone's prior that is taken off
	Least  int     // frames of 20 ms that a phone lasts at least
	Stay   float64 // logarithm: a phone goes on
	Switch float64 // logarithm: the loop begins another phone
	// Sure are the weights of the confidence: a constant, then those of the
	// evidence in the order of its fields.
	Sure [parts]float64
}

// fit is the best score of a way over all frames (Viterbi 1967). It is the
// inner loop of a decision: it counts in whole numbers, which processors
// compare faster, and two entries before the first state, never reached, spare
// it every question but which of three is most.
func (w *desk) fit(c *way, stay int32) float32 {
	n := len(c.steps)
	if w.frames < c.least {
		return never
	}
	d := w.path[:n+2]
	for i := range d {
		d[i] = barred
	}
	steps := c.steps
	d[2] = w.marks[steps[0].phone]
	d[3] = w.marks[steps[1].phone]
	for f := 1; f < w.frames; f++ {
		s := w.marks[f*w.phones : (f+1)*w.phones]
		after := d[n+1]
		for i := n - 1; i >= 0; i-- {
			st := &steps[i]
			before := d[i+1]
			d[i+2] = max(after+stay+st.last, before, d[i]+st.skip) + s[st.phone]
			after = before
		}
	}
	return float32(max(d[n+1], d[n])) / fine
}

const (
	never  = -1e5     // no sum of scores is as low
	fine   = 1024     // whole numbers to one
	barred = -1 << 29 // never, in whole numbers: three of them are still a number
)

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
	top, best := -1, float32(never)
	label, labelled := -1, float32(never) // the best that is no filler
	w.fits = w.fits[:0]
	for i := range g.ways {
		v := w.fit(&g.ways[i], int32(s.Stay*fine))
		w.fits = append(w.fits, v)
		if v > best {
			top, best = i, v
		}
		if v > labelled && !g.words[g.ways[i].word].Filler {
			label, labelled = i, v
		}
	}
	if top < 0 || best < never/2 {
		return Decision{Took: took}
	}
	d := Decision{Text: g.words[g.ways[top].word].Text, Took: took}
	if label < 0 || labelled < never/2 {
		return d
	}
	other, second := -1, float32(never)
	for i, v := range w.fits {
		if v > second && !g.same(label, i) {
			other, second = i, v
		}
	}
	if other >= 0 {
		d.Second = g.words[g.ways[other].word].Text
	}
	e := w.trace(&g.ways[label], s, labelled, w.loop(float32(s.Stay), float32(s.Switch)), second)
	d.Score, d.Margin, d.Confidence = e.score, e.margin, s.confidence(e)
	d.Evidence = e.parts()
	if top == label {
		d.Label = g.words[g.ways[label].word].Label
	}
	return d
}

// mostMargin bounds a margin: more does not make surer.
const mostMargin = 1.0

// same reports whether two ways mean the same.
func (g *Grammar) same(a, b int) bool {
	x, y := &g.words[g.ways[a].word], &g.words[g.ways[b].word]
	return x.Filler == y.Filler && x.Label == y.Label
}

// confidence is a logistic regression over the evidence.
func (s *Search) confidence(e evidence) float64 {
	var x float64
	for i, p := range e.parts() {
		x += s.Sure[i] * p
	}
	return 1 / (1 + math.Exp(-x))
}
