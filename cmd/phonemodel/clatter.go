package main

import (
	"math"

	"dozvon/audio"
	"dozvon/hearing/keywords"
)

// clatter makes a lesson of what is no speech and yet comes and goes like a
// word: bursts of noise, notes, chords. All of it is a pause to the net, so
// that no word fits.
func (t *teacher) clatter() (lesson, bool) {
	n := int(uniform(t.r, 0.2, 1.8) * audio.Rate)
	around := 40 * keywords.Hop
	tape := make([]float32, n+2*around)
	sound := tape[around : around+n]
	if t.r.IntN(2) == 0 {
		copy(sound, t.noise(n, 3000))
	} else {
		t.chord(sound)
	}
	t.swell(sound)
	pcm := t.line(tape, loudness(tape, 160))
	labels := []segment{{0, float64(len(tape)), keywords.Pause}}
	got := t.cut(pcm, keywords.Hop, labels, [][2]int{{around, around + n}})
	if len(got) == 0 {
		return lesson{}, false
	}
	return got[0], true
}

// chord adds one to four notes, each with overtones of its own colour, that
// may tremble or glide.
func (t *teacher) chord(x []float32) {
	for range 1 + t.r.IntN(4) {
		hz := math.Exp(uniform(t.r, math.Log(70), math.Log(1200)))
		fall := uniform(t.r, 0.3, 2.2) // of the overtones' strength
		tremble, rate := t.r.Float64()*0.02, uniform(t.r, 3, 8)
		glide := t.r.NormFloat64() * 0.1
		start := t.r.IntN(len(x) / 2)
		phase := 0.0
		count := min(int(3800/hz), 24)
		var strength [25]float64
		for k := 1; k <= count; k++ {
			strength[k] = math.Pow(float64(k), -fall) * math.Exp(t.r.NormFloat64()*0.5)
		}
		for i := start; i < len(x); i++ {
			s := float64(i) / audio.Rate
			phase += 2 * math.Pi * hz * (1 + tremble*math.Sin(2*math.Pi*rate*s) + glide*s) / audio.Rate
			var v float64
			for k := 1; k <= count; k++ {
				v += strength[k] * math.Sin(float64(k)*phase)
			}
			x[i] += float32(2000 * v)
		}
	}
}

// swell gives the sound one to three beats that rise and fall.
func (t *teacher) swell(x []float32) {
	beats := 1 + t.r.IntN(3)
	rise, decay := uniform(t.r, 0.01, 0.2), uniform(t.r, 0.05, 1.2)
	steady := t.r.IntN(4) == 0
	for i := range x {
		if steady {
			break
		}
		s := float64(i%(len(x)/beats+1)) / audio.Rate
		x[i] *= float32(math.Min(1, s/rise) * math.Exp(-math.Max(0, s-rise)/decay))
	}
	fade(x, 80)
}
