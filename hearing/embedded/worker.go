package embedded

import (
	"time"

	"dozvon/audio"
	"dozvon/hearing/keywords"
	"dozvon/hearing/progress"
)

// utterance is a stretch of speech on its way to a worker, of a stream or of a
// First.
type utterance struct {
	stream   *stream
	first    *First
	said     progress.Said // of a First
	number   int32
	final    bool
	sound    []byte        // A-law
	from, to int           // samples of it that are the speech
	quiet    time.Duration // between the speech and the look at it
	since    time.Time     // of that look
}

// work decides on one utterance after the other.
func (r *Recognizer) work() {
	d := keywords.NewDecoder(nil) // each utterance brings its grammar
	for {
		select {
		case <-r.stop:
			return
		case u := <-r.jobs:
			u.work(d)
			r.spare.Put(u)
		}
	}
}

// work decides on the utterance for whoever it is of, and lets go of them.
func (u *utterance) work(d *keywords.Decoder) {
	if u.first != nil {
		u.glance(d)
	} else {
		u.decide(d)
	}
	u.stream, u.first = nil, nil
}

// decide finds the word and tells the stream, unless it has been closed.
func (u *utterance) decide(d *keywords.Decoder) {
	s := u.stream
	if s.closed.Load() {
		return
	}
	what, _ := u.hear(d, s.grammar)
	select {
	case s.decided <- decided{Decision: what, number: u.number, final: u.final, latency: u.quiet + time.Since(u.since)}:
	case <-s.done:
	}
}

// hear is what the decoder makes of the utterance.
func (u *utterance) hear(d *keywords.Decoder, g *keywords.Grammar) (keywords.Decision, bool) {
	d.Reset(g)
	var pcm [audio.FrameSamples]int16
	for sound := u.sound; len(sound) > 0; sound = sound[min(len(sound), len(pcm)):] {
		n := min(len(sound), len(pcm))
		audio.Decode(audio.ALaw, pcm[:n], sound[:n])
		d.Hear(pcm[:n])
	}
	return d.Decide(u.from, u.to)
}
