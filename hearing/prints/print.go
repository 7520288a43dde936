package prints

import (
	"math/bits"
	"time"

	"dozvon/audio"
)

// Print is what is kept of an announcement: a word per 20 ms, and which of
// them stand for sound. It never changes once made.
type Print struct {
	words  []uint16
	active []uint64 // a bit per word
}

// weak is the share of the print's mean power below which a word is not
// counted: pauses, where noise would decide.
const weak = 0.03

// Make makes the print of pcm (audio.Rate samples a second), of every whole
// 20 ms of it.
func Make(pcm []int16) Print {
	var l listener
	p := Print{words: make([]uint16, 0, len(pcm)/audio.FrameSamples)}
	powers := make([]float64, 0, cap(p.words))
	var sum float64
	heard := 0
	for ; len(pcm) >= audio.FrameSamples; pcm = pcm[audio.FrameSamples:] {
		word, ok := l.hear((*[audio.FrameSamples]int16)(pcm))
		power := 0.0
		if ok {
			power = l.power
			sum += power
			heard++
		}
		p.words, powers = append(p.words, word), append(powers, power)
	}
	p.active = make([]uint64, (len(p.words)+63)/64)
	for i, v := range powers {
		if v > 0 && v >= weak*sum/float64(heard) {
			p.active[i/64] |= 1 << (i % 64)
		}
	}
	return p
}

// Duration is how long the announcement lasts.
func (p Print) Duration() time.Duration { return time.Duration(len(p.words)) * audio.FrameTime }

// Sound is for how long of it there is something to hear.
func (p Print) Sound() time.Duration {
	n := 0
	for _, w := range p.active {
		n += bits.OnesCount64(w)
	}
	return time.Duration(n) * audio.FrameTime
}

// counts reports whether a word stands for sound.
func (p Print) counts(i int) bool { return p.active[i>>6]>>(i&63)&1 != 0 }
