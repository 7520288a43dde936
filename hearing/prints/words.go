package prints

import (
	"math"

	"dozvon/audio"
)

// wordBits is how many bits a frame leaves.
const wordBits = 16

// The powers of the bands are evened out over time by two sliding sums, of
// long and short frames, and compared with those of lag frames before.
const (
	sumFrames = 5
	lag       = 2
	warmup    = 2*sumFrames - 1 + lag // frames until a word depends on nothing from before
)

// quiet is the peak (a power of 2) below which a frame is taken for silence:
// what the laws make of nothing. A-law's smallest sample is 8.
const quiet = 16

// floor is the power that every band has at least, far below that of the
// smallest sound that isn't quiet: it makes silence compare the same always.
const floor = 1e-9

// listener turns frames into words: a bit per pair of neighbouring bands, set
// where the balance between the two has moved towards the lower one.
type listener struct {
	spectrum spectrum
	first    sliding
	second   sliding
	before   [lag][bands]float64
	at       int // of before
	quietFor int // silent frames in a row

	power    float64           // of the frame just heard, evened out
	up, down [wordBits]float64 // what decided each of its bits: up > down
}

// sliding sums the last sumFrames values of every band.
type sliding struct {
	sum  [bands]float64
	ring [sumFrames][bands]float32
	at   int
}

func (s *sliding) push(v *[bands]float32) {
	old := &s.ring[s.at]
	for b := range bands {
		s.sum[b] += float64(v[b]) - float64(old[b])
	}
	*old = *v
	if s.at++; s.at == sumFrames {
		s.at = 0
	}
}

// hear takes a frame and returns its word; ok is false while there is nothing
// but silence, and the word means nothing.
func (l *listener) hear(pcm *[audio.FrameSamples]int16) (word uint16, ok bool) {
	var p [bands]float32
	if silent(pcm) {
		if l.quietFor++; l.quietFor > warmup {
			if l.quietFor == warmup+1 {
				*l = listener{quietFor: l.quietFor} // what rounding left of the sums goes, too
			}
			return 0, false
		}
	} else {
		l.quietFor = 0
	}
	l.spectrum.push(pcm, &p)
	l.first.push(&p)
	for b := range bands {
		p[b] = float32(max(l.first.sum[b], 0))
	}
	l.second.push(&p)
	return l.compare(), true
}

// compare makes the word out of the evened powers of now and of lag before.
func (l *listener) compare() (word uint16) {
	was := &l.before[l.at]
	if l.at++; l.at == lag {
		l.at = 0
	}
	l.power = 0
	var now [bands]float64
	for b := range bands {
		now[b] = max(l.second.sum[b], 0) + floor
		l.power += now[b]
	}
	for b := range wordBits {
		up, down := now[b]*(was[b+1]+floor), now[b+1]*(was[b]+floor)
		if up > down {
			word |= 1 << b
		}
		l.up[b], l.down[b] = up, down
	}
	*was = now
	return word
}

// silent reports whether no sample reaches quiet.
func silent(pcm *[audio.FrameSamples]int16) bool {
	var all int16
	for _, v := range pcm {
		all |= v ^ v>>15
	}
	return all < quiet
}

// doubtful names the bits of the last word that were decided least clearly.
func (l *listener) doubtful(bits *[flips]uint16) {
	var least [flips]float32
	for i := range least {
		least[i], bits[i] = 2, 0
	}
	for b, up := range l.up {
		v := float32(math.Abs(up-l.down[b]) / (up + l.down[b]))
		bit := uint16(1) << b
		for i := range least {
			if v < least[i] {
				v, least[i], bit, bits[i] = least[i], v, bits[i], bit
			}
		}
	}
}
