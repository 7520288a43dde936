package keywords

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestPowers compares the transform with the sum that defines it.
func TestPowers(t *testing.T) {
	s := NewSpectrum()
	r := rand.New(rand.NewPCG(3, 4))
	var x [fftSize]float64
	for i := range x {
		x[i] = r.NormFloat64()
		v := float32(x[i])
		if at := s.reverse[i/2]; i%2 == 0 {
			s.re[at] = v
		} else {
			s.im[at] = v
		}
	}
	s.transform()
	s.powers()
	for k := range s.power {
		var re, im float64
		for i, v := range x {
			a := 2 * math.Pi * float64(i*k%fftSize) / fftSize
			re += v * math.Cos(a)
			im -= v * math.Sin(a)
		}
		if want := re*re + im*im; math.Abs(want-float64(s.power[k])) > 1e-3*(1+want) {
			t.Errorf("bin %d: %g, want %g", k, s.power[k], want)
		}
	}
}

// TestRowHearsTones: a tone is loudest in the band it lies in.
func TestRowHearsTones(t *testing.T) {
	s := NewSpectrum()
	last := -1
	for _, hz := range []float64{250, 500, 1000, 2000, 3000} {
		pcm := make([]int16, Window+1)
		for i := range pcm {
			pcm[i] = int16(5000 * math.Sin(2*math.Pi*hz*float64(i)/8000))
		}
		var row [Bands]float32
		s.Row(row[:], pcm)
		best := 0
		for b, v := range row {
			if v > row[best] {
				best = b
			}
		}
		mel := func(hz float64) float64 { return 2595 * math.Log10(1+hz/700) }
		want := (mel(hz)-mel(lowest))/(mel(highest)-mel(lowest))*(Bands+1) - 1
		if math.Abs(float64(best)-want) > 1 || best <= last {
			t.Errorf("%g Hz is loudest in band %d, want %.1f", hz, best, want)
		}
		last = best
	}
}

// TestEven: a line's level and colour leave no trace.
func TestEven(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	const n = 40
	a, b := make([]float32, n*Bands), make([]float32, n*Bands)
	for i := range a {
		a[i] = float32(r.NormFloat64()) + float32(i/Bands)
		b[i] = a[i] + 3 + float32(i%Bands)/5
	}
	Even(a, 5, 35)
	Even(b, 5, 35)
	for i := range a {
		if math.Abs(float64(a[i]-b[i])) > 1e-4 {
			t.Fatalf("number %d: %g and %g", i, a[i], b[i])
		}
	}
}
