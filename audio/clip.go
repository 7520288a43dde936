package audio

import (
	"slices"
	"sync"
	"time"
)

// longClip is from where on a clip's samples are not kept beside their encoded
// form: a minute. Half an hour of music then takes 14 MB rather than 58.
const longClip = 60 * Rate

// Clip is a recording that never changes once made: one clip is shared by
// every call that plays it. Its encoded forms are built when first asked for
// and kept, so that a call sends bytes and encodes nothing.
//
// A clip of a minute or more is held as A-law alone, a byte a sample, and as
// µ-law too once that is asked for.
type Clip struct {
	n       int
	pcm     []int16 // nil: a long clip
	encoded [2]func() []byte
}

// NewClip makes a clip of samples at Rate. It does not keep them.
func NewClip(pcm []int16) *Clip {
	if len(pcm) >= longClip {
		return newLongClip(pcm)
	}
	c := &Clip{n: len(pcm), pcm: slices.Clone(pcm)}
	for _, l := range []Law{ALaw, ULaw} {
		c.encoded[l] = sync.OnceValue(func() []byte {
			b := make([]byte, len(c.pcm))
			Encode(l, b, c.pcm)
			return b
		})
	}
	return c
}

func newLongClip(pcm []int16) *Clip {
	a := make([]byte, len(pcm))
	Encode(ALaw, a, pcm)
	c := &Clip{n: len(a)}
	c.encoded[ALaw] = func() []byte { return a }
	c.encoded[ULaw] = sync.OnceValue(func() []byte {
		b := make([]byte, len(a))
		Transcode(ULaw, b, ALaw, a)
		return b
	})
	return c
}

// PCM returns the samples, those of a long clip with A-law's rounding. They
// must not be changed. For a long clip they are made anew with every call.
func (c *Clip) PCM() []int16 {
	if c.pcm != nil || c.n == 0 {
		return c.pcm
	}
	pcm := make([]int16, c.n)
	Decode(ALaw, pcm, c.Encoded(ALaw))
	return pcm
}

// Len returns the number of samples.
func (c *Clip) Len() int { return c.n }

// Encoded returns the clip under the law, a byte a sample. The bytes are
// shared and must not be changed. It may be called from any goroutine.
func (c *Clip) Encoded(l Law) []byte {
	if l != ULaw {
		l = ALaw
	}
	return c.encoded[l]()
}

// Duration returns how long the clip plays.
func (c *Clip) Duration() time.Duration { return Duration(c.n) }
