package engines

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"dozvon/audio"
	"dozvon/hearing"
	"dozvon/hearing/engines/vosktest"
)

// The messages are those of the server's own documentation, byte for byte.
func TestVoskMessages(t *testing.T) {
	want := `{"config":{"sample_rate":8000,"words":true,"phrase_list":["да","нет","[unk]"]}}`
	if got := string(configMessage([]string{"да", "нет"})); got != want {
		t.Errorf("%s", got)
	}
	if endMessage != `{"eof" : 1}` {
		t.Errorf("%s", endMessage)
	}
}

// A person answers several questions' worth of words on one stream.
func TestVoskHears(t *testing.T) {
	srv := server(t, vosktest.Honest)
	v := client(t, srv)
	s := open(t, v)
	go func() {
		for _, said := range [][]string{{"да"}, {"не", "надо"}, {"кот", "позже"}, {"кот"}, {"да", "нет"}, {"не", "кот", "интересно"}} {
			speak(s, vosktest.Say(said...))
		}
	}()
	for _, want := range []hearing.Heard{
		{Label: "yes", Text: "да", Confidence: 0.95},
		{Label: "no", Text: "не надо", Confidence: 0.95},
		{Label: "later", Text: "позже", Confidence: 0.95 * 2 / 3},
		{Text: ""},
		{Text: "да нет"},
		{Text: "не интересно"},
	} {
		h := one(t, s)
		if h.Label != want.Label || h.Text != want.Text || h.Engine != "vosk" || h.Confidence < want.Confidence-1e-9 || h.Confidence > want.Confidence+1e-9 {
			t.Errorf("heard %+v, want %+v", h, want)
		}
		// The test writes up to 1.6 s ahead of the server.
		if h.Latency < 200*time.Millisecond || h.Latency > 2200*time.Millisecond {
			t.Errorf("%s after the end of %q", h.Latency, h.Text)
		}
	}
	s.Close()
	all(s)
	s.Write(hearing.Frame{PCM: make([]int16, audio.FrameSamples)}) // after Close: nothing
	if f := srv.Faults(); len(f) > 0 {
		t.Errorf("against the protocol: %q", f)
	}
	c := srv.Configs()
	if len(c) < 6 || !strings.HasPrefix(strings.Join(c[0].Phrases, ","), "да,интересно,не интересно,не надо,нет,позже,") || !slices.Contains(c[0].Phrases, "кто это") {
		t.Errorf("%v", c)
	}
}

// A result is there 0.3 s after the end of a word, and what the server needs.
func TestVoskLatency(t *testing.T) {
	s := open(t, client(t, server(t, vosktest.Honest))).(*voskStream)
	pcm := vosktest.Say("да")
	for talked := false; s.ear.Speaking() || !talked; pcm = pcm[audio.FrameSamples:] {
		talked = talked || s.ear.Speaking()
		speak(s, pcm[:audio.FrameSamples])
	}
	if h := one(t, s); h.Label != "yes" || h.Latency > 400*time.Millisecond {
		t.Errorf("%+v", h)
	}
	s.Close()
	all(s)
}

// A misbehaving server is found out in time, and never says yes.
func TestVoskMisbehaviours(t *testing.T) {
	for manner, want := range map[vosktest.Manner]string{
		vosktest.Mute:         "in time",
		vosktest.Garbage:      "no result of a recogniser",
		vosktest.Other:        "no result of a recogniser",
		vosktest.Huge:         "",
		vosktest.Latin:        "UTF-8",
		vosktest.Binary:       "no text",
		vosktest.HangsUp:      "",
		vosktest.Flood:        "",
		vosktest.Twice:        "a reply to nothing",
		vosktest.Contradicts:  "its words are",
		vosktest.Refuses:      "404",
		vosktest.Silent:       "in time",
		vosktest.DiesOnSpeech: "",
	} {
		t.Run(string(manner), func(t *testing.T) {
			t.Parallel()
			srv := server(t, manner)
			v := client(t, srv, quick)
			s, err := v.Open(context.Background(), question)
			if err == nil {
				go speak(s, vosktest.Say("да"))
				for _, h := range all(s) {
					if h.Label != "" {
						t.Errorf("heard %+v", h)
					}
				}
				err = s.(failing).Err()
				s.Close()
			}
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v, want %q", err, want)
			}
			if manner == vosktest.DiesOnSpeech {
				return
			}
			err = v.Check(context.Background())
			if err == nil || !strings.Contains(err.Error(), "the Vosk server 127.0.0.1") || len(err.Error()) > 400 {
				t.Errorf("Check: %v", err)
			}
		})
	}
}

func TestVoskCheck(t *testing.T) {
	if err := client(t, server(t, vosktest.Honest)).Check(context.Background()); err != nil {
		t.Error(err)
	}
}

// A server that hears a sure yes in everything is not believed while nobody
// can have spoken: silence, what fills gaps, and our own echo.
func TestVoskYesManInSilence(t *testing.T) {
	v := client(t, server(t, vosktest.YesMan))
	echo := make([]int16, audio.FrameSamples)
	for i := range echo {
		echo[i] = int16(2000 - 4000*(i%2))
	}
	for name, f := range map[string]hearing.Frame{
		"filled": {PCM: echo, Filled: true},
		"echo":   {PCM: echo, Echo: 4000001},
	} {
		s := open(t, v)
		for range 100 {
			speak(s, make([]int16, 0))
			vs := s.(*voskStream)
			if vs.cur == nil {
				c := <-vs.free
				vs.free <- c
			}
			s.Write(f)
		}
		s.Close()
		if heard := all(s); len(heard) > 0 {
			t.Errorf("%s: heard %+v", name, heard)
		}
	}
}

// Text without confidences counts for an ordinary answer only.
func TestVoskUnrated(t *testing.T) {
	v := client(t, server(t, vosktest.Unrated))
	s := open(t, v)
	go speak(s, vosktest.Say("да"))
	if h := one(t, s); h.Label != "yes" || h.Confidence != unrated {
		t.Errorf("%+v", h)
	}
	s.Close()
	all(s)
}

func TestVoskWriteAllocatesNothing(t *testing.T) {
	v := client(t, server(t, vosktest.Honest))
	s := open(t, v).(*voskStream)
	defer func() { s.Close(); all(s) }()
	f := hearing.Frame{PCM: make([]int16, audio.FrameSamples)}
	if n := testing.AllocsPerRun(500, func() {
		select {
		case c := <-s.full:
			s.free <- c
		default:
		}
		s.Write(f)
	}); n > 0.2 { // messages are allocated, five a second; frames are not
		t.Errorf("%.2f allocations a frame", n)
	}
}
