package engines

import (
	"context"
	"testing"
	"time"

	"go.uber.org/goleak"

	"dozvon/audio"
	"dozvon/hearing"
	"dozvon/hearing/engines/vosktest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var answered = map[string][]string{"yes": {"да", "интересно"}, "no": {"нет", "не надо", "не интересно"}, "later": {"позже"}}

var question = hearing.Options{Language: "ru", Phrases: answered}

// server starts a Vosk server.
func server(t *testing.T, m vosktest.Manner) *vosktest.Server {
	t.Helper()
	s, err := vosktest.New(m)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// client is an engine for a server; its time limits are short.
func client(t *testing.T, s *vosktest.Server, change ...func(*VoskConfig)) *Vosk {
	t.Helper()
	c := VoskConfig{URL: s.URL, Connect: 3 * time.Second, Reply: 3 * time.Second}
	for _, f := range change {
		f(&c)
	}
	v, err := NewVosk(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(v.Close)
	return v
}

func quick(c *VoskConfig) { c.Connect, c.Reply = 300*time.Millisecond, 200*time.Millisecond }

// open listens.
func open(t *testing.T, r hearing.Recognizer) hearing.Stream {
	t.Helper()
	s, err := r.Open(context.Background(), question)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// speak writes sound no faster than the server takes it, until all is written
// or the stream has ended.
func speak(s hearing.Stream, pcm []int16) {
	for ; len(pcm) >= audio.FrameSamples; pcm = pcm[audio.FrameSamples:] {
		if v, ok := s.(*voskStream); ok && v.cur == nil {
			select {
			case c := <-v.free:
				v.free <- c
			case <-v.ctx.Done():
			}
		}
		s.Write(hearing.Frame{PCM: pcm[:audio.FrameSamples]})
	}
}

// all collects what is heard until the stream ends.
func all(s hearing.Stream) (heard []hearing.Heard) {
	for h := range s.Results() {
		heard = append(heard, h)
	}
	return heard
}

// one waits for a result.
func one(t *testing.T, s hearing.Stream) hearing.Heard {
	t.Helper()
	select {
	case h, ok := <-s.Results():
		if !ok {
			t.Fatalf("the stream ended: %v", why(&hearer{"", s}))
		}
		return h
	case <-time.After(20 * time.Second):
		t.Fatal("nothing was heard")
	}
	panic("unreachable")
}
