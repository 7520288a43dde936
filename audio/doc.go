// Package audio holds samples and what is done with them: the G.711 laws,
// clips shared by every call that plays them, WAV files of any usual rate,
// resampling to 8 kHz, tones, mixing, levels, and keys heard in band.
//
// Inside the package sound is mono, 16 bits, 8 kHz: what a telephone carries.
// It must never know packets, sockets, calls or scenarios, and it holds no
// clock: time is counted in samples.
package audio

import "time"

// Rate is the sampling rate of every sample slice in this package, in hertz.
const Rate = 8000

// FrameSamples is the number of samples in 20 ms, the usual packet of a call.
const FrameSamples = Rate / 50

// Samples returns how many whole samples d lasts; a negative d gives 0.
func Samples(d time.Duration) int {
	if d <= 0 {
		return 0
	}
	return int(d.Seconds()*Rate + 0.5)
}

// Duration returns how long n samples last.
func Duration(n int) time.Duration {
	return time.Duration(n) * time.Second / Rate
}
