package engines

import (
	"context"
	"iter"
	"sync/atomic"
	"time"

	"dozvon/audio"
	"dozvon/hearing"
	"dozvon/hearing/endpoint"
)

// Figures of an utterance that goes to a program.
const (
	maxSaid      = 4 * audio.Rate          // what is longer is cut: no answer is
	leadIn       = 14 * audio.FrameSamples // of what came before its first speech: s and f begin below it
	leadOut      = 8 * audio.FrameSamples  // of what came after its last
	startsWithin = 3                       // frames: an utterance is known to have begun
	leastFor     = 4                       // frames of speech; a click has fewer
)

// said is an utterance.
type said struct {
	pcm []int16
	end int64 // samples of the stream up to its last speech
}

// sphinxStream cuts what one person says into utterances, in Write, and has
// them heard one after the other, in a goroutine of its own.
type sphinxStream struct {
	s       *Sphinx
	answers *answers
	grammar string
	results chan hearing.Heard
	full    chan *said
	free    chan *said
	ctx     context.Context
	cancel  context.CancelFunc
	written atomic.Int64
	err     error // before results are closed

	ear  endpoint.Endpointer // of Write, with what follows
	cur  *said
	lost bool // no room for this utterance: the two before it are still being heard
}

// HearRecording hears sound that is all there, utterance by utterance. The
// latency of a result is the pause that ends an utterance and the time that
// the program took.
func (s *Sphinx) HearRecording(ctx context.Context, o hearing.Options, frames iter.Seq[hearing.Frame]) ([]hearing.Heard, error) {
	a := newAnswers(o)
	g, err := s.grammar(a)
	if err != nil {
		return nil, err
	}
	t := makeSphinxStream(s, a, g)
	defer t.Close()
	var out []hearing.Heard
	for f := range frames {
		t.Write(f)
		select {
		case u := <-t.full:
			began := time.Now()
			words, err := s.recognise(ctx, g, u.pcm)
			if err != nil {
				return out, err
			}
			if len(words) > 0 {
				h := t.heard(words, u.end)
				h.Latency += time.Since(began)
				out = append(out, h)
			}
			t.free <- u
		default:
		}
	}
	return out, nil
}

func newSphinxStream(s *Sphinx, a *answers, grammar string) *sphinxStream {
	t := makeSphinxStream(s, a, grammar)
	go t.run()
	return t
}

func makeSphinxStream(s *Sphinx, a *answers, grammar string) *sphinxStream {
	t := &sphinxStream{s: s, answers: a, grammar: grammar, results: make(chan hearing.Heard), full: make(chan *said, 2), free: make(chan *said, 2)}
	for range 2 {
		t.free <- &said{pcm: make([]int16, 0, maxSaid)}
	}
	t.cur = <-t.free
	t.ctx, t.cancel = context.WithCancel(context.Background())
	return t
}

// Results delivers what was heard; if it ends before Close, Err says why.
func (t *sphinxStream) Results() <-chan hearing.Heard { return t.results }

// Err is why Results ended by themselves.
func (t *sphinxStream) Err() error { return t.err }

// Close ends it.
func (t *sphinxStream) Close() { t.cancel() }

// Write takes a frame.
func (t *sphinxStream) Write(f hearing.Frame) {
	if t.ctx.Err() != nil || len(f.PCM) != audio.FrameSamples {
		return
	}
	n := t.written.Add(audio.FrameSamples)
	change := t.ear.Hear(f)
	if t.cur == nil {
		select {
		case t.cur = <-t.free:
			t.cur.pcm = t.cur.pcm[:0]
		default:
		}
	}
	if change == endpoint.Began {
		t.lost = false
	}
	if t.cur == nil {
		t.lost = true
		return
	}
	t.keep(f.PCM, change)
	if change != endpoint.Ended || t.ear.Voiced() < leastFor || t.lost {
		return
	}
	quiet := t.ear.Quiet() * audio.FrameSamples
	t.cur.pcm = t.cur.pcm[:len(t.cur.pcm)-max(0, min(quiet-leadOut, len(t.cur.pcm)))]
	t.cur.end = n - int64(quiet)
	t.full <- t.cur // never waits: there is room for both
	t.cur = nil
}

// keep adds a frame, and while nobody talks forgets what is older than the
// lead-in.
func (t *sphinxStream) keep(pcm []int16, change endpoint.Turn) {
	c := t.cur
	if limit := leadIn + startsWithin*audio.FrameSamples; !t.ear.Speaking() && change != endpoint.Ended && len(c.pcm) >= limit {
		c.pcm = c.pcm[:copy(c.pcm, c.pcm[len(c.pcm)-limit+audio.FrameSamples:])]
	}
	if len(c.pcm)+len(pcm) <= cap(c.pcm) {
		c.pcm = append(c.pcm, pcm...)
	}
}

func (t *sphinxStream) run() {
	defer close(t.results)
	defer t.cancel()
	for {
		select {
		case u := <-t.full:
			words, err := t.s.recognise(t.ctx, t.grammar, u.pcm)
			end := u.end
			t.free <- u
			if t.ctx.Err() != nil {
				return
			}
			if err != nil {
				t.err = err
				return
			}
			t.tell(words, end)
		case <-t.ctx.Done():
			return
		}
	}
}

func (t *sphinxStream) tell(words []word, end int64) {
	if len(words) == 0 {
		return
	}
	select {
	case t.results <- t.heard(words, end):
	case <-t.ctx.Done():
	}
}

// heard is a result; end is where the words ended, in samples of the stream.
func (t *sphinxStream) heard(words []word, end int64) hearing.Heard {
	h := hearing.Heard{Text: sentence(words), Engine: t.s.Name(), Latency: audio.Duration(int(t.written.Load() - end))}
	h.Label, h.Confidence = t.answers.label(words)
	return h
}
