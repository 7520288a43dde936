package siptest

import (
	"math"
	"math/rand/v2"
	"time"

	"dozvon/audio"
)

// Who speaks, as their voices are told apart: each has a pitch and vowels of
// its own.
const (
	speakerPerson uint64 = iota + 1
	speakerMachine
	speakerNetwork
)

// voiced is sound shaped like speech, made of nothing but a seed: syllables of
// three formants over a buzz, breath between some of them, a pause after every
// few words, towards which the voice falls. No pause is as long as the silence
// after a person's "hello".
func voiced(seed uint64, d time.Duration) []int16 {
	r := rand.New(rand.NewPCG(seed, 0x70686f6e65))
	out := make([]int16, audio.Samples(d))
	pitch := 95 + 90*r.Float64()
	level := 1.0
	for at := 0; at < len(out); {
		n := min(audio.Samples(time.Duration(90+r.IntN(140))*time.Millisecond), len(out)-at)
		syllable(r, out[at:at+n], pitch*(0.9+0.2*r.Float64()))
		soften(out[at:at+n], level)
		level = max(level*0.94, 0.7)
		at += n
		switch r.IntN(6) {
		case 0: // a word ends
			at += audio.Samples(time.Duration(60+r.IntN(80)) * time.Millisecond)
		case 1: // a phrase does
			at += audio.Samples(time.Duration(180+r.IntN(160)) * time.Millisecond)
			level = 1
		}
	}
	return out
}

func soften(pcm []int16, by float64) {
	for i, v := range pcm {
		pcm[i] = int16(float64(v) * by)
	}
}

// word is a short utterance, like the greeting of a person who picks up: two
// or three syllables.
func word(seed uint64, d time.Duration) []int16 {
	r := rand.New(rand.NewPCG(seed, 0x776f7264))
	out := make([]int16, audio.Samples(d))
	n := 2 + r.IntN(2)
	for i := range n {
		syllable(r, out[i*len(out)/n:(i+1)*len(out)/n], 130)
	}
	return out
}

// syllable fills out with a hiss, as consonants are, and a vowel that swells
// and falls while its pitch and its formants glide, as no instrument's do.
func syllable(r *rand.Rand, out []int16, pitch float64) {
	hiss := min(len(out)/4, audio.Samples(50*time.Millisecond))
	for i := range hiss {
		out[i] = int16(700 * r.NormFloat64())
	}
	out = out[hiss:]
	from := [3]float64{300 + 450*r.Float64(), 850 + 950*r.Float64(), 2000 + 800*r.Float64()}
	to := [3]float64{300 + 450*r.Float64(), 850 + 950*r.Float64(), 2000 + 800*r.Float64()}
	glide := 0.35 + 0.2*r.Float64()
	if r.IntN(3) > 0 {
		glide = -glide
	}
	var phase float64
	var gains [maxHarmonics]float64
	for i := range out {
		at := float64(i) / float64(len(out))
		hz := pitch * (1 + glide*(at-0.5))
		if i%gainEvery == 0 {
			for h := range gains {
				gains[h] = formantGain(float64(h+1)*hz, from, to, at)
			}
		}
		phase += 2 * math.Pi * hz / audio.Rate
		v := 0.0
		for h, gain := range gains {
			if gain > 0.02 {
				v += gain * math.Sin(float64(h+1)*phase)
			}
		}
		out[i] = int16(5500 * v * math.Sin(math.Pi*math.Sqrt(at)))
	}
}

const (
	maxHarmonics = 40
	gainEvery    = 40 // samples, 5 ms: the mouth moves slowly
)

// formantGain is how loud a harmonic of hz is while the formants glide; at is
// how far they are.
func formantGain(hz float64, from, to [3]float64, at float64) (gain float64) {
	if hz >= 3300 {
		return 0
	}
	for k := range from {
		off := (hz - from[k] - (to[k]-from[k])*at) / (80 + 40*float64(k))
		gain += math.Exp(-off*off/2) / (1 + 0.6*float64(k))
	}
	return gain
}

// melody is music such as subscribers choose instead of ringing: chords struck
// one after the other, each still sounding when the next begins.
func melody(d time.Duration) []int16 {
	chords := [][3]float64{{261.63, 329.63, 392}, {220, 261.63, 329.63}, {174.61, 220, 261.63}, {196, 246.94, 293.66}}
	out := make([]int16, audio.Samples(d))
	const beat = 450 * time.Millisecond
	for i := 0; audio.Samples(time.Duration(i)*beat) < len(out); i++ {
		chord := chords[i/2%len(chords)]
		lead := 2 * chord[(i*2+i/3)%3]
		for k, hz := range [4]float64{lead, chord[0], chord[1], chord[2]} {
			strike(out[audio.Samples(time.Duration(i)*beat):], hz, 5000/(1+2*float64(k)))
		}
	}
	return out
}

// strike adds a note that dies away within a second.
func strike(out []int16, hz, level float64) {
	for i := range out[:min(len(out), audio.Rate)] {
		at := float64(i) / audio.Rate
		v := 0.0
		for h := 1.0; h < 5; h++ {
			v += math.Sin(2*math.Pi*hz*h*at) / h / h
		}
		out[i] += int16(level * v * math.Exp(-3*at))
	}
}
