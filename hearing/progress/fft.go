package progress

import (
	"math"

	"dozvon/internal/fft"
)

const (
	window = 256        // samples that one spectrum sees, 32 ms
	bins   = window / 2 // of a spectrum, 31.25 Hz each
	binHz  = 8000.0 / window
)

// hann is a Hann window, halved: fft gives powers four times.
var hann = func() (w [window]float32) {
	for i := range w {
		w[i] = float32(0.5-0.5*math.Cos(2*math.Pi*(float64(i)+0.5)/window)) / 2
	}
	return w
}()

// spectrum holds the power of the bins of a window.
type spectrum [bins]float32

// transform fills s with the powers of old followed by fresh, under a Hann
// window.
func (s *spectrum) transform(old *[window - frameSamples]int16, fresh *[frameSamples]int16) {
	var re, im [bins]float32
	for k := 0; k < len(old); k += 2 {
		re[k/2], im[k/2] = float32(old[k])*hann[k], float32(old[k+1])*hann[k+1]
	}
	for k := 0; k < len(fresh); k += 2 {
		i := len(old) + k
		re[i/2], im[i/2] = float32(fresh[k])*hann[i], float32(fresh[k+1])*hann[i+1]
	}
	fft.Powers256(&re, &im, (*[bins]float32)(s))
}
