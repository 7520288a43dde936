package audio

import (
	"math"
	"time"
)

// Tone returns the sum of sine waves of the given frequencies in hertz for d.
// Level is the amplitude of each wave as a share of full scale (0 to 1); the
// sum saturates rather than wraps.
func Tone(freqs []float64, d time.Duration, level float64) []int16 {
	out := make([]int16, Samples(d))
	for i := range out {
		var v float64
		for _, f := range freqs {
			v += math.Sin(2 * math.Pi * f * float64(i) / Rate)
		}
		out[i] = saturate(v * level * math.MaxInt16)
	}
	return out
}

// saturate rounds v to the nearest sample, limited to the sample range. A
// value that is not a number becomes silence.
func saturate(v float64) int16 {
	switch {
	case v >= math.MaxInt16:
		return math.MaxInt16
	case v <= math.MinInt16:
		return math.MinInt16
	case v != v:
		return 0
	}
	return int16(math.RoundToEven(v))
}
