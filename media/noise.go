package media

import (
	"math"

	"dozvon/audio"
)

// loudestNoise is the level, in decibels below the overload point, above which
// no announced noise is played: a far end that asks for more is broken.
const loudestNoise = 30

// comfort is the noise that fills an announced pause (RFC 3389). Only the
// level is followed, not the colour: white noise this quiet serves.
type comfort struct {
	level uint8  // decibels below the overload point, plus 1; 0: no pause
	state uint32 // of the generator
}

// set takes a packet's payload, whose first byte is the level (RFC 3389 3.1).
// An empty one stands for the quietest.
func (c *comfort) set(payload []byte) {
	c.level = 128
	if len(payload) > 0 {
		c.level = max(payload[0]&0x7F, loudestNoise) + 1
	}
}

// fill writes noise under law.
func (c *comfort) fill(law audio.Law, dst []byte) {
	var pcm [frameBytes]int16
	amplitude := noiseAmplitude[(c.level-1)&0x7F]
	for len(dst) > 0 {
		n := min(len(dst), len(pcm))
		for i := range n {
			c.state = c.state*1664525 + 1013904223 // Numerical Recipes 7.1; the upper bits are random enough to hear
			pcm[i] = int16((int32(c.state>>16) - 1<<15) * amplitude >> 15)
		}
		audio.Encode(law, dst[:n], pcm[:n])
		dst = dst[n:]
	}
}

// noiseAmplitude is the amplitude of evenly spread noise whose root mean
// square lies that many decibels below the overload point, which is that of a
// square wave of full scale.
var noiseAmplitude = func() (t [128]int32) {
	for i := range t {
		t[i] = int32(math.Round(32767 * math.Sqrt(3) * math.Pow(10, -float64(i)/20)))
	}
	return t
}()
