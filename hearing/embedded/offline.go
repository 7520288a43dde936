package embedded

import (
	"dozvon/hearing"
	"dozvon/hearing/keywords"
)

// Offline hears recorded sound, as fast as it is given. What it hears is what
// a stream hears of the same frames; only that it decides in the goroutine that
// brings them, so that nothing is lost to a worker that is busy and nothing
// depends on who is faster. Benchmarks use it, and reports on recorded calls.
type Offline struct {
	r       *Recognizer
	s       *stream
	decoder *keywords.Decoder
	heard   []hearing.Heard
}

// NewOffline returns a listener that has heard nothing. It belongs to one
// goroutine. It fails as Recognizer.Open does.
func NewOffline(m *keywords.Model, o hearing.Options) (*Offline, error) {
	r := idle(Config{Model: m})
	g, err := r.grammar(o)
	if err != nil {
		return nil, err
	}
	return &Offline{r: r, s: r.stream(g, o), decoder: keywords.NewDecoder(g)}, nil
}

// Hear takes a frame and returns what was heard with it, mostly nothing. The
// result is valid until the next call.
func (o *Offline) Hear(f hearing.Frame) []hearing.Heard {
	o.heard = o.heard[:0]
	o.s.Write(f)
	for {
		select {
		case u := <-o.r.jobs:
			u.work(o.decoder)
			o.r.spare.Put(u)
		case d := <-o.s.decided:
			if o.s.counts(d) {
				o.heard = append(o.heard, d.heard())
			}
		default:
			return o.heard
		}
	}
}
