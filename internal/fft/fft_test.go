package fft

import (
	"math"
	"math/cmplx"
	"math/rand/v2"
	"testing"
)

// TestPowers holds both transforms to the sum that defines them.
func TestPowers(t *testing.T) {
	var re64, im64, out64 [64]float32
	near(t, random(re64[:], im64[:]), func() []float32 { Powers128(&re64, &im64, &out64); return out64[:] })
	var re, im, out [128]float32
	near(t, random(re[:], im[:]), func() []float32 { Powers256(&re, &im, &out); return out[:] })
}

// random fills re with the even and im with the odd ones of the numbers that it returns.
func random(re, im []float32) []float64 {
	r := rand.New(rand.NewPCG(1, 2))
	x := make([]float64, 2*len(re))
	for i := range re {
		re[i], im[i] = float32(r.NormFloat64()), float32(r.NormFloat64())
		x[2*i], x[2*i+1] = float64(re[i]), float64(im[i])
	}
	return x
}

func near(t *testing.T, x []float64, powers func() []float32) {
	t.Helper()
	for k, got := range powers() {
		var sum complex128
		for i, v := range x {
			sum += complex(v, 0) * cmplx.Exp(complex(0, -2*math.Pi*float64(k*i%len(x))/float64(len(x))))
		}
		want := 4 * real(sum*cmplx.Conj(sum))
		if math.Abs(float64(got)-want) > 1e-4*(1+want) {
			t.Errorf("of %d numbers bin %d has %g, the definition gives %g", len(x), k, got, want)
		}
	}
}

func TestNothingIsAllocated(t *testing.T) {
	var re64, im64, out64 [64]float32
	var re, im, out [128]float32
	if n := testing.AllocsPerRun(10, func() { Powers128(&re64, &im64, &out64); Powers256(&re, &im, &out) }); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

func BenchmarkPowers256(b *testing.B) {
	var in, re, im, out [128]float32
	random(in[:], in[:])
	for b.Loop() {
		re, im = in, in
		Powers256(&re, &im, &out)
	}
}

func BenchmarkPowers128(b *testing.B) {
	var in, re, im, out [64]float32
	random(in[:], in[:])
	for b.Loop() {
		re, im = in, in
		Powers128(&re, &im, &out)
	}
}
