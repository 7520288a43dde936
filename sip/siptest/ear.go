package siptest

import (
	"sync/atomic"
	"time"

	"dozvon/audio"
)

// voiceRMS is the level above which a frame counts as voice: about -40 dB
// below full scale, well over the noise of a line and under any prompt.
const voiceRMS = 300

// toneShare is the share of a frame's energy that makes a tone heard. The
// voices of a person and an operator may be mixed.
const toneShare = 0.2

// ear hears what the caller sends. The wheel calls hear with each frame; the
// call reads the counters, and is woken when it asked to be.
type ear struct {
	wake     chan struct{} // takes one
	voice    samples
	person   samples
	operator samples
	last     atomic.Int64 // when voice was heard last, as Unix nanoseconds
	want     atomic.Int64 // samples of voice at which to wake; 0: never

	block []float64 // the wheel's own
}

// samples counts sound.
type samples struct{ atomic.Int64 }

func (s *samples) duration() time.Duration { return audio.Duration(int(s.Load())) }

var voices = audio.NewGoertzelBank(VoicePersonHz, VoiceOperatorHz)

func newEar() *ear { return &ear{wake: make(chan struct{}, 1)} }

// hear takes one frame.
func (e *ear) hear(f audio.Frame) {
	frame := f.PCM
	energy := audio.Energy(frame)
	if energy < voiceRMS*voiceRMS*float64(len(frame)) {
		return
	}
	n := int64(len(frame))
	e.last.Store(time.Now().UnixNano())
	e.tones(frame, energy)
	heard := e.voice.Add(n)
	if want := e.want.Load(); want > 0 && heard >= want {
		select {
		case e.wake <- struct{}{}:
		default:
		}
	}
}

func (e *ear) tones(frame []int16, energy float64) {
	e.block = e.block[:0]
	for _, s := range frame {
		e.block = append(e.block, float64(s))
	}
	var powers [2]float64
	voices.Powers(powers[:], e.block)
	if powers[0] > toneShare*energy {
		e.person.Add(int64(len(frame)))
	}
	if powers[1] > toneShare*energy {
		e.operator.Add(int64(len(frame)))
	}
}

// heard is how much voice has come.
func (e *ear) heard() time.Duration { return e.voice.duration() }

// silentFor is how long no voice has come, as seen at now.
func (e *ear) silentFor(now time.Time) time.Duration {
	return now.Sub(time.Unix(0, e.last.Load()))
}

// wakeAt asks to be woken once that much more voice has come, and returns a
// function that says whether it has.
func (e *ear) wakeAt(more time.Duration) func() bool {
	want := e.voice.Load() + int64(audio.Samples(more))
	e.want.Store(want)
	return func() bool { return e.voice.Load() >= want }
}

// spoken asks to be woken by any voice beyond the samples heard at acted.
func (e *ear) spoken(acted int64) func() bool {
	e.want.Store(acted + 1)
	return func() bool { return e.voice.Load() > acted }
}
