package lossy

import "math"

const (
	rate    = 8000
	window  = 256       // samples of a spectrum, 32 ms
	step    = 40        // samples, 5 ms: of the search for the delay
	hop     = 3 * step  // samples from one spectrum to the next
	segment = 16 * hop  // samples compared under one delay, 240 ms
	reach   = 20 * step // samples, 100 ms: how far the delay may move from one segment to the next
	audible = 45.0      // decibels under the loudest band of all: what is weaker is not heard
)

// edges bound the bands of hearing within the telephone's, in hertz: critical
// bands, two by two.
var edges = [...]float64{200, 400, 630, 920, 1270, 1720, 2320, 3150, 3800}

// levels are those of the bands in one window, in decibels.
type levels [len(edges) - 1]float64

// Distance says how far got is from want, in decibels: the root mean square
// difference of their levels in eight bands, over the 32 ms windows in which
// want is heard. got may be delayed, up to latest samples at first, and the
// delay may move. The same sound has 0.
func Distance(want, got []int16, latest int) float64 {
	a, b := spectra(want, hop), spectra(got, step)
	floor := 0.0
	for _, l := range a {
		floor = max(floor, l.loudest())
	}
	floor -= audible
	low, high := 0, latest/step
	var sum float64
	count := 0
	for at := 0; at+segment/hop <= len(a); at += segment / hop {
		best, n, delay := math.Inf(1), 0, 0
		for d := max(low, 0); d <= high; d++ {
			if v, k := difference(a[at:at+segment/hop], b, at*(hop/step)+d, floor); k > 0 && v < best {
				best, n, delay = v, k, d
			}
		}
		if n == 0 {
			continue // a pause, or the end of what was heard
		}
		low, high = delay-reach/step, delay+reach/step
		sum += best
		count += n
	}
	if count == 0 {
		return math.Inf(1)
	}
	return math.Sqrt(sum / float64(count))
}

// difference sums the squared differences of the bands, from place at of got
// on, and counts them.
func difference(want, got []levels, at int, floor float64) (sum float64, n int) {
	for i := range want {
		if want[i].loudest() < floor {
			continue
		}
		k := at + i*(hop/step)
		if k >= len(got) {
			return 0, 0
		}
		for band, v := range want[i] {
			d := max(v, floor) - max(got[k][band], floor)
			sum += d * d
			n++
		}
	}
	return sum, n
}

func (l *levels) loudest() float64 {
	v := math.Inf(-1)
	for _, x := range l {
		v = max(v, x)
	}
	return v
}

// spectra measures a window every so many samples.
func spectra(pcm []int16, every int) (out []levels) {
	for at := 0; at+window <= len(pcm); at += every {
		out = append(out, bands(pcm[at:at+window]))
	}
	return out
}

func bands(pcm []int16) (out levels) {
	var re, im [window]float64
	for i := range re {
		re[i] = float64(pcm[i]) * (0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/window))
	}
	transform(re[:], im[:])
	for k := range out {
		var power float64
		for bin := int(edges[k] * window / rate); bin < int(edges[k+1]*window/rate); bin++ {
			power += re[bin]*re[bin] + im[bin]*im[bin]
		}
		out[k] = 10 * math.Log10(power+1)
	}
	return out
}

// transform is a Fourier transform in place; the length is a power of two.
func transform(re, im []float64) {
	n := len(re)
	for i, j := 0, 0; i < n; i++ {
		if i < j {
			re[i], re[j], im[i], im[j] = re[j], re[i], im[j], im[i]
		}
		m := n >> 1
		for ; m > 0 && j&m != 0; m >>= 1 {
			j &^= m
		}
		j |= m
	}
	for size := 2; size <= n; size *= 2 {
		sin, cos := math.Sincos(-2 * math.Pi / float64(size))
		for i := 0; i < n; i += size {
			wr, wi := 1.0, 0.0
			for k := i; k < i+size/2; k++ {
				m := k + size/2
				tr, ti := wr*re[m]-wi*im[m], wr*im[m]+wi*re[m]
				re[m], im[m] = re[k]-tr, im[k]-ti
				re[k], im[k] = re[k]+tr, im[k]+ti
				wr, wi = wr*cos-wi*sin, wr*sin+wi*cos
			}
		}
	}
}
