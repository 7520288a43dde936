package prints

import (
	"math"

	"dozvon/audio"
	"dozvon/internal/fft"
)

// Sound is looked at with 4,000 samples a second, as nothing above 2 kHz is
// asked for: windows of 32 ms, one every 20 ms, a bin every 31.25 Hz.
const (
	window  = 128                    // samples of a window
	hop     = audio.FrameSamples / 2 // samples of a frame
	bands   = wordBits + 1
	filterN = 11 // taps of the half-band filter
)

// edges are the bins at which the bands begin, from 297 to 2,000 Hz; each band
// is some 12 % wide, but for the lowest, which are a bin.
var edges = [bands + 1]int{10, 11, 12, 13, 15, 17, 19, 21, 24, 27, 30, 34, 38, 42, 47, 52, 58, 64}

var hann = func() (w [window]float32) {
	for i := range w {
		w[i] = float32(0.5-0.5*math.Cos(2*math.Pi*(float64(i)+0.5)/window)) / 32768
	}
	return w
}()

// Taps of the half-band low-pass around its middle one of 1/2: an odd step to
// either side, the even ones are 0 (Kaiser window, 40 dB).
const (
	tap1 = 0.30593
	tap3 = -0.07298
	tap5 = 0.01969
)

// spectrum turns frames into the powers of the bands. It is the state of one
// sound, some 1.2 KB.
type spectrum struct {
	high [filterN - 1 + audio.FrameSamples]float32 // the frame at 8 kHz, and what the filter needs of the last
	low  [window]float32                           // the window at 4 kHz
}

// push takes a frame of audio.FrameSamples and adds its powers to out.
func (s *spectrum) push(pcm *[audio.FrameSamples]int16, out *[bands]float32) {
	copy(s.low[:window-hop], s.low[hop:])
	s.halve(pcm)
	var re, im [window / 2]float32
	for i := range window / 2 {
		re[i], im[i] = s.low[2*i]*hann[2*i], s.low[2*i+1]*hann[2*i+1]
	}
	var power [window / 2]float32
	fft.Powers128(&re, &im, &power)
	for b := range out {
		var sum float32
		for _, p := range power[edges[b]:edges[b+1]] {
			sum += p
		}
		out[b] = sum
	}
}

// halve filters a frame and puts every second sample at the window's end.
func (s *spectrum) halve(pcm *[audio.FrameSamples]int16) {
	x := &s.high
	copy(x[:filterN-1], x[audio.FrameSamples:])
	to := x[filterN-1:]
	for i, v := range pcm {
		to[i] = float32(v)
	}
	low := (*[hop]float32)(s.low[window-hop:])
	for i := range low {
		y := (*[filterN]float32)(x[2*i:])
		low[i] = y[5]*0.5 + (y[4]+y[6])*tap1 + (y[2]+y[8])*tap3 + (y[0]+y[10])*tap5
	}
}
