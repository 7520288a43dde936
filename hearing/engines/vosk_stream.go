package engines

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"dozvon/audio"
	"dozvon/hearing"
	"dozvon/hearing/endpoint"
)

// Sound goes to a server in pieces of 0.2 s.
const (
	chunkSamples = audio.Rate / 5
	chunkBytes   = 2 * chunkSamples
	// chunksAhead is how much sound may wait for the server: 1.6 s.
	chunksAhead = 8
	// unanswered is how many messages may be without a reply at once.
	unanswered = 5
)

// chunk is a piece of sound on its way.
type chunk struct {
	b    [chunkBytes]byte
	n    int   // bytes
	at   int64 // samples of the stream up to its end
	live int   // frames in which somebody may have spoken
	end  bool  // the utterance ends with it
}

// voskStream hears one person. Write fills chunks; a goroutine of its own
// carries them to the server and its results back.
type voskStream struct {
	v       *Vosk
	answers *answers
	config  []byte
	results chan hearing.Heard
	full    chan *chunk
	free    chan *chunk
	ctx     context.Context
	cancel  context.CancelFunc
	closed  atomic.Bool // by the listener, or because the server is gone
	behind  atomic.Bool // the server has not taken the sound
	written atomic.Int64
	err     error // why results ended by themselves; before results are closed

	cur *chunk // of Write's goroutine, with what follows
	ear endpoint.Endpointer
}

func newVoskStream(v *Vosk, a *answers) *voskStream {
	wanted, others := a.grammar()
	s := &voskStream{v: v, answers: a, config: configMessage(slices.Concat(wanted, others)), results: make(chan hearing.Heard),
		full: make(chan *chunk, chunksAhead), free: make(chan *chunk, chunksAhead)}
	for range chunksAhead {
		s.free <- &chunk{}
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	go s.run()
	return s
}

// Results delivers what was heard. If it is closed before Close was called,
// the server is gone, and Err says why.
func (s *voskStream) Results() <-chan hearing.Heard { return s.results }

// Err is why Results ended by themselves; it may be asked once they have.
func (s *voskStream) Err() error { return s.err }

// Close ends it.
func (s *voskStream) Close() {
	s.closed.Store(true)
	s.cancel()
}

// Write takes a frame. What is no louder than our own echo goes to the server
// as silence.
func (s *voskStream) Write(f hearing.Frame) {
	if s.closed.Load() {
		return
	}
	if s.cur == nil {
		select {
		case s.cur = <-s.free:
			s.cur.n, s.cur.live, s.cur.end = 0, 0, false
		default:
			s.behind.Store(true)
			s.cancel()
			return
		}
	}
	c := s.cur
	ours := endpoint.Ours(f)
	if !ours {
		c.live++
	}
	for _, v := range f.PCM[:min(len(f.PCM), (chunkBytes-c.n)/2)] {
		if ours {
			v = 0
		}
		binary.LittleEndian.PutUint16(c.b[c.n:], uint16(v))
		c.n += 2
	}
	c.at = s.written.Add(int64(len(f.PCM)))
	c.end = s.ear.Hear(f) == endpoint.Ended
	if c.end || c.n+2*audio.FrameSamples > chunkBytes {
		s.full <- c // never waits: there are no more chunks than room
		s.cur = nil
	}
}

// run carries utterance after utterance, each on a connection of its own.
func (s *voskStream) run() {
	defer close(s.results)
	defer s.cancel()
	for {
		l, err := s.v.pool.take(s.ctx)
		if err == nil {
			u := utterance{voskStream: s, line: l}
			err = u.run()
			l.close()
			s.v.pool.report(u.verdict(err))
		}
		if s.ctx.Err() != nil && !s.behind.Load() {
			return
		}
		if s.behind.Load() {
			err = fmt.Errorf("it has not taken sound for %.1f s", chunksAhead*0.2)
		}
		if err != nil {
			s.err = fmt.Errorf("the Vosk server %s: %w", s.v.host, err)
			s.closed.Store(true)
			return
		}
	}
}

// utterance is one connection's worth of sound.
type utterance struct {
	*voskStream
	line   *line
	due    []time.Time // of the replies that are to come
	ending bool        // the end was sent
	from   int64       // samples of the stream before its first
	begun  bool
	at     int64 // samples of the stream that were sent
	live   int   // frames since the last result in which somebody may have spoken
}

// verdict is what an utterance's end says of the server.
func (u *utterance) verdict(err error) error {
	if u.behind.Load() {
		return errSlow
	}
	if u.ctx.Err() != nil {
		return nil
	}
	return err
}

var errSlow = errors.New("it does not answer in time")

// run carries sound to the server until it has given its final result (nil),
// or has failed.
func (u *utterance) run() error {
	if err := u.send(u.line.sendText, u.config); err != nil {
		return err
	}
	late := time.NewTimer(time.Hour)
	defer late.Stop()
	for !u.ending || len(u.due) > 0 {
		var next chan *chunk
		if !u.ending && len(u.due) < unanswered {
			next = u.full
		}
		if len(u.due) > 0 {
			late.Reset(time.Until(u.due[0]))
		} else {
			late.Reset(time.Hour)
		}
		select {
		case c := <-next:
			if err := u.chunk(c); err != nil {
				return err
			}
		case b := <-u.line.replies:
			if err := u.reply(b); err != nil {
				return err
			}
		case <-u.line.gone:
			if err := u.rest(); err != nil {
				return err
			}
		case <-late.C:
			return errSlow
		case <-u.ctx.Done():
			return u.ctx.Err()
		}
	}
	return nil
}

// rest takes the replies that came before the server went.
func (u *utterance) rest() error {
	for {
		select {
		case b := <-u.line.replies:
			if err := u.reply(b); err != nil {
				return err
			}
		default:
			if u.ending && len(u.due) == 0 {
				return nil
			}
			return u.line.err
		}
	}
}

func (u *utterance) send(by func(context.Context, []byte) error, b []byte) error {
	ctx, cancel := context.WithTimeout(u.ctx, u.v.cfg.Reply)
	defer cancel()
	return by(ctx, b)
}

// ask sends what a reply comes to.
func (u *utterance) ask(by func(context.Context, []byte) error, b []byte) error {
	u.due = append(u.due, time.Now().Add(u.v.cfg.Reply))
	return u.send(by, b)
}

func (u *utterance) chunk(c *chunk) error {
	if !u.begun {
		u.begun, u.from = true, c.at-int64(c.n/2)
	}
	u.at, u.live = c.at, u.live+c.live
	err := u.ask(u.line.sendSound, c.b[:c.n])
	u.ending = c.end
	u.free <- c
	if err == nil && u.ending {
		err = u.ask(u.line.sendText, []byte(endMessage))
	}
	return err
}

func (u *utterance) reply(b []byte) error {
	if len(u.due) == 0 {
		return fmt.Errorf("%w: a reply to nothing", errGarbage)
	}
	u.due = u.due[1:]
	r, err := readReply(b)
	if err != nil {
		return err
	}
	if r.final {
		u.tell(r)
	}
	return nil
}

// leastLive is how many frames a word has at least in which somebody may have
// spoken: 60 ms. What is heard in less is the server's own.
const leastLive = 3

// tell delivers a result.
func (u *utterance) tell(r reply) {
	live := u.live
	u.live = 0
	if len(r.words) == 0 || live < leastLive {
		return
	}
	h := hearing.Heard{Text: sentence(r.words), Engine: u.v.Name()}
	h.Label, h.Confidence = u.answers.label(r.words)
	end := u.from + int64(r.end*audio.Rate)
	if r.end <= 0 || end > u.at {
		end = u.at
	}
	h.Latency = audio.Duration(int(u.written.Load() - end))
	select {
	case u.results <- h:
	case <-u.ctx.Done():
	}
}
