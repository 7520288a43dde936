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
	looksAfter   = 8                       // frames of silence: the program begins, in the hope that nothing more is said
	leadOut      = looksAfter * audio.FrameSamples
	startsWithin = 3 // frames: an utterance is known to have begun
	leastFor     = 4 // frames of speech; a click has fewer
	mostWaiting  = 2 // utterances for the program
)

// said is an utterance on its way to the program. Its sound is whole when
// looksAfter frames of silence have followed it; whether it was the end is only
// known some frames later.
type said struct {
	pcm    []int16
	end    int64     // samples of the stream up to its last speech
	ended  chan bool // once: it was the end; false: the person went on, and nobody wants to know
	ctx    context.Context
	cancel context.CancelFunc
}

// settle says whether it was the end.
func (u *said) settle(ended bool) {
	if !ended {
		u.cancel()
	}
	u.ended <- ended // never waits: there is room for the one
}

// sphinxStream cuts what one person says into utterances, in Write, and has
// them heard one after the other, in a goroutine of its own. The program works
// while Write still waits whether the person goes on.
type sphinxStream struct {
	s       *Sphinx
	answers *answers
	grammar string
	results chan hearing.Heard
	full    chan *said
	ctx     context.Context
	cancel  context.CancelFunc
	written atomic.Int64
	missed  atomic.Bool // an utterance came while two were waiting
	err     error       // before results are closed

	ear   endpoint.Endpointer // of Write, with what follows
	pcm   []int16             // since leadIn before the utterance
	early *said               // the program has begun with it; nil: the utterance is not with it, or has gone on
}

// HearRecording hears sound that is all there, utterance by utterance. The
// latency of a result is what it would be in a call: the pause that ends an
// utterance, or the time that the program took if that is longer.
func (s *Sphinx) HearRecording(ctx context.Context, o hearing.Options, frames iter.Seq[hearing.Frame]) ([]hearing.Heard, error) {
	a := newAnswers(o)
	g, err := s.grammar(a)
	if err != nil {
		return nil, err
	}
	t := makeSphinxStream(s, a, g)
	defer t.Close()
	r := recording{sphinxStream: t}
	for f := range frames {
		t.Write(f)
		r.settled()
		if err := r.begin(ctx); err != nil {
			return r.heard, err
		}
		r.settled()
	}
	return r.heard, nil
}

// recording is a stream that is heard in the goroutine that writes it.
type recording struct {
	*sphinxStream
	heard []hearing.Heard
	said  *said // its words are known, but not whether it was the end
	words []word
	known time.Duration // from the end of the speech
}

// begin hears an utterance that has been handed on.
func (r *recording) begin(ctx context.Context) (err error) {
	select {
	case r.said = <-r.full:
		began := time.Now()
		r.words, err = r.s.recognise(ctx, r.grammar, r.said.pcm)
		r.known = r.since(r.said.end) + time.Since(began)
	default:
	}
	return err
}

// settled keeps the words of an utterance that has ended.
func (r *recording) settled() {
	if r.said == nil {
		return
	}
	select {
	case ended := <-r.said.ended:
		if ended && len(r.words) > 0 {
			h := r.result(r.words, r.said.end)
			h.Latency = max(h.Latency, r.known)
			r.heard = append(r.heard, h)
		}
		r.done(r.said)
		r.said = nil
	default:
	}
}

func newSphinxStream(s *Sphinx, a *answers, grammar string) *sphinxStream {
	t := makeSphinxStream(s, a, grammar)
	go t.run()
	return t
}

func makeSphinxStream(s *Sphinx, a *answers, grammar string) *sphinxStream {
	t := &sphinxStream{s: s, answers: a, grammar: grammar, results: make(chan hearing.Heard), full: make(chan *said, mostWaiting), pcm: make([]int16, 0, maxSaid)}
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
	t.written.Add(audio.FrameSamples)
	change := t.ear.Hear(f)
	t.keep(f.PCM, change)
	quiet := t.ear.Quiet()
	if t.early != nil && quiet <= looksAfter {
		t.early.settle(false)
		t.early = nil
	}
	switch {
	case change == endpoint.Ended:
		t.end()
	case t.ear.Speaking() && quiet == looksAfter && t.ear.Voiced() >= leastFor && len(t.full) == 0 && t.s.idle(): // a hope takes no room from an end
		t.early = t.hand()
	}
}

// end settles an utterance that is over.
func (t *sphinxStream) end() {
	u := t.early
	if u == nil && t.ear.Voiced() >= leastFor {
		if u = t.hand(); u == nil {
			t.missed.Store(true)
		}
	}
	if u != nil {
		u.settle(true)
	}
	t.early, t.pcm = nil, t.pcm[:0]
}

// hand gives the utterance so far to the program; nil: two are waiting.
func (t *sphinxStream) hand() *said {
	if len(t.full) == cap(t.full) {
		return nil
	}
	quiet := t.ear.Quiet() * audio.FrameSamples
	u := t.s.spare.Get().(*said)
	u.pcm = append(u.pcm[:0], t.pcm[:len(t.pcm)-max(0, min(quiet-leadOut, len(t.pcm)))]...)
	u.end = t.written.Load() - int64(quiet)
	u.ended = make(chan bool, 1)
	u.ctx, u.cancel = context.WithCancel(t.ctx)
	t.full <- u // never waits: only Write fills it
	return u
}

// keep adds a frame, and while nobody talks forgets what is older than the
// lead-in.
func (t *sphinxStream) keep(pcm []int16, change endpoint.Turn) {
	if limit := leadIn + startsWithin*audio.FrameSamples; !t.ear.Speaking() && change != endpoint.Ended && len(t.pcm) >= limit {
		t.pcm = t.pcm[:copy(t.pcm, t.pcm[len(t.pcm)-limit+audio.FrameSamples:])]
	}
	if len(t.pcm)+len(pcm) <= cap(t.pcm) {
		t.pcm = append(t.pcm, pcm...)
	}
}

func (t *sphinxStream) run() {
	defer close(t.results)
	defer t.cancel()
	for {
		select {
		case u := <-t.full:
			if !t.hear(u) || t.missed.Swap(false) && !t.tell(nil, t.written.Load()) {
				return
			}
		case <-t.ctx.Done():
			return
		}
	}
}

// hear has an utterance heard and tells what it was, once it is known to have
// ended; false: the stream is over. Speech without words is told as no answer,
// like what was said when there was no room: somebody waits to be told.
func (t *sphinxStream) hear(u *said) bool {
	words, err := t.s.recognise(u.ctx, t.grammar, u.pcm)
	select {
	case ended := <-u.ended:
		end := u.end
		t.done(u)
		switch {
		case !ended:
			return true
		case t.ctx.Err() != nil:
			return false
		case err != nil:
			t.err = err
			return false
		}
		return t.tell(words, end)
	case <-t.ctx.Done():
		return false
	}
}

// done lets go of an utterance.
func (t *sphinxStream) done(u *said) {
	u.cancel()
	u.ctx, u.cancel, u.ended = nil, nil, nil
	t.s.spare.Put(u)
}

// tell reports false if nobody listens any more.
func (t *sphinxStream) tell(words []word, end int64) bool {
	select {
	case t.results <- t.result(words, end):
		return true
	case <-t.ctx.Done():
		return false
	}
}

// since is how much sound has come after a sample of the stream.
func (t *sphinxStream) since(end int64) time.Duration {
	return audio.Duration(int(t.written.Load() - end))
}

// result is what is told; end is where the words ended, in samples of the stream.
func (t *sphinxStream) result(words []word, end int64) hearing.Heard {
	h := hearing.Heard{Text: sentence(words), Engine: t.s.Name(), Latency: t.since(end)}
	h.Label, h.Confidence = t.answers.label(words)
	return h
}
