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
	coef := g.coef[:min(len(g.coef), len(dst))]
	i := 0
	for ; i+4 <= len(coef); i += 4 {
		four(dst[i:i+4], block, coef[i:i+4], scale)
	}
	for ; i < len(coef); i++ {
		c := coef[i]
		var a, b float64
		for _, v := range block {
			a, b = v+c*a-b, a
		}
		dst[i] = power(a, b, c, scale)
	}
}

// four measures four frequencies in one pass: each recurrence waits for its
// own last step, so four side by side take little longer than one.
func four(dst, block, coef []float64, scale float64) {
	c0, c1, c2, c3 := coef[0], coef[1], coef[2], coef[3]
	var a0, b0, a1, b1, a2, b2, a3, b3 float64
	for _, v := range block {
		a0, b0 = v+c0*a0-b0, a0
		a1, b1 = v+c1*a1-b1, a1
		a2, b2 = v+c2*a2-b2, a2
		a3, b3 = v+c3*a3-b3, a3
	}
	dst[0], dst[1] = power(a0, b0, c0, scale), power(a1, b1, c1, scale)
	dst[2], dst[3] = power(a2, b2, c2, scale), power(a3, b3, c3, scale)
}

func power(a, b, c, scale float64) float64 { return (a*a + b*b - c*a*b) * scale }
