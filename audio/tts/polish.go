package tts

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"dozvon/audio"
)

// How a spoken sentence is prepared for the telephone.
const (
	peak    = 0.7                    // of full scale: loud, with room for the network's own gain
	quiet   = 0.01                   // of the peak: below it is silence around the speech
	leadIn  = 40 * time.Millisecond  // silence kept before the speech
	pause   = 280 * time.Millisecond // after it: sentences are played without a gap
	longest = 2 * time.Minute
)

// Polish turns an engine's WAV file into a clip for the telephone: silence
// around the speech trimmed, the peak at a fixed level, a pause at the end.
func Polish(wav []byte) (*audio.Clip, error) {
	c, err := audio.ReadWAV(bytes.NewReader(wav))
	if err != nil {
		return nil, err
	}
	if c.Duration() > longest {
		return nil, fmt.Errorf("the speech lasts %s, longer than %s", c.Duration(), longest)
	}
	pcm := c.PCM()
	top := 0
	for _, s := range pcm {
		top = max(top, abs(s))
	}
	if top < 64 {
		return nil, errors.New("the engine gave silence; does it have a voice for this language?")
	}
	from, to := bounds(pcm, max(int(quiet*float64(top)), 16))
	from = max(from-audio.Samples(leadIn), 0)
	to = min(to+audio.Samples(leadIn), len(pcm))
	out := make([]int16, to-from+audio.Samples(pause))
	copy(out, pcm[from:to])
	audio.Gain(out, peak*32767/float64(top))
	return audio.NewClip(out), nil
}

// bounds are the first sample above the threshold and the one after the last.
func bounds(pcm []int16, threshold int) (from, to int) {
	to = len(pcm)
	for from < to && abs(pcm[from]) < threshold {
		from++
	}
	for to > from && abs(pcm[to-1]) < threshold {
		to--
	}
	return from, to
}

func abs(s int16) int {
	if s < 0 {
		return -int(s)
	}
	return int(s)
}

// ALawWAV is a clip as a WAV file of A-law samples, a byte each.
func ALawWAV(c *audio.Clip) []byte {
	b := c.Encoded(audio.ALaw)
	return append(header(6, 8, audio.Rate, len(b)), b...)
}
