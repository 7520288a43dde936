package net

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"
)

func small(r *rand.Rand) *Net {
	n := &Net{Layers: []Layer{
		{Span: 3, Step: 2, In: 16, Out: 32},
		{Span: 2, Step: 1, In: 32, Out: 16},
	}}
	for i := range n.Layers {
		l := &n.Layers[i]
		l.W, l.B = random(r, l.Span*l.In*l.Out), random(r, l.Out)
	}
	n.Ready()
	return n
}

// TestForward compares a net with the sums that define it.
func TestForward(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	n := small(r)
	const rows = 15
	x := random(r, rows*16)
	want := x
	count := rows
	for i, l := range n.Layers {
		out := []float32{}
		next := (count-l.Span)/l.Step + 1
		for f := range next {
			for o := range l.Out {
				sum := float64(l.B[o])
				for k := range l.Span * l.In {
					sum += float64(want[f*l.Step*l.In+k]) * float64(l.W[k*l.Out+o])
				}
				if i == 0 {
					sum = max(sum, 0)
				}
				out = append(out, float32(sum))
			}
		}
		want, count = out, next
	}
	if n.Rows(rows) != count {
		t.Errorf("%d rows, want %d", n.Rows(rows), count)
	}
	if span, step := n.Span(); span != 5 || step != 2 {
		t.Errorf("span %d, step %d", span, step)
	}
	var w Work
	got := n.Forward(&w, x)
	if len(got) != len(want) {
		t.Fatalf("%d numbers, want %d", len(got), len(want))
	}
	for i := range want {
		if math.Abs(float64(got[i]-want[i])) > 1e-2 {
			t.Fatalf("number %d: %g, want %g", i, got[i], want[i])
		}
	}
	if n.Forward(&w, x[:16]) != nil {
		t.Error("an answer from less than the net looks at")
	}
}

// TestWriteRead: a net comes back as it was, but for a rounding; a sealed one
// is written as it was read.
func TestWriteRead(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	n := small(r)
	for i := range n.Layers {
		for j := range n.Layers[i].W {
			n.Layers[i].W[j] /= 8
		}
	}
	n.Ready()
	var first, again bytes.Buffer
	if err := n.Write(&first); err != nil {
		t.Fatal(err)
	}
	m, err := Read(bytes.NewReader(first.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Write(&again); err != nil {
		t.Fatal(err)
	}
	k, err := Read(bytes.NewReader(again.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	x := random(r, 20*16)
	var a, b, c Work
	p, q, s := n.Forward(&a, x), m.Forward(&b, x), k.Forward(&c, x)
	for i := range p {
		if math.Abs(float64(p[i]-q[i])) > 0.02 || math.Abs(float64(q[i]-s[i])) > 0.02 {
			t.Fatalf("number %d: %g, read %g, read again %g", i, p[i], q[i], s[i])
		}
	}
	if m.Bytes() >= n.Bytes() {
		t.Errorf("%d bytes sealed, %d before", m.Bytes(), n.Bytes())
	}
}
