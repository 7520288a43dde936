package main

import (
	"math"

	"dozvon/audio"
)

// holdMusic makes the music on hold: eight seconds of plucked broken chords,
// Am F C G, that loop without a seam. It is made by this code from four
// chords in common use and is under the project's own licence.
func holdMusic() *audio.Clip {
	chords := [][]float64{
		{220.00, 261.63, 329.63, 440.00},
		{174.61, 220.00, 261.63, 349.23},
		{196.00, 261.63, 329.63, 392.00},
		{196.00, 246.94, 293.66, 392.00},
	}
	const note = audio.Rate / 4
	order := []int{0, 1, 2, 3, 2, 1, 2, 1}
	mix := make([]float64, len(chords)*len(order)*note)
	for c, chord := range chords {
		for i, n := range order {
			pluck(mix, (c*len(order)+i)*note, chord[n], 0.16)
		}
		pluck(mix, c*len(order)*note, chord[0]/2, 0.2)
	}
	pcm := make([]int16, len(mix))
	for i, v := range mix {
		pcm[i] = int16(32767 * math.Tanh(v))
	}
	return audio.NewClip(pcm)
}

// pluck adds a note that dies away within a second and a half; what goes
// past the end of the loop sounds at its start.
func pluck(mix []float64, at int, hz, level float64) {
	for i := range audio.Rate * 3 / 2 {
		t := float64(i) / audio.Rate
		swell := math.Min(1, t/0.008) * math.Exp(-3.2*t) * math.Min(1, (1.5-t)/0.05)
		v := math.Sin(2*math.Pi*hz*t) + 0.35*math.Sin(4*math.Pi*hz*t)*math.Exp(-4*t) + 0.12*math.Sin(6*math.Pi*hz*t)*math.Exp(-6*t)
		mix[(at+i)%len(mix)] += level * swell * v
	}
}
