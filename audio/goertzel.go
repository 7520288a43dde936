package audio

import "math"

// GoertzelBank measures the power of a few frequencies in a block of samples:
// a handful of bins of a Fourier transform, at any frequency.
type GoertzelBank struct{ coef []float64 }

// NewGoertzelBank makes a bank for the given frequencies in hertz.
func NewGoertzelBank(freqs ...float64) *GoertzelBank {
	b := &GoertzelBank{coef: make([]float64, len(freqs))}
	for i, f := range freqs {
		b.coef[i] = 2 * math.Cos(2*math.Pi*f/Rate)
	}
	return b
}

// Powers writes into dst, for each frequency of the bank, the share of the
// block's energy that a sine of that frequency explains, times the block's
// energy: for a pure tone on the frequency it equals the sum of the squares
// of the samples. It allocates nothing.
func (g *GoertzelBank) Powers(dst []float64, block []float64) {
	if len(block) == 0 {
		clear(dst)
		return
	}
	scale := 2 / float64(len(block))
	for i, c := range g.coef[:min(len(g.coef), len(dst))] {
		var a, b float64
		for _, v := range block {
			a, b = v+c*a-b, a
		}
		dst[i] = (a*a + b*b - c*a*b) * scale
	}
}
