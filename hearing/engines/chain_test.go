package engines

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"dozvon/audio"
	"dozvon/hearing"
	"dozvon/hearing/engines/vosktest"
)

// second is an engine of the tests: it keeps what it is given.
type second struct {
	opened chan *secondStream
	err    error
}

func (s *second) Open(context.Context, hearing.Options) (hearing.Stream, error) {
	if s.err != nil {
		return nil, s.err
	}
	st := &secondStream{results: make(chan hearing.Heard, 4)}
	s.opened <- st
	return st, nil
}

type secondStream struct {
	mu      sync.Mutex
	pcm     []int16
	echo    []uint32
	results chan hearing.Heard
	once    sync.Once
}

func (s *secondStream) Write(f hearing.Frame) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pcm, s.echo = append(s.pcm, f.PCM...), append(s.echo, f.Echo)
}
func (s *secondStream) Results() <-chan hearing.Heard { return s.results }
func (s *secondStream) Close()                        { s.once.Do(func() { close(s.results) }) }

func (s *secondStream) frames() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.echo)
}

func frame(v int16, echo uint32) hearing.Frame {
	f := hearing.Frame{PCM: make([]int16, audio.FrameSamples), Echo: echo}
	for i := range f.PCM {
		f.PCM[i] = v
	}
	return f
}

// In the middle of a call the engine fails: the next one hears the last
// seconds again, in order and with their echo, and goes on; what had been
// answered before is not heard again.
func TestChainFallsBackInACall(t *testing.T) {
	a, b := &second{opened: make(chan *secondStream, 1)}, &second{opened: make(chan *secondStream, 1)}
	events := make(chan Event, 10)
	c := &Chain{Languages: map[string][]Link{"ru": {{"first", a}, {"broken", &second{err: errors.New("no model")}}, {"second", b}}},
		Observe: func(e Event) { events <- e }}
	s := open(t, c)
	first := <-a.opened
	for i := range 100 {
		s.Write(frame(int16(8*i), uint32(i)))
	}
	first.results <- hearing.Heard{Label: "later", Engine: "first", Latency: 10 * audio.FrameTime}
	if h := one(t, s); h.Label != "later" {
		t.Errorf("%+v", h)
	}
	first.Close() // it is gone
	next := <-b.opened
	eventually(t, "the chain has a new engine", func() bool { return s.(*chainStream).instead.Load() != nil })
	for i := 100; next.frames() < 60 && i < 200; i++ {
		s.Write(frame(int16(8*i), uint32(i)))
	}
	for i, e := range next.echo {
		if e != uint32(90+i) {
			t.Fatalf("frame %d of the new engine is number %d of the call", i, e)
		}
	}
	next.results <- hearing.Heard{Label: "no", Engine: "second"}
	if h := one(t, s); h.Label != "no" {
		t.Errorf("%+v", h)
	}
	s.Close()
	all(s)
	close(events)
	var told []string
	for e := range events {
		if e.Heard != nil {
			told = append(told, e.Engine+" "+e.Heard.Label)
		} else {
			told = append(told, e.Engine+"→"+e.Instead)
		}
	}
	if got := strings.Join(told, ", "); got != "first later, broken→second, first→second, second no" {
		t.Errorf("%s", got)
	}
}

// Nobody is left: the results end, and the call has its keys.
func TestChainEnds(t *testing.T) {
	a := &second{opened: make(chan *secondStream, 1)}
	c := &Chain{Languages: map[string][]Link{"ru": {{"only", a}}}}
	s := open(t, c)
	(<-a.opened).Close()
	if heard := all(s); len(heard) > 0 || s.(failing).Err() == nil {
		t.Errorf("%v %v", heard, s.(failing).Err())
	}
	s.Write(frame(1, 0))
	none, err := c.Open(context.Background(), hearing.Options{Language: "fr"})
	if err != nil {
		t.Fatal(err)
	}
	none.Write(frame(1, 0))
	none.Close()
	if heard := all(none); len(heard) > 0 {
		t.Errorf("%v", heard)
	}
	c.Languages["ru"] = []Link{{"broken", &second{err: errors.New("no model")}}}
	if _, err := c.Open(context.Background(), question); err == nil || !strings.Contains(err.Error(), "no model") {
		t.Errorf("%v", err)
	}
}

// A server that dies at the first word of the answer: the engine behind it
// hears that word.
func TestChainBehindVosk(t *testing.T) {
	b := &second{opened: make(chan *secondStream, 1)}
	v := client(t, server(t, vosktest.DiesOnSpeech))
	s := open(t, &Chain{Languages: map[string][]Link{"ru": {{"vosk", v}, {"embedded", b}}}})
	said := vosktest.Say("да")
	for pcm := said; len(pcm) >= audio.FrameSamples; pcm = pcm[audio.FrameSamples:] {
		if inner := s.(*chainStream).to; inner.name == "vosk" {
			speak(inner.Stream, nil)
		}
		s.Write(hearing.Frame{PCM: pcm[:audio.FrameSamples]})
	}
	next := <-b.opened
	eventually(t, "the chain has a new engine", func() bool {
		c := s.(*chainStream)
		return c.instead.Load() != nil || c.to.name == "embedded"
	})
	for range 40 {
		s.Write(frame(0, 0))
	}
	loud := 0
	for _, v := range next.pcm {
		if v > 4000 {
			loud++
		}
	}
	if loud < 500 {
		t.Errorf("of the word %d loud samples came to the engine behind", loud)
	}
	s.Close()
	all(s)
}

func TestChainWriteAllocatesNothing(t *testing.T) {
	a := &second{opened: make(chan *secondStream, 1)}
	silent := &deaf{}
	s := open(t, &Chain{Languages: map[string][]Link{"ru": {{"a", silent}, {"b", a}}}}).(*chainStream)
	defer func() { s.Close(); all(s) }()
	f := frame(5, 0)
	if n := testing.AllocsPerRun(500, func() { s.Write(f) }); n > 0 {
		t.Errorf("%.2f allocations a frame", n)
	}
}

// deaf hears nothing.
type deaf struct{ secondStream }

func (d *deaf) Open(context.Context, hearing.Options) (hearing.Stream, error) { return d, nil }
func (d *deaf) Close()                                                        {}
func (d *deaf) Write(hearing.Frame)                                           {}
