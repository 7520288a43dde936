package main

import (
	"math"
	"math/rand/v2"

	"dozvon/hearing/keywords"
	"dozvon/hearing/keywords/net"
)

// shape is the net: spans, steps, widths. It looks at 23 rows, 0.23 s, and
// gives an answer every 20 ms.
func newNet(r *rand.Rand, width, phones int) *net.Net {
	out := (phones + net.Width - 1) / net.Width * net.Width
	n := &net.Net{Layers: []net.Layer{
		{Span: 7, Step: 2, In: keywords.Bands, Out: width},
		{Span: 5, Step: 1, In: width, Out: width},
		{Span: 5, Step: 1, In: width, Out: width},
		{Span: 1, Step: 1, In: width, Out: width},
		{Span: 1, Step: 1, In: width, Out: out},
	}}
	for i := range n.Layers {
		l := &n.Layers[i]
		k := l.Span * l.In
		l.W, l.B = make([]float32, k*l.Out), make([]float32, l.Out)
		size := math.Sqrt(2 / float64(k))
		if i == len(n.Layers)-1 {
			size = math.Sqrt(1 / float64(k))
		}
		for j := range l.W {
			l.W[j] = float32(r.NormFloat64() * size)
		}
	}
	return n
}

// trainer improves a net, lesson by lesson (Adam: Kingma and Ba 2015).
type trainer struct {
	r       *rand.Rand
	net     *net.Net
	phones  int
	smooth  float32 // share of the certainty given to all other phones
	drop    float64 // share of the numbers between layers that are blanked
	work    net.Work
	weights [][]float32 // of all layers: W, B, W, B …
	grads   [][]float32
	first   [][]float32
	second  [][]float32
	mean    [][]float32 // of the weights over the last updates
	means   int
	deltas  [][]float32
	pack    net.Panels
	steps   int
	right   int
	judged  int
}

func newTrainer(n *net.Net, phones int, r *rand.Rand) *trainer {
	t := &trainer{r: r, net: n, phones: phones, smooth: 0.05, drop: 0.1, deltas: make([][]float32, len(n.Layers))}
	for i := range n.Layers {
		t.weights = append(t.weights, n.Layers[i].W, n.Layers[i].B)
	}
	for _, w := range t.weights {
		t.grads = append(t.grads, make([]float32, len(w)))
		t.first = append(t.first, make([]float32, len(w)))
		t.second = append(t.second, make([]float32, len(w)))
		t.mean = append(t.mean, make([]float32, len(w)))
	}
	return t
}

// batch joins lessons into one input: rows, and for every output the phone or
// -1. Outputs that look at two lessons learn nothing.
func batch(lessons []lesson, n *net.Net) (rows []float32, phones []int16) {
	span, _ := n.Span()
	for _, l := range lessons {
		rows = append(rows, l.rows...)
		phones = append(phones, l.phones...)
		for range (len(l.rows)/keywords.Bands - 2*len(l.phones)) / 2 {
			phones = append(phones, -1)
		}
	}
	return rows, phones[:(len(rows)/keywords.Bands-span)/2+1]
}

// learn does one update on a batch.
func (t *trainer) learn(rows []float32, phones []int16, rate float64) {
	n := t.net
	n.Ready()
	out := t.forward(rows)
	last := len(n.Layers) - 1
	t.deltas[last] = grow(t.deltas[last], len(out))
	t.loss(out, phones, t.deltas[last])
	for i := last; i >= 0; i-- {
		l := &n.Layers[i]
		in := rows
		if i > 0 {
			in = t.work.Layer(i - 1)
		}
		t.backward(i, l, in)
	}
	t.update(rate)
}

func (t *trainer) forward(rows []float32) []float32 {
	return t.net.ForwardDrop(&t.work, rows, t.drop, t.r)
}

// loss fills delta with the gradient of the cross entropy.
func (t *trainer) loss(out []float32, phones []int16, delta []float32) {
	width := t.net.Out()
	counted := 0
	for _, p := range phones {
		if p >= 0 {
			counted++
		}
	}
	scale := 1 / float32(max(counted, 1))
	for f, want := range phones {
		d := delta[f*width : (f+1)*width]
		clear(d)
		if want < 0 {
			continue
		}
		row := out[f*width : f*width+t.phones]
		best, top := 0, row[0]
		for p, v := range row {
			if v > top {
				best, top = p, v
			}
		}
		var sum float32
		for p, v := range row {
			e := float32(math.Exp(float64(v - top)))
			d[p] = e
			sum += e
		}
		for p := range row {
			d[p] = (d[p]/sum - t.smooth/float32(t.phones)) * scale
		}
		d[want] -= (1 - t.smooth) * scale
		t.judged++
		if best == int(want) {
			t.right++
		}
	}
}

// backward finds the gradients of layer i from the delta of its output, and
// the delta of its input.
func (t *trainer) backward(i int, l *net.Layer, in []float32) {
	delta := t.deltas[i]
	rows := len(delta) / l.Out
	gw, gb := t.grads[2*i], t.grads[2*i+1]
	clear(gw)
	clear(gb)
	for r := range rows {
		for j, v := range delta[r*l.Out : (r+1)*l.Out] {
			gb[j] += v
		}
	}
	t.pack.Pack(delta, rows, l.Out, l.Out, 1)
	t.pack.Add(gw, l.Out, l.Span*l.In, in, 1, l.Step*l.In)
	if i == 0 {
		return
	}
	t.deltas[i-1] = grow(t.deltas[i-1], len(in))
	before := t.deltas[i-1]
	clear(before)
	t.pack.Pack(l.W, l.Out, l.Span*l.In, 1, l.Out)
	t.pack.Add(before, l.Step*l.In, rows, delta, l.Out, 1)
	for j, v := range in { // nothing flows through what was cut or blanked
		if v <= 0 {
			before[j] = 0
		}
	}
	if t.drop > 0 {
		k := float32(1 / (1 - t.drop))
		for j := range before {
			before[j] *= k
		}
	}
}

// update is a step of Adam.
func (t *trainer) update(rate float64) {
	t.steps++
	const b1, b2 = 0.9, 0.999
	c1 := float32(1 / (1 - math.Pow(b1, float64(t.steps))))
	c2 := float32(1 / (1 - math.Pow(b2, float64(t.steps))))
	for i, w := range t.weights {
		decay := float32(0)
		if i%2 == 0 {
			decay = float32(rate * 0.01)
		}
		g, m, v := t.grads[i], t.first[i], t.second[i]
		for j := range w {
			m[j] = b1*m[j] + (1-b1)*g[j]
			v[j] = b2*v[j] + (1-b2)*g[j]*g[j]
			w[j] -= float32(rate)*m[j]*c1/(float32(math.Sqrt(float64(v[j]*c2)))+1e-8) + decay*w[j]
		}
	}
}

// remember adds the weights of now to their mean.
func (t *trainer) remember() {
	t.means++
	k := 1 / float32(t.means)
	for i, w := range t.weights {
		for j, v := range w {
			t.mean[i][j] += (v - t.mean[i][j]) * k
		}
	}
}

// settle takes the mean for the weights.
func (t *trainer) settle() {
	if t.means > 0 {
		for i, w := range t.weights {
			copy(w, t.mean[i])
		}
	}
	t.net.Ready()
}

func grow(x []float32, n int) []float32 {
	if cap(x) < n {
		return make([]float32, n)
	}
	return x[:n]
}
