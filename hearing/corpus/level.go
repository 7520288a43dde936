package corpus

import (
	"math"

	"dozvon/audio"
)

// activeShare of the loudest frame's level makes a frame active.
const activeShare = 0.1

// ActiveRMS returns the root mean square of pcm, in sample units, over the
// 20 ms frames in which somebody speaks: those not 20 dB below the loudest.
// It returns 0 where all is silence.
func ActiveRMS(pcm []int16) float64 { return activeRMS(floats(pcm)) }

func activeRMS(x []float64) float64 {
	n := len(x) / audio.FrameSamples
	if n == 0 {
		return rms(x)
	}
	level := make([]float64, n)
	loudest := 0.0
	for i := range level {
		level[i] = rms(x[i*audio.FrameSamples:][:audio.FrameSamples])
		loudest = max(loudest, level[i])
	}
	sum, active := 0.0, 0
	for _, l := range level {
		if l > 0 && l >= activeShare*loudest {
			sum += l * l
			active++
		}
	}
	if active == 0 {
		return 0
	}
	return math.Sqrt(sum / float64(active))
}

func rms(x []float64) float64 {
	if len(x) == 0 {
		return 0
	}
	sum := 0.0
	for _, v := range x {
		sum += v * v
	}
	return math.Sqrt(sum / float64(len(x)))
}

func floats(pcm []int16) []float64 {
	x := make([]float64, len(pcm))
	for i, s := range pcm {
		x[i] = float64(s)
	}
	return x
}

// ints rounds x to samples, saturating.
func ints(x []float64) []int16 {
	pcm := make([]int16, len(x))
	for i, v := range x {
		pcm[i] = int16(math.RoundToEven(min(max(v, math.MinInt16), math.MaxInt16)))
	}
	return pcm
}

// decibels returns the factor of amplitude that db is.
func decibels(db float64) float64 { return math.Pow(10, db/20) }
