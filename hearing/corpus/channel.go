package corpus

import (
	"iter"
	"math/rand/v2"
	"time"

	"dozvon/audio"
)

// Noise is what is heard behind a voice.
type Noise uint8

// Kinds of noise.
const (
	Quiet Noise = iota // a hiss some 78 dB below full scale, and no more
	PinkNoise
	WhiteNoise
	BabbleNoise // of Channel.Voices
	StreetNoise
)

// Channel is a telephone line, from the mouth to our ear. The zero value is a
// quiet A-law line without loss, on which somebody speaks as loud as people do.
type Channel struct {
	Level  float64 // of active speech, dB below full scale, negative; 0: drawn from -30 to -16
	Noise  Noise
	SNR    float64   // dB, of active speech to noise; nothing for Quiet
	Voices [][]int16 // that babble

	Lead, Tail time.Duration // of noise alone, before and after
	Loss       float64       // share of the 20 ms packets that never come
	GSM        bool          // the far end is a mobile: GSM 06.10 (ETSI EN 300 961) before A-law, by sox
}

// Sound is what came out of a channel.
type Sound struct {
	PCM    []int16
	Filled []bool // by frame of 20 ms: nothing came, PCM is its concealment
}

// Frames gives the sound frame by frame, as a call does; what is left after
// the last whole frame is dropped.
func (s Sound) Frames() iter.Seq[audio.Frame] {
	return func(yield func(audio.Frame) bool) {
		for i := range len(s.PCM) / audio.FrameSamples {
			f := audio.Frame{PCM: s.PCM[i*audio.FrameSamples:][:audio.FrameSamples]}
			f.Filled = i < len(s.Filled) && s.Filled[i]
			if !yield(f) {
				return
			}
		}
	}
}

// Pass sends pcm through the channel. All chance comes from r. Only GSM can
// fail: it needs sox.
func (c Channel) Pass(r *rand.Rand, pcm []int16) (Sound, error) {
	level := c.Level
	if level == 0 {
		level = between(r, -30, -16)
	}
	loud := 32768 * decibels(level)
	lead, tail := audio.Samples(c.Lead), audio.Samples(c.Tail)
	x := make([]float64, lead+len(pcm)+tail)
	if active := ActiveRMS(pcm); active > 0 {
		for i, s := range pcm {
			x[lead+i] = float64(s) * loud / active
		}
	}
	behind, strength := c.behind(r, len(x)), loud*decibels(-c.SNR)
	if c.Noise == Quiet {
		strength = 4
	}
	for i := range x {
		x[i] += strength * behind[i]
	}
	out := ints(x)
	if c.GSM {
		var err error
		if out, err = gsm(out); err != nil {
			return Sound{}, err
		}
	}
	aLaw(out)
	return Sound{out, lose(r, out, c.Loss)}, nil
}

// behind returns n samples of noise of root mean square 1.
func (c Channel) behind(r *rand.Rand, n int) []float64 {
	switch c.Noise {
	case PinkNoise:
		return Pink(r, n)
	case BabbleNoise:
		return Babble(r, n, 5, c.Voices)
	case StreetNoise:
		return Street(r, n)
	}
	return White(r, n)
}

// aLaw gives pcm the rounding of G.711.
func aLaw(pcm []int16) {
	b := make([]byte, len(pcm))
	audio.Encode(audio.ALaw, b, pcm)
	audio.Decode(audio.ALaw, pcm, b)
}

// lose puts in the place of packets that never came the one before, at half
// strength each time, and returns which they were.
func lose(r *rand.Rand, pcm []int16, share float64) []bool {
	const n = audio.FrameSamples
	filled := make([]bool, len(pcm)/n)
	if share <= 0 {
		return filled
	}
	for i := range filled {
		if r.Float64() >= share {
			continue
		}
		filled[i] = true
		now := pcm[i*n:][:n]
		if i == 0 {
			clear(now)
			continue
		}
		for k, v := range pcm[(i-1)*n:][:n] {
			now[k] = v / 2
		}
	}
	return filled
}
