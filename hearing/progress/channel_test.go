package progress

import (
	"math"
	"math/rand/v2"
	"time"

	"dozvon/audio"
	"dozvon/hearing"
)

// channel is what a call does to sound, seeded.
type channel struct {
	seed  uint64
	noise float64 // decibels of full scale; 0: none
	loss  float64 // share of packets
	gain  float64 // decibels
	dc    int
}

func silent(s float64) []int16 { return make([]int16, int(s*audio.Rate)) }

// tone is a sine or several at -20 dB each.
func tone(s float64, hz ...float64) []int16 {
	return audio.Tone(hz, time.Duration(s*float64(time.Second)), 0.14)
}

// trembling is a sine that another modulates by 85 %.
func trembling(s, hz, by float64) []int16 {
	out := silent(s)
	for i := range out {
		x := 2 * math.Pi * float64(i) / audio.Rate
		out[i] = int16(4000 * (1 + 0.85*math.Sin(by*x)) * math.Sin(hz*x))
	}
	return out
}

func script(parts ...[]int16) (out []int16) {
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

func repeat(n int, parts ...[]int16) (out []int16) {
	for range n {
		out = append(out, script(parts...)...)
	}
	return out
}

// pink adds noise that falls 3 dB an octave (Paul Kellet's filter), rms as a
// sample value.
func pink(pcm []float64, rms float64, r *rand.Rand) {
	var b0, b1, b2 float64
	for i := range pcm {
		w := r.NormFloat64()
		b0 = 0.99765*b0 + w*0.0990460
		b1 = 0.96300*b1 + w*0.2965164
		b2 = 0.57000*b2 + w*1.0526913
		pcm[i] += (b0 + b1 + b2 + w*0.1848) * rms / 1.87
	}
}

// through sends pcm over the channel and returns its frames.
func (c channel) through(pcm []int16) []hearing.Frame {
	r := rand.New(rand.NewPCG(c.seed, 77))
	f := make([]float64, len(pcm)/frameSamples*frameSamples)
	g := math.Pow(10, c.gain/20)
	for i := range f {
		f[i] = float64(pcm[i])*g + float64(c.dc)
	}
	if c.noise < 0 {
		pink(f, 32768*math.Pow(10, c.noise/20), r)
	}
	coded := make([]byte, len(f))
	out := make([]int16, len(f))
	for i, v := range f {
		out[i] = int16(min(max(v, -32768), 32767))
	}
	audio.Encode(audio.ALaw, coded, out)
	audio.Decode(audio.ALaw, out, coded)
	var frames []hearing.Frame
	for i := 0; i+frameSamples <= len(out); i += frameSamples {
		fr := hearing.Frame{PCM: out[i : i+frameSamples]}
		if r.Float64() < c.loss {
			fr.Filled = true
		}
		frames = append(frames, fr)
	}
	return frames
}

// listen lets a new listener hear frames, answered from the first if asked.
func listen(o Options, frames []hearing.Frame, answered bool) (out []hearing.Verdict) {
	l := New(o)
	if answered {
		l.Answer()
	}
	for _, f := range frames {
		out = append(out, l.Hear(f)...)
	}
	return out
}
