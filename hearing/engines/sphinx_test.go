package engines

import (
	"bytes"
	"context"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dozvon/audio"
	"dozvon/hearing"
	"dozvon/hearing/corpus"
	"dozvon/hearing/endpoint"
)

var english = hearing.Options{Language: "en", Phrases: map[string][]string{
	"yes": {"yes", "yeah"}, "no": {"no", "not interested"}, "later": {"later", "call me later"}, "operator": {"operator", "a human"},
}}

// sphinx is the real one; the test is skipped where it is not installed.
func sphinx(t *testing.T) *Sphinx {
	t.Helper()
	if err := corpus.Missing(corpus.Pocket, corpus.PocketEN); err != nil {
		t.Skip(err)
	}
	s, err := NewSphinx(SphinxConfig{Timeout: 20 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func TestSphinxHears(t *testing.T) {
	s := sphinx(t)
	if err := corpus.Missing(corpus.Flite); err != nil {
		t.Skip(err)
	}
	if err := s.Check(context.Background()); err != nil {
		t.Fatal(err)
	}
	st, err := s.Open(context.Background(), english)
	if err != nil {
		t.Fatal(err)
	}
	voice := corpus.Voice{Engine: corpus.Flite, Name: "rms", Speed: 100}
	for _, c := range []struct{ say, label string }{{"operator", "operator"}, {"call me later", "later"}, {"the weather is nice", ""}} {
		pcm, err := voice.Say(c.say)
		if err != nil {
			t.Fatal(err)
		}
		line := corpus.Channel{Noise: corpus.PinkNoise, SNR: 30, Lead: time.Second, Tail: time.Second}
		heard, err := line.Pass(corpus.Rand(1, c.say), pcm)
		if err != nil {
			t.Fatal(err)
		}
		for f := range heard.Frames() {
			st.Write(f)
		}
		h := one(t, st)
		if sure := h.Confidence >= 0.5; c.label == "" && sure && h.Label != "" || c.label != "" && (h.Label != c.label || !sure) {
			t.Errorf("%q was heard as %+v", c.say, h)
		}
		if h.Latency < 300*time.Millisecond || h.Latency > 1500*time.Millisecond { // a second of noise follows at once
			t.Errorf("%s after the end of %q", h.Latency, c.say)
		}
	}
	st.Close()
	all(st)
	left, err := filepath.Glob(filepath.Join(s.dir, "said-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("files stay: %v %v", left, err)
	}
}

func TestSphinxRefusesUnknownWords(t *testing.T) {
	s := sphinx(t)
	err := s.Knows(hearing.Options{Language: "en", Phrases: map[string][]string{"yes": {"yes", "dozvonish"}}})
	if err == nil || !strings.Contains(err.Error(), "dozvonish") || strings.Contains(err.Error(), "yes") {
		t.Errorf("%v", err)
	}
	if _, err := s.Open(context.Background(), question); err == nil {
		t.Error("Russian is heard")
	}
}

// fake is a pocketsphinx that does what a shell script says; it has a model
// to go with it.
func fake(t *testing.T, script string) *Sphinx {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"run":        "#!/bin/sh\nwhile [ $# -gt 0 ]; do [ \"$1\" = -hyp ] && out=$2; [ \"$1\" = -dict ] && dict=$2; shift; done\n" + script + "\n",
		"en-us/mdef": "", "en-us/feat.params": "-cmn batch\n-lowerf 130\n", phoneModel: "", "cmudict-en-us.dict": "no N OW\nyes Y EH S\nyes(2) Y EH\nzebra Z IY B R AH\n",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	s, err := NewSphinx(SphinxConfig{Program: filepath.Join(dir, "run"), Model: dir, Timeout: 2 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// A program that misbehaves is found out, in time, and is no yes.
func TestSphinxMisbehaviours(t *testing.T) {
	for script, want := range map[string]string{
		"echo broken model >&2; exit 3":                 "broken model",
		"exec sleep 60":                                 "within 2s",
		"exit 0":                                        "no answer",
		"echo garbage >$out":                            "something else",
		"echo 'yes (said 12)' >$out":                    "something else",
		"echo 'yes (other -12)' >$out":                  "something else",
		"head -c 9000000 /dev/zero >$out":               "something else",
		"head -c 9000000 /dev/zero >&2; exit 1":         "exit status 1",
		"echo 'yes (said -99999999999999999999)' >$out": "something else",
	} {
		t.Run(script, func(t *testing.T) {
			t.Parallel()
			s := fake(t, script)
			err := s.Check(context.Background())
			if err == nil || !strings.Contains(err.Error(), want) || len(err.Error()) > 900 {
				t.Errorf("%v", err)
			}
			st, err := s.Open(context.Background(), hearing.Options{Language: "en", Phrases: map[string][]string{"yes": {"yes"}}})
			if err != nil {
				t.Fatal(err)
			}
			for i := range 100 {
				st.Write(frame(int16(8000*(i/20%2)), 0))
			}
			if heard := all(st); len(heard) > 0 || st.(failing).Err() == nil {
				t.Errorf("heard %v, error %v", heard, st.(failing).Err())
			}
			st.Close()
		})
	}
}

// Nothing of our environment comes to the program, and Close ends one that
// runs.
func TestSphinxIsKeptToItself(t *testing.T) {
	t.Setenv("DOZVON_TEST_SECRET", "s3cret")
	s := fake(t, "[ -z \"$DOZVON_TEST_SECRET\" ] && echo 'yes (said -10)' >$out")
	if err := s.Check(context.Background()); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := fake(t, "exec sleep 60").Check(ctx); err == nil {
		t.Error("it waits for a program that nobody wants")
	}
}

var yes = hearing.Options{Language: "en", Phrases: map[string][]string{"yes": {"yes"}}}

// talk writes frames of speech and of silence in turn.
func talk(st hearing.Stream, speechAndSilence ...int) {
	for i, n := range speechAndSilence {
		for range n {
			st.Write(frame(int16(8000*((i+1)%2)), 0))
		}
	}
}

// ran counts how often the program has run.
func ran(s *Sphinx) int {
	b, _ := os.ReadFile(filepath.Join(s.dir, "ran")) // none yet: it has not
	return bytes.Count(b, []byte("\n"))
}

const notesAndSays = "echo >>$(dirname $out)/../ran; echo 'yes (said -10)' >$out"

// The program begins before it is known that the person has ended; when they
// have, the result is told, of one run of each pass.
func TestSphinxBeginsEarly(t *testing.T) {
	s := fake(t, notesAndSays)
	st, err := s.Open(context.Background(), yes)
	if err != nil {
		t.Fatal(err)
	}
	talk(st, 25, looksAfter)
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for late := time.After(20 * time.Second); ran(s) < 2; {
		select {
		case <-look.C:
		case <-late:
			t.Fatal("the program waits for the end of the utterance")
		}
	}
	select {
	case h := <-st.Results():
		t.Errorf("%+v was told although the person may go on", h)
	default:
	}
	talk(st, 0, endpoint.Patience-looksAfter)
	if h := one(t, st); h.Label != "yes" || h.Latency != endpoint.Patience*audio.FrameTime {
		t.Errorf("%+v", h)
	}
	st.Close()
	if heard := all(st); len(heard) > 0 || ran(s) != 2 {
		t.Errorf("heard %v besides; %d runs", heard, ran(s))
	}
}

// Who goes on after a short pause is heard whole, once.
func TestSphinxForgetsWhatWentOn(t *testing.T) {
	s := fake(t, "sleep 0.01; "+notesAndSays)
	st, err := s.Open(context.Background(), yes)
	if err != nil {
		t.Fatal(err)
	}
	talk(st, 25, 10, 25, 13, 25, 20)
	if h := one(t, st); h.Label != "yes" {
		t.Errorf("%+v", h)
	}
	st.Close()
	if heard := all(st); len(heard) > 0 {
		t.Errorf("heard %v besides", heard)
	}
	recorded := func(yield func(audio.Frame) bool) {
		for _, n := range []int{25, -10, 25, -20, 25, -20} {
			for range max(n, -n) {
				if !yield(frame(int16(8000*max(0, min(n, 1))), 0)) {
					return
				}
			}
		}
	}
	heard, err := s.HearRecording(context.Background(), yes, recorded)
	if err != nil || len(heard) != 2 || heard[0].Label != "yes" || heard[0].Latency < endpoint.Patience*audio.FrameTime {
		t.Errorf("%+v, %v", heard, err)
	}
}

// Whoever speaks while the programs of others are all that may run is heard
// later; and where more was said than may wait, that is told as speech that is
// no answer.
func TestSphinxIsBusy(t *testing.T) {
	s := fake(t, notesAndSays)
	for range cap(s.slots) {
		s.slots <- struct{}{}
	}
	st, err := s.Open(context.Background(), yes)
	if err != nil {
		t.Fatal(err)
	}
	for range mostWaiting + 2 { // one is with the goroutine that hears
		talk(st, 25, 20)
	}
	for range cap(s.slots) {
		<-s.slots
	}
	said, missed := 0, 0
	for missed == 0 {
		if h := one(t, st); h.Label == "yes" {
			said++
		} else {
			missed++
		}
	}
	if said == 0 {
		t.Error("nothing was heard")
	}
	st.Close()
	all(st)
}

// Both passes get the few words of the question: a program that is given no
// dictionary reads the model's whole one.
func TestSphinxReadsNoWholeDictionary(t *testing.T) {
	s := fake(t, "[ -n \"$dict\" ] && ! grep -q zebra $dict && echo 'yes (said -10)' >$out")
	if err := s.Check(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestSphinxWriteAllocatesNothing(t *testing.T) {
	st, err := fake(t, "exit 0").Open(context.Background(), hearing.Options{Language: "en", Phrases: map[string][]string{"yes": {"yes"}}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { st.Close(); all(st) }()
	quiet := frame(3, 0)
	if n := testing.AllocsPerRun(500, func() { st.Write(quiet) }); n > 0 {
		t.Errorf("%.2f allocations a frame", n)
	}
}

// The program gets rows of 10 ms behind their count, and the same ones however
// loud a line is: the first number of each would tell quiet words from loud ones.
func TestCepstra(t *testing.T) {
	read := func(pcm []int16) (rows []float32) {
		b := cepstra(pcm)
		if n := binary.NativeEndian.Uint32(b); int(n) != len(b)/4-1 || n%Cepstra != 0 {
			t.Fatalf("%d numbers are said to follow, %d bytes do", n, len(b)-4)
		}
		for b = b[4:]; len(b) > 0; b = b[4:] {
			v := math.Float32frombits(binary.NativeEndian.Uint32(b))
			if math.IsNaN(float64(v)) || math.Abs(float64(v)) > 300 {
				t.Fatalf("a cepstrum is %g", v)
			}
			rows = append(rows, v)
		}
		return rows
	}
	loud := make([]int16, audio.Rate)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range loud {
		loud[i] = int16(8000 * math.Sin(float64(i)/5) * math.Sin(float64(i)/900) * (1 + 0.1*r.NormFloat64()))
	}
	quiet := make([]int16, len(loud))
	for i, v := range loud {
		quiet[i] = v / 4
	}
	a, b := read(loud), read(quiet)
	if len(a) != 98*Cepstra || len(b) != len(a) {
		t.Fatalf("%d and %d numbers of a second", len(a), len(b))
	}
	far := 0.0
	for i := range a {
		far += math.Abs(float64(a[i] - b[i]))
	}
	if far /= float64(len(a)); far > 0.5 {
		t.Errorf("four times as loud, the cepstra are %.2f away on average", far)
	}
	for _, nothing := range [][]int16{nil, make([]int16, 100), make([]int16, 4000), {32767, -32768}} {
		read(nothing)
	}
}

func FuzzHypothesis(f *testing.F) {
	f.Add([]byte("call me later (said -1234)"))
	f.Add([]byte("(said 0)"))
	f.Add([]byte("()"))
	f.Add([]byte("a (said -1) (said"))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := readHypothesis(b)
		if err == nil && (h.score > 0 || len(h.words) > maxWords) {
			t.Errorf("%+v", h)
		}
	})
}
