package embedded

import (
	"time"

	"dozvon/audio"
	"dozvon/hearing/keywords"
)

// utterance is a stretch of speech on its way to a worker.
type utterance struct {
	stream   *stream
	number   int32
	final    bool
	sound    []byte        // A-law
	from, to int           // samples of it that are the speech
	quiet    time.Duration // between the speech and the look at it
	since    time.Time     // of that look
}

// work decides on one utterance after the other.
func (r *Recognizer) work() {
	var d *keywords.Decoder
	for {
		select {
		case <-r.stop:
			return
		case u := <-r.jobs:
			if d == nil {
				d = keywords.NewDecoder(u.stream.grammar)
			}
			u.decide(d)
			u.stream = nil
			r.spare.Put(u)
		}
	}
}

// decide finds the word and tells the stream, unless it has been closed.
func (u *utterance) decide(d *keywords.Decoder) {
	s := u.stream
	if s.closed.Load() {
		return
	}
	d.Reset(s.grammar)
	var pcm [audio.FrameSamples]int16
	for sound := u.sound; len(sound) > 0; sound = sound[min(len(sound), len(pcm)):] {
		n := min(len(sound), len(pcm))
		audio.Decode(audio.ALaw, pcm[:n], sound[:n])
		d.Hear(pcm[:n])
	}
	what, _ := d.Decide(u.from, u.to)
	select {
	case s.decided <- decided{Decision: what, number: u.number, final: u.final, latency: u.quiet + time.Since(u.since)}:
	case <-s.done:
	}
}
