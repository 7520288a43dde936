package corpus

import (
	"math"
	"math/rand/v2"

	"dozvon/audio"
)

// White returns n samples of white noise, of root mean square 1.
func White(r *rand.Rand, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = r.NormFloat64()
	}
	return x
}

// Pink returns n samples of noise that falls by 3 dB an octave (within 0.2 dB
// from 80 Hz to 3.8 kHz), of root mean square 1; below 100 Hz, which a telephone
// does not carry, it is weak. White noise goes through three low-pass filters
// side by side, fitted to the slope.
func Pink(r *rand.Rand, n int) []float64 {
	const settle = audio.Rate / 2
	cut := 1 - math.Exp(-2*math.Pi*100/audio.Rate)
	var a, b, c, slow float64
	x := make([]float64, n)
	for i := -settle; i < n; i++ {
		w := r.NormFloat64()
		a = 0.94940*a + 0.21925*w
		b = 0.76500*b + 0.25961*w
		c = 0.21497*c + 0.78327*w
		v := a + b + c - 0.26212*w
		slow += cut * (v - slow)
		if i >= 0 {
			x[i] = v - 0.7*slow
		}
	}
	return unit(x)
}

// Babble returns n samples of several voices at once, of root mean square 1:
// stretches of voices, drawn at random.
func Babble(r *rand.Rand, n, voices int, from [][]int16) []float64 {
	x := make([]float64, n)
	for range voices {
		for at := 0; at < n && len(from) > 0; {
			v := from[r.IntN(len(from))]
			if len(v) == 0 {
				break
			}
			gain := decibels(between(r, -4, 4)) / (ActiveRMS(v) + 1)
			for i := 0; i < len(v) && at < n; i++ {
				x[at] += gain * float64(v[i])
				at++
			}
		}
	}
	return unit(x)
}

// Street returns n samples of what is heard beside a road, of root mean
// square 1: a rumble that comes and goes with each car, and wind.
func Street(r *rand.Rand, n int) []float64 {
	x, wind := Pink(r, n), White(r, n)
	low, next, car := 0.0, 0, 0.0
	for i := range x {
		if i == next {
			next += audio.Rate * (2 + r.IntN(6))
			car = between(r, 0.3, 3)
		}
		swell := 1 + car*math.Pow(math.Sin(math.Pi*float64(i%(8*audio.Rate))/(8*audio.Rate)), 4)
		low += 0.08 * (wind[i] - low)
		x[i] = 0.7*x[i]*swell + 1.5*low*swell
	}
	return unit(x)
}

func unit(x []float64) []float64 {
	if r := rms(x); r > 0 {
		for i := range x {
			x[i] /= r
		}
	}
	return x
}
