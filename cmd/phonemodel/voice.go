package main

import (
	"math"
	"math/rand/v2"
)

// disguise is how one speaker is made to sound like another. The one speaker
// there is has a low voice and a long vocal tract; callers have any.
type disguise struct {
	pitch  float64    // factor on the pitch
	tract  float64    // factor on the formants
	upper  float64    // further factor on those above turn: tracts differ in more than length
	turn   float64    // hertz
	unrest float64    // how much the tract's factor wanders while somebody speaks
	tempo  float64    // factor on the speed
	low    float64    // hertz: the line carries nothing below
	high   float64    // hertz: nor above
	colour [8]float64 // decibels at eight points from 0 to 4 kHz: microphones and lines
}

func newDisguise(r *rand.Rand) disguise {
	d := disguise{
		pitch:  math.Exp(uniform(r, math.Log(0.85), math.Log(2.1))),
		tract:  math.Exp(uniform(r, math.Log(0.88), math.Log(1.30))),
		upper:  math.Exp(r.NormFloat64() * 0.05),
		turn:   uniform(r, 900, 2000),
		unrest: 0.03,
		tempo:  math.Exp(uniform(r, math.Log(0.72), math.Log(1.35))),
		low:    uniform(r, 60, 300),
		high:   uniform(r, 3300, 3900),
	}
	tilt := r.NormFloat64() * 4
	for i := range d.colour {
		d.colour[i] = tilt*(float64(i)/3.5-1) + r.NormFloat64()*2
	}
	return d
}

func uniform(r *rand.Rand, a, b float64) float64 { return a + (b-a)*r.Float64() }

const (
	block  = 512 // samples at voiceRate, 32 ms
	stride = block / 2
	lifter = 36 // samples: what changes faster over the spectrum is the pitch
)

// studio changes voices. One goroutine owns it. Its transforms take two blocks
// at once, one as the real and one as the imaginary part.
type studio struct {
	f        *fourier
	window   [block]float32
	re, im   [block]float32
	cre, cim [block]float32
	slow     [block]float32 // weights of the cepstrum: its slow part
	gain     [2][block/2 + 1]float32
	source   [block/2 + 1]float64
}

func newStudio() *studio {
	s := &studio{f: newFourier(block)}
	for i := range s.window {
		s.window[i] = float32(math.Sqrt(0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/block)))
		if k := min(i, block-i); k < lifter {
			s.slow[i] = float32(0.5+0.5*math.Cos(math.Pi*float64(k)/lifter)) / block
		}
	}
	return s
}

// change returns x, at voiceRate, in another voice, at half that rate. It
// lasts 1/pitch as long: whoever takes rows off it takes them as much closer
// together, which with the tempo gives the speed asked for. The tract wanders
// by r; nil: it does not.
func (s *studio) change(x []float32, d disguise, r *rand.Rand) []float32 {
	y := stretch(x, d.pitch)
	out := make([]float32, len(y)+block)
	colour := s.line(d)
	wander := 0.0
	for at := 0; at+block+stride <= len(y); at += 2 * stride {
		for i, w := range s.window {
			s.re[i], s.im[i] = y[at+i]*w, y[at+stride+i]*w
		}
		s.f.run(s.re[:], s.im[:])
		if r != nil { // from one phone to the next, some 60 ms
			wander += -0.3*wander + 0.7*d.unrest*r.NormFloat64()
		}
		s.bend(d, math.Exp(wander))
		s.shape(colour)
		for i := range s.im { // back: conjugate, transform, conjugate
			s.im[i] = -s.im[i]
		}
		s.f.run(s.re[:], s.im[:])
		for i, w := range s.window {
			out[at+i] += s.re[i] * w / block
			out[at+stride+i] -= s.im[i] * w / block
		}
	}
	half := make([]float32, len(y)/2)
	for i := range half {
		half[i] = out[2*i]
	}
	return half
}

// line is the gain of the telephone line for each bin.
func (s *studio) line(d disguise) []float32 {
	g := make([]float32, block/2+1)
	for i := range g {
		hz := float64(i) * voiceRate / block
		if hz > 3999 {
			break
		}
		x := hz / 4000 * 7
		k := min(int(x), 6)
		db := d.colour[k] + (d.colour[k+1]-d.colour[k])*(x-float64(k))
		if hz < d.low {
			db -= 40 * (d.low - hz) / d.low
		}
		if hz > d.high {
			db -= 40 * (hz - d.high) / 200
		}
		g[i] = float32(math.Pow(10, db/20))
	}
	return g
}

// bend finds for each bin the one, in the spectrum as it is, whose envelope is
// to stand there.
func (s *studio) bend(d disguise, wander float64) {
	turn := d.turn * block / voiceRate
	down := d.pitch / (d.tract * wander)
	for i := range s.source {
		x := float64(i)
		if x > turn {
			x = turn + (x-turn)/d.upper
		}
		s.source[i] = x * down
	}
}

// shape moves the envelopes of the two spectra in re and im to where bend
// wants them, and colours them.
func (s *studio) shape(colour []float32) {
	const half = block / 2
	for i := range half + 1 {
		j := (block - i) % block
		ar, ai := s.re[i]+s.re[j], s.im[i]-s.im[j]
		br, bi := s.im[i]+s.im[j], s.re[j]-s.re[i]
		s.cre[i], s.cim[i] = logarithm(ar*ar+ai*ai+4)/2, logarithm(br*br+bi*bi+4)/2
		s.cre[j], s.cim[j] = s.cre[i], s.cim[i]
	}
	s.f.run(s.cre[:], s.cim[:])
	for i, w := range s.slow {
		s.cre[i] *= w
		s.cim[i] *= w
	}
	s.f.run(s.cre[:], s.cim[:])
	for v, envelope := range [][]float32{s.cre[:], s.cim[:]} {
		for i := range half + 1 {
			x := s.source[i]
			k := min(int(x), half-1)
			part := float32(min(x-float64(k), 1))
			g := envelope[k] + (envelope[k+1]-envelope[k])*part - envelope[i]
			s.gain[v][i] = float32(math.Exp(float64(min(max(g, -4), 4)))) * colour[i]
		}
	}
	for i := range half + 1 {
		j := (block - i) % block
		a, b := s.gain[0][i]/2, s.gain[1][i]/2
		ar, ai := (s.re[i]+s.re[j])*a, (s.im[i]-s.im[j])*a
		br, bi := (s.im[i]+s.im[j])*b, (s.re[j]-s.re[i])*b
		s.re[i], s.im[i] = ar-bi, ai+br
		s.re[j], s.im[j] = ar+bi, br-ai
	}
}

// logarithm is the natural one, to a thousandth.
func logarithm(x float32) float32 {
	bits := math.Float32bits(x)
	e := float32(int(bits>>23) - 127)
	m := math.Float32frombits(bits&0x7fffff|0x3f800000) - 1
	return (e + m*(1.4423+m*(-0.7058+m*(0.3953+m*(-0.1318))))) * math.Ln2
}

// stretch reads x at the given speed, by a windowed sinc that keeps out what
// would come back as false tones.
func stretch(x []float32, speed float64) []float32 {
	const half = 10
	const steps = 64
	cut := math.Min(1, 1/speed)
	var table [steps + 1][2 * half]float32
	for p := range table {
		for k := range table[p] {
			t := float64(k-half+1) - float64(p)/steps
			w := 0.5 + 0.5*math.Cos(math.Pi*t/half)
			if math.Abs(t) >= half {
				w = 0
			}
			v := cut
			if t != 0 {
				v = math.Sin(math.Pi*t*cut) / (math.Pi * t)
			}
			table[p][k] = float32(v * w)
		}
	}
	n := int(float64(len(x)-2*half) / speed)
	y := make([]float32, max(n, 0))
	for i := range y {
		at := float64(i) * speed
		k := int(at)
		taps := &table[int((at-float64(k))*steps+0.5)]
		// The filter looks half a kernel ahead; sample k stands at k+half-1.
		src := x[k : k+2*half]
		var sum float32
		for j, v := range src {
			sum += v * taps[j]
		}
		y[i] = sum
	}
	return y
}
