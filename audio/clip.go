package audio

import (
	"slices"
	"sync"
	"time"
)

// Clip is a recording that never changes once made: one clip is shared by
// every call that plays it. Its encoded forms are built when first asked for
// and kept, so that a call sends bytes and encodes nothing.
type Clip struct {
	pcm     []int16
	encoded [2]func() []byte
}

// NewClip makes a clip of samples at Rate. It copies them.
func NewClip(pcm []int16) *Clip {
	c := &Clip{pcm: slices.Clone(pcm)}
	for _, l := range []Law{ALaw, ULaw} {
		c.encoded[l] = sync.OnceValue(func() []byte {
			b := make([]byte, len(c.pcm))
			Encode(l, b, c.pcm)
			return b
		})
	}
	return c
}

// PCM returns the samples. They must not be changed.
func (c *Clip) PCM() []int16 { return c.pcm }

// Encoded returns the clip under the law, a byte a sample. The bytes are
// shared and must not be changed. It may be called from any goroutine.
func (c *Clip) Encoded(l Law) []byte {
	if l != ULaw {
		l = ALaw
	}
	return c.encoded[l]()
}

// Duration returns how long the clip plays.
func (c *Clip) Duration() time.Duration { return Duration(len(c.pcm)) }
