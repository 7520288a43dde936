package keywords

import (
	"math"

	"dozvon/audio"
)

// What the net sees of sound: every 10 ms the logarithms of the energies in
// Bands bands of equal width on the mel scale (Stevens, Volkmann, Newman 1937,
// in O'Shaughnessy's formula), within what a telephone carries, over a Hamming
// window of 25 ms.
const (
	Bands    = 24
	Hop      = audio.Rate / 100       // samples between two rows: 10 ms
	Window   = audio.Rate * 25 / 1000 // samples
	fftSize  = 256
	lowest   = 180.0  // hertz
	highest  = 3700.0 // hertz
	emphasis = 0.95   // of the sample before, taken off: evens out the fall of speech towards high tones
	floor    = 100.0  // energy added to each band: below it lies the rounding of a line
)

// Spectrum turns windows of sound into rows of bands. It is not shared: it
// holds the memory of its transform.
type Spectrum struct {
	window  [Window]float32
	filters [Bands]filter
	cos     [fftSize / 2]float32 // of the full circle's first half
	sin     [fftSize / 2]float32
	reverse [fftSize / 2]uint8
	re, im  [fftSize / 2]float32
	power   [fftSize/2 + 1]float32
}

// filter is a triangle over some bins of the spectrum.
type filter struct {
	first   int
	weights []float32
}

// NewSpectrum prepares the transform.
func NewSpectrum() *Spectrum {
	s := &Spectrum{}
	for i := range s.window {
		s.window[i] = float32(0.54 - 0.46*math.Cos(2*math.Pi*float64(i)/(Window-1)))
	}
	for i := range s.cos {
		a := 2 * math.Pi * float64(i) / fftSize
		s.cos[i], s.sin[i] = float32(math.Cos(a)), float32(-math.Sin(a))
	}
	for i := range s.reverse {
		r := 0
		for b := range 7 {
			r |= i >> b & 1 << (6 - b)
		}
		s.reverse[i] = uint8(r)
	}
	s.filters = triangles()
	return s
}

func triangles() (f [Bands]filter) {
	mel := func(hz float64) float64 { return 2595 * math.Log10(1+hz/700) }
	edge := func(i int) float64 { // in bins
		m := mel(lowest) + (mel(highest)-mel(lowest))*float64(i)/(Bands+1)
		return 700 * (math.Pow(10, m/2595) - 1) * fftSize / audio.Rate
	}
	for i := range f {
		left, top, right := edge(i), edge(i+1), edge(i+2)
		f[i].first = int(math.Ceil(left))
		for b := f[i].first; float64(b) < right; b++ {
			x := float64(b)
			f[i].weights = append(f[i].weights, float32(max(0, min((x-left)/(top-left), (right-x)/(right-top)))))
		}
	}
	return f
}

// Row writes the bands of the Window samples after the first of pcm into row;
// the first is only what stands before them.
func (s *Spectrum) Row(row []float32, pcm []int16) {
	pcm = pcm[:Window+1]
	for i := range s.re {
		s.re[i], s.im[i] = 0, 0
	}
	for i := range Window / 2 { // even samples as real parts, odd ones as imaginary
		a, b, c := float32(pcm[2*i]), float32(pcm[2*i+1]), float32(pcm[2*i+2])
		at := s.reverse[i]
		s.re[at] = (b - emphasis*a) * s.window[2*i]
		s.im[at] = (c - emphasis*b) * s.window[2*i+1]
	}
	s.transform()
	s.powers()
	for i := range row[:Bands] {
		f := &s.filters[i]
		var sum float32 = floor
		p := s.power[f.first:]
		for j, w := range f.weights {
			sum += w * p[j]
		}
		row[i] = float32(math.Log(float64(sum)))
	}
}

// transform is Cooley's and Tukey's over 128 complex numbers, in place; the
// first two rounds, which turn by quarters only, are one. internal/fft is
// faster, but rounds otherwise: the shipped weights come out of their training
// again to the bit with the roundings of this one, and its share of a search is
// small. It goes when the net is next trained anew.
func (s *Spectrum) transform() {
	const n = fftSize / 2
	for i := 0; i < n; i += 4 {
		re, im := (*[4]float32)(s.re[i:]), (*[4]float32)(s.im[i:])
		ar, ai, br, bi := re[0]+re[1], im[0]+im[1], re[0]-re[1], im[0]-im[1]
		cr, ci, dr, di := re[2]+re[3], im[2]+im[3], re[2]-re[3], im[2]-im[3]
		re[0], im[0], re[2], im[2] = ar+cr, ai+ci, ar-cr, ai-ci
		re[1], im[1], re[3], im[3] = br+di, bi-dr, br-di, bi+dr
	}
	for half := 4; half < n; half *= 2 {
		turn := n / half
		for i := 0; i < n; i += 2 * half {
			are, aim := s.re[i:i+half], s.im[i:i+half]
			bre, bim := s.re[i+half:i+2*half], s.im[i+half:i+2*half]
			for k := range are {
				c, d := s.cos[k*turn&(n-1)], s.sin[k*turn&(n-1)]
				re := bre[k]*c - bim[k]*d
				im := bre[k]*d + bim[k]*c
				bre[k], bim[k] = are[k]-re, aim[k]-im
				are[k], aim[k] = are[k]+re, aim[k]+im
			}
		}
	}
}

// powers takes the spectrum of 256 real numbers out of that of 128 pairs.
func (s *Spectrum) powers() {
	const n = fftSize / 2
	s.power[0] = (s.re[0] + s.im[0]) * (s.re[0] + s.im[0])
	s.power[n] = (s.re[0] - s.im[0]) * (s.re[0] - s.im[0])
	for k := 1; k < n; k++ {
		er, ei := (s.re[k]+s.re[n-k])/2, (s.im[k]-s.im[n-k])/2
		or, oi := (s.im[k]+s.im[n-k])/2, (s.re[n-k]-s.re[k])/2
		c, d := s.cos[k], s.sin[k]
		re, im := er+or*c-oi*d, ei+or*d+oi*c
		s.power[k] = re*re + im*im
	}
}

// Even evens out rows of bands: the mean of each band over the louder rows
// among those from first to last is taken off all of them, so that neither the
// level nor the colour of a line is left. It must be the speech alone that
// first and last enclose.
func Even(rows []float32, first, last int) {
	var energy [maxRows]float32
	n := min(last-first, maxRows)
	if n <= 0 {
		return
	}
	low, high := float32(math.MaxFloat32), float32(-math.MaxFloat32)
	for i := range n {
		var sum float32
		for _, v := range rows[(first+i)*Bands : (first+i+1)*Bands] {
			sum += v
		}
		energy[i] = sum
		low, high = min(low, sum), max(high, sum)
	}
	limit := low + loudShare*(high-low)
	var mean [Bands]float32
	var count float32
	for i := range n {
		if energy[i] < limit {
			continue
		}
		count++
		for b, v := range rows[(first+i)*Bands : (first+i+1)*Bands] {
			mean[b] += v
		}
	}
	for at := 0; at+Bands <= len(rows); at += Bands {
		for b := range mean {
			rows[at+b] = (rows[at+b] - mean[b]/count) / spread
		}
	}
}

const (
	loudShare = 0.5 // of the way from the softest row to the loudest: above it a row counts for the mean
	spread    = 2.5 // by which rows are divided, to be of size one
	maxRows   = 500 // 5 s
)
