package progress

import "math"

const (
	window = 256        // samples that one spectrum sees, 32 ms
	bins   = window / 2 // of a spectrum, 31.25 Hz each
	binHz  = 8000.0 / window
)

// Tables of the transform, shared by all listeners.
var (
	hann    [window]float32
	twiddle [bins][2]float32 // e^(-2πik/128), for the complex transform of half the length
	unfold  [bins][2]float32 // e^(-2πik/256), which makes one real transform of it
	reverse [bins]uint8
)

func init() {
	for i := range hann {
		hann[i] = float32(0.5 - 0.5*math.Cos(2*math.Pi*(float64(i)+0.5)/window))
	}
	for k := range bins {
		s, c := math.Sincos(-2 * math.Pi * float64(k) / bins)
		twiddle[k] = [2]float32{float32(c), float32(s)}
		s, c = math.Sincos(-2 * math.Pi * float64(k) / window)
		unfold[k] = [2]float32{float32(c), float32(s)}
		r := 0
		for b := range 7 {
			r |= (k >> b & 1) << (6 - b)
		}
		reverse[k] = uint8(r)
	}
}

// spectrum holds the power of the bins of a window.
type spectrum [bins]float32

// transform fills s with the powers of old followed by fresh, under a Hann
// window: a real transform of 256 by a complex one of 128 (radix 2, the first
// two stages in one).
func (s *spectrum) transform(old *[window - frameSamples]int16, fresh *[frameSamples]int16) {
	var re, im [bins]float32
	for i := range bins {
		r := int(reverse[i])
		var a, b int16
		if k := 2 * r; k < len(old) {
			a, b = old[k], old[k+1]
		} else {
			a, b = fresh[k-len(old)], fresh[k-len(old)+1]
		}
		re[i] = float32(a) * hann[2*r]
		im[i] = float32(b) * hann[2*r+1]
	}
	fours(&re, &im)
	for half := 4; half < bins; half *= 2 {
		stage(&re, &im, half)
	}
	s[0] = (re[0] + im[0]) * (re[0] + im[0])
	for k := 1; k <= bins/2; k++ {
		j := bins - k
		er, ei := (re[k]+re[j])/2, (im[k]-im[j])/2
		or, oi := (im[k]+im[j])/2, (re[j]-re[k])/2
		c, d := unfold[k][0], unfold[k][1]
		tr, ti := or*c-oi*d, or*d+oi*c
		s[k] = (er+tr)*(er+tr) + (ei+ti)*(ei+ti)
		s[j] = (er-tr)*(er-tr) + (ti-ei)*(ti-ei)
	}
}

// fours does the first two stages, whose twiddles are 1 and -i.
func fours(re, im *[bins]float32) {
	for i := 0; i < bins; i += 4 {
		r, m := re[i:i+4:i+4], im[i:i+4:i+4]
		ar, ai := r[0]+r[1], m[0]+m[1]
		br, bi := r[0]-r[1], m[0]-m[1]
		cr, ci := r[2]+r[3], m[2]+m[3]
		dr, di := r[2]-r[3], m[2]-m[3]
		r[0], m[0] = ar+cr, ai+ci
		r[2], m[2] = ar-cr, ai-ci
		r[1], m[1] = br+di, bi-dr
		r[3], m[3] = br-di, bi+dr
	}
}

// stage joins pairs of transforms of length half.
func stage(re, im *[bins]float32, half int) {
	step := bins / (2 * half)
	for i := 0; i < bins; i += 2 * half {
		ar, ai := re[i:i+half:i+half], im[i:i+half:i+half]
		br, bi := re[i+half:i+2*half], im[i+half:i+2*half]
		br, bi, ai = br[:len(ar)], bi[:len(ar)], ai[:len(ar)]
		for k := range ar {
			w := &twiddle[(k*step)&(bins-1)]
			tr := br[k]*w[0] - bi[k]*w[1]
			ti := br[k]*w[1] + bi[k]*w[0]
			br[k], bi[k] = ar[k]-tr, ai[k]-ti
			ar[k], ai[k] = ar[k]+tr, ai[k]+ti
		}
	}
}
