package engines

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"dozvon/audio"
	"dozvon/hearing"
)

// Link is an engine of a chain.
type Link struct {
	Name string // for people
	hearing.Recognizer
}

// Event is something that a chain tells those who count.
type Event struct {
	Engine   string
	Heard    *hearing.Heard // a result; nil: the engine failed
	Instead  string         // the engine that goes on in place of the one that failed; "": keys only
	MidCall  bool           // it failed while it heard a person
	Language string
}

// Chain hears with the first engine of a language that is in order. Where it
// fails while somebody speaks, the next one hears the last seconds again and
// goes on. When none is left the call has its keys.
type Chain struct {
	Languages map[string][]Link
	Observe   func(Event) // may be nil; from any goroutine, must not block
	Log       *slog.Logger
}

// failing is a stream that says why its results ended by themselves.
type failing interface{ Err() error }

// Open opens the first engine that is in order. In a language without engines
// nothing is heard, which is no fault: such calls have their keys.
func (c *Chain) Open(ctx context.Context, o hearing.Options) (hearing.Stream, error) {
	links := c.Languages[o.Language]
	if len(links) == 0 {
		return &mute{results: make(chan hearing.Heard)}, nil
	}
	s := &chainStream{chain: c, options: o, links: links, results: make(chan hearing.Heard)}
	s.ctx, s.cancel = context.WithCancel(context.WithoutCancel(ctx))
	first, err := s.next(nil)
	if first == nil {
		s.cancel()
		return nil, err
	}
	if len(s.links) > 0 {
		s.past = newPast()
	}
	s.to = first
	go s.relay(first)
	return s, nil
}

// mute hears nothing.
type mute struct {
	results chan hearing.Heard
	once    sync.Once
}

func (m *mute) Write(hearing.Frame)           {}
func (m *mute) Results() <-chan hearing.Heard { return m.results }
func (m *mute) Close()                        { m.once.Do(func() { close(m.results) }) }

func (c *Chain) observe(e Event) {
	if c.Observe != nil {
		c.Observe(e)
	}
}

// hearer is an engine's stream within a chain.
type hearer struct {
	name string
	hearing.Stream
}

// chainStream is the engine that hears now. The relay follows results and
// chooses the next engine; Write's goroutine hands frames to it, the past ones
// first.
type chainStream struct {
	chain   *Chain
	options hearing.Options
	links   []Link // not tried yet; of the relay
	results chan hearing.Heard
	ctx     context.Context
	cancel  context.CancelFunc
	heardTo atomic.Int64           // frames that a result has settled
	written atomic.Int64           // frames
	instead atomic.Pointer[hearer] // the engine that goes on, for Write
	err     error                  // before results are closed

	to   *hearer // of Write
	past *past   // of Write; nil: nobody could hear it again
}

// Results delivers what was heard. If it is closed before Close was called, no
// engine is left, and Err says why.
func (s *chainStream) Results() <-chan hearing.Heard { return s.results }

// Err is why Results ended by themselves.
func (s *chainStream) Err() error { return s.err }

// Close ends it.
func (s *chainStream) Close() { s.cancel() }

// catchUp is how many past frames go to a new engine with each new one, so
// that it has heard five seconds again within one.
const catchUp = 6

// Write takes a frame.
func (s *chainStream) Write(f hearing.Frame) {
	if s.ctx.Err() != nil {
		return
	}
	n := s.written.Add(1)
	if h := s.instead.Swap(nil); h != nil {
		s.to = h
		s.past.rewind(s.heardTo.Load())
	}
	if s.past == nil || !s.past.behind() {
		s.to.Write(f)
		s.past.keep(f, n)
		return
	}
	s.past.keep(f, n)
	for range catchUp {
		old, ok := s.past.again()
		if !ok {
			return
		}
		s.to.Write(old)
	}
}

// next opens the next engine that is in order.
func (s *chainStream) next(failed *hearer) (*hearer, error) {
	var errs []error
	for len(s.links) > 0 {
		l := s.links[0]
		s.links = s.links[1:]
		st, err := l.Open(s.ctx, s.options)
		if err == nil {
			return &hearer{l.Name, st}, nil
		}
		errs = append(errs, err)
		instead := ""
		if len(s.links) > 0 {
			instead = s.links[0].Name
		}
		s.chain.observe(Event{Engine: l.Name, Instead: instead, MidCall: failed != nil, Language: s.options.Language})
	}
	return nil, errors.Join(errs...)
}

// relay carries results, and puts the next engine in the place of one that
// has failed.
func (s *chainStream) relay(h *hearer) {
	defer close(s.results)
	defer s.cancel()
	for h != nil {
		s.carry(h)
		h.Close()
		if s.ctx.Err() != nil {
			return
		}
		s.err = why(h)
		failed := h
		h, _ = s.next(failed)
		e := Event{Engine: failed.name, MidCall: true, Language: s.options.Language}
		if h != nil {
			e.Instead = h.name
			s.instead.Store(h)
		}
		s.chain.observe(e)
		if s.chain.Log != nil {
			s.chain.Log.Info("an engine failed while a person was heard", "engine", failed.name, "instead", e.Instead, "error", s.err)
		}
	}
}

func why(h *hearer) error {
	if f, ok := h.Stream.(failing); ok && f.Err() != nil {
		return f.Err()
	}
	return fmt.Errorf("the engine %s stopped", h.name)
}

// carry hands on what an engine hears until it ends or the listener does.
func (s *chainStream) carry(h *hearer) {
	for {
		select {
		case what, ok := <-h.Results():
			if !ok {
				return
			}
			at := s.written.Load() - int64(max(what.Latency, 0)/audio.FrameTime)
			s.heardTo.Store(at)
			s.chain.observe(Event{Engine: h.name, Heard: &what, Language: s.options.Language})
			select {
			case s.results <- what:
			case <-s.ctx.Done():
				return
			}
		case <-s.ctx.Done():
			return
		}
	}
}

// past is the last seconds of sound, as A-law, which is what most of it was.
type past struct {
	frames [pastFrames]pastFrame
	last   int64 // number of the newest; the first frame of a stream is number 1
	read   int64 // number of the next that goes to a new engine; 0: none does
	pcm    [audio.FrameSamples]int16
}

type pastFrame struct {
	sound  [audio.FrameSamples]byte
	echo   uint32
	filled bool
}

// pastFrames is five seconds: 42 KB, kept only where an engine stands behind.
const pastFrames = int64(5 * time.Second / audio.FrameTime)

func newPast() *past { return &past{} }

// keep notes frame number n.
func (p *past) keep(f hearing.Frame, n int64) {
	if p == nil || len(f.PCM) != audio.FrameSamples {
		return
	}
	slot := &p.frames[n%pastFrames]
	audio.Encode(audio.ALaw, slot.sound[:], f.PCM)
	slot.echo, slot.filled = f.Echo, f.Filled
	p.last = n
}

// rewind begins anew after frame number n, as far as it is kept.
func (p *past) rewind(n int64) {
	if p != nil {
		p.read = max(n+1, p.last-pastFrames+2, 1)
	}
}

func (p *past) behind() bool { return p.read != 0 }

// again gives the next frame; false: everything has been heard again.
func (p *past) again() (hearing.Frame, bool) {
	if p.read > p.last {
		p.read = 0
		return hearing.Frame{}, false
	}
	slot := &p.frames[p.read%pastFrames]
	p.read++
	audio.Decode(audio.ALaw, p.pcm[:], slot.sound[:])
	return hearing.Frame{PCM: p.pcm[:], Echo: slot.echo, Filled: slot.filled}, true
}
