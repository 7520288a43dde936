package embedded

import (
	"sync"
	"sync/atomic"
	"time"

	"dozvon/audio"
	"dozvon/hearing"
	"dozvon/hearing/endpoint"
	"dozvon/hearing/keywords"
)

// When speech is decided on, in frames of silence after it. The first look is
// for a clear answer; what is not clear may go on («через … два часа»), and is
// decided on whole when the person has fallen silent.
const (
	lookAfter  = 13 // 260 ms
	finalAfter = 30 // 600 ms
)

// defaultSure is the confidence that settles a first look where the question
// names none.
const defaultSure = 0.5

// past is how many frames a stream remembers: 4 s, what a decoder can use.
const past = int(4 * time.Second / audio.FrameTime)

// before is how many frames before the speech are handed on with it: its soft
// beginning, and what the net looks at around a sound.
const before = 14

// stream is one person who is listened to. Write's goroutine owns the sound;
// deliver owns the results.
type stream struct {
	r       *Recognizer
	grammar *keywords.Grammar
	sure    map[string]float64

	ends   endpoint.Endpointer
	ring   [past][audio.FrameSamples]byte // A-law
	at     int                            // frames written
	began  int                            // frame in which the utterance began
	number int32                          // of the utterance
	looked bool                           // at this pause
	closed atomic.Bool

	settled atomic.Int32 // the number of the last utterance that needs no other look
	decided chan decided // from workers
	results chan hearing.Heard
	done    chan struct{}
	close   sync.Once
}

// decided is what a worker found.
type decided struct {
	keywords.Decision
	number  int32
	final   bool
	latency time.Duration // from the end of the speech
}

func (d decided) heard() hearing.Heard {
	return hearing.Heard{Label: d.Label, Text: d.Text, Confidence: d.Confidence, Latency: d.latency, Engine: Name}
}

// Results delivers what was heard.
func (s *stream) Results() <-chan hearing.Heard { return s.results }

// Close ends it.
func (s *stream) Close() {
	s.close.Do(func() {
		s.closed.Store(true)
		close(s.done)
	})
}

// Write takes a frame.
func (s *stream) Write(f hearing.Frame) {
	if s.closed.Load() || len(f.PCM) != audio.FrameSamples {
		return
	}
	audio.Encode(audio.ALaw, s.ring[s.at%past][:], f.PCM)
	s.at++
	switch s.ends.Hear(f) {
	case endpoint.Began:
		s.number++
		s.began, s.looked = s.at-s.ends.Length(), false
	case endpoint.Ended:
		if s.settled.Load() != s.number {
			s.look(true)
		}
	case endpoint.Nothing:
		if s.ends.Speaking() {
			s.pause()
		}
	}
}

// pause takes the first look at what was said so far, once in each pause.
func (s *stream) pause() {
	quiet := s.ends.Quiet()
	if quiet == 0 && s.looked {
		s.looked = false
		if s.settled.Load() == s.number { // what was said is answered: this is said anew
			s.number++
			s.began = s.at - 1
		}
	}
	if quiet == lookAfter && !s.looked {
		s.looked = true
		s.look(false)
	}
}

// look hands the speech so far to a worker. What can't be decided on is told as
// no answer when the person has fallen silent, so that they are asked again: it
// was longer than anything that is listened for, or too many wait for a worker.
func (s *stream) look(final bool) {
	end := s.at - s.ends.Quiet() // the frame after the last of speech
	quiet := time.Duration(s.at-end) * audio.FrameTime
	if s.at-s.began > past || !s.hand(end, quiet, final) {
		select {
		case s.decided <- decided{number: s.number, final: final, latency: quiet}:
		default: // four decisions wait: nobody takes them
		}
	}
}

// hand gives the speech up to a frame to a worker; false: too many wait for one.
func (s *stream) hand(end int, quiet time.Duration, final bool) bool {
	u := s.r.spare.Get().(*utterance)
	first := max(s.began-before, s.at-past, 0)
	u.stream, u.number, u.final = s, s.number, final
	u.from, u.to = (s.began-first)*audio.FrameSamples, (end-first)*audio.FrameSamples
	u.quiet = quiet
	u.sound = u.sound[:0]
	for i := first; i < s.at; i++ {
		u.sound = append(u.sound, s.ring[i%past][:]...)
	}
	u.since = time.Now()
	select {
	case s.r.jobs <- u:
		return true
	default:
		u.stream = nil
		s.r.spare.Put(u)
		return false
	}
}

// deliver turns decisions into results, until the stream is closed.
func (s *stream) deliver() {
	defer close(s.results)
	for {
		select {
		case <-s.done:
			return
		case d := <-s.decided:
			if !s.counts(d) {
				continue
			}
			select {
			case s.results <- d.heard():
			case <-s.done:
				return
			}
		}
	}
}

// counts reports whether a decision is told: of a first look, a clear answer
// only. A filler («алло») is no answer, and is told to nobody.
func (s *stream) counts(d decided) bool {
	if s.settled.Load() >= d.number {
		return false
	}
	filler := d.Label == "" && d.Text != ""
	if !d.final && (d.Label == "" || d.Confidence < s.sureOf(d.Label)) {
		return false
	}
	s.settled.Store(d.number)
	return !filler
}

func (s *stream) sureOf(label string) float64 {
	if v, ok := s.sure[label]; ok {
		return v
	}
	return defaultSure
}
