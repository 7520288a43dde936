package embedded

import (
	"context"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"dozvon/audio"
	"dozvon/hearing"
	"dozvon/hearing/corpus"
	"dozvon/hearing/keywords"
)

var question = hearing.Options{Language: "ru", Phrases: map[string][]string{
	"yes": {"да", "интересно", "хорошо"}, "no": {"нет", "не надо"}, "later": {"позже", "перезвоните позже"}}}

func newRecognizer(t testing.TB) *Recognizer {
	t.Helper()
	m, err := keywords.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	r := New(Config{Model: m})
	t.Cleanup(r.Close)
	return r
}

// listener is a stream and what it has said so far.
type listener struct {
	t *testing.T
	hearing.Stream
	heard []hearing.Heard
	over  chan struct{}
}

func listen(t *testing.T, r *Recognizer) *listener {
	t.Helper()
	s, err := r.Open(context.Background(), question)
	if err != nil {
		t.Fatal(err)
	}
	l := &listener{t: t, Stream: s, over: make(chan struct{})}
	go func() {
		defer close(l.over)
		for h := range s.Results() {
			l.heard = append(l.heard, h)
		}
	}()
	t.Cleanup(func() { // also of a test that is skipped
		s.Close()
		<-l.over
	})
	return l
}

func (l *listener) write(frames []audio.Frame) {
	for _, f := range frames {
		l.Write(f)
	}
}

// settle waits until every utterance written has been decided on, and ends.
func (l *listener) settle() []hearing.Heard {
	l.t.Helper()
	s := l.Stream.(*stream)
	for deadline := time.Now().Add(20 * time.Second); s.settled.Load() < s.number; {
		if time.Now().After(deadline) {
			l.t.Fatalf("utterance %d was never decided on", s.number)
		}
	}
	// What deliver has settled it has told, or is about to: it has, once it takes
	// the first of so many empty decisions that one must wait for room.
	for range cap(s.decided) + 1 {
		s.decided <- decided{number: 0}
	}
	l.Close()
	<-l.over
	return l.heard
}

// line is background noise for a while, at a level in dB below full scale.
func line(r *rand.Rand, db float64, d time.Duration) []int16 {
	pcm := make([]int16, audio.Samples(d))
	for i := range pcm {
		pcm[i] = int16(r.NormFloat64() * 32768 * math.Pow(10, db/20))
	}
	return pcm
}

func frames(pcm []int16) (out []audio.Frame) {
	for ; len(pcm) >= audio.FrameSamples; pcm = pcm[audio.FrameSamples:] {
		out = append(out, audio.Frame{PCM: pcm[:audio.FrameSamples]})
	}
	return out
}

// spoken is a person's word between two pauses.
func spoken(t *testing.T, word string, which int) []int16 {
	t.Helper()
	var cuts []corpus.Cut
	for _, c := range corpus.HeldOut() {
		if c.Word == word {
			cuts = append(cuts, c)
		}
	}
	pcm, err := cuts[which].PCM(0)
	if err != nil {
		t.Skip("festvox-ru is not installed: nobody says a word here: ", err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	out := append(line(r, -65, 500*time.Millisecond), pcm...)
	return append(out, line(r, -65, 800*time.Millisecond)...)
}

// How well words are heard is for the benchmarks to say; here five of six, and
// no wrong one surely, show that speech is cut and handed on as it should be.
func TestHearsWords(t *testing.T) {
	r := newRecognizer(t)
	right := 0
	for _, c := range []struct{ word, label string }{{"да", "yes"}, {"нет", "no"}} {
		l := listen(t, r)
		for which := range 3 {
			l.write(frames(spoken(t, c.word, which)))
		}
		heard := l.settle()
		if len(heard) != 3 {
			t.Errorf("%s, three times: heard %+v", c.word, heard)
		}
		for _, h := range heard {
			switch {
			case h.Label == c.label && h.Engine == Name:
				right++
			case h.Confidence >= 0.5:
				t.Errorf("%s: %+v", c.word, h)
			}
			if h.Latency < lookAfter*audio.FrameTime || h.Latency > 5*time.Second {
				t.Errorf("%s: decided on %v after its end", c.word, h.Latency)
			}
		}
	}
	if right < 5 {
		t.Errorf("%d of 6 words were heard", right)
	}
}

// Our own voice coming back, a concealed gap, silence and steady noise are
// nobody's words.
func TestHearsNobody(t *testing.T) {
	r := newRecognizer(t)
	said := frames(spoken(t, "да", 0))
	noise := rand.New(rand.NewPCG(3, 4))
	quiet := frames(make([]int16, audio.Rate))
	for name, frames := range map[string][]audio.Frame{
		"silence": frames(make([]int16, 10*audio.Rate)),
		"noise":   frames(line(noise, -30, 20*time.Second)),
		"echo":    changed(said, func(f *audio.Frame) { f.Echo = math.MaxUint32 }),
		"filled":  changed(said, func(f *audio.Frame) { f.Filled = true }),
		"clicks":  changed(frames(make([]int16, 4*audio.Rate)), func(f *audio.Frame) { f.PCM = append([]int16{30000}, f.PCM[1:]...) })[:20],
	} {
		l := listen(t, r)
		l.write(append(frames, quiet...))
		for _, h := range l.settle() {
			if h.Label != "" && h.Confidence >= 0.3 {
				t.Errorf("%s: %+v", name, h)
			}
		}
	}
}

func changed(in []audio.Frame, change func(*audio.Frame)) (out []audio.Frame) {
	for _, f := range in {
		change(&f)
		out = append(out, f)
	}
	return out
}

// Whoever talks on and on has not answered: that is told once, not guessed.
func TestLongSpeech(t *testing.T) {
	l := listen(t, newRecognizer(t))
	r := rand.New(rand.NewPCG(5, 6))
	l.write(frames(line(r, -70, time.Second)))
	for i := range 60 { // 6 s of something like syllables
		l.write(frames(line(r, []float64{-20, -32}[i%2], 100*time.Millisecond)))
	}
	l.write(frames(line(r, -70, time.Second)))
	heard := l.settle()
	if len(heard) != 1 || heard[0].Label != "" || heard[0].Latency != finalAfter*audio.FrameTime {
		t.Errorf("%+v", heard)
	}
}

// Where too many wait for a worker the person is told to be not understood as
// soon as they have fallen silent, and is heard when they say it again: nobody
// waits for an answer that never comes.
func TestTooManyWait(t *testing.T) {
	m, err := keywords.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	r := idle(Config{Model: m}) // nobody works yet
	for range cap(r.jobs) {
		r.jobs <- &utterance{stream: &stream{}}
	}
	l := listen(t, r)
	l.write(frames(spoken(t, "нет", 1)))
	for range cap(r.jobs) {
		<-r.jobs
	}
	r.workers.Go(r.work)
	defer r.Close()
	l.write(frames(spoken(t, "нет", 1)))
	heard := l.settle()
	if len(heard) != 2 || heard[0].Label != "" || heard[0].Confidence != 0 || heard[0].Latency != finalAfter*audio.FrameTime || heard[1].Label != "no" {
		t.Errorf("%+v", heard)
	}
}

func TestClosesInTheMiddle(t *testing.T) {
	r := newRecognizer(t)
	for range 20 {
		l := listen(t, r)
		said := frames(spoken(t, "нет", 1))
		go l.write(said)
		l.Close()
		<-l.over
	}
}

func TestQuestions(t *testing.T) {
	r := newRecognizer(t)
	for name, c := range map[string]struct {
		o    hearing.Options
		says string // "": it can be heard
	}{
		"english":           {hearing.Options{Language: "en", Phrases: map[string][]string{"yes": {"yes"}}}, "Russian"},
		"no phrases":        {hearing.Options{Language: "ru"}, "no phrases"},
		"no letters at all": {hearing.Options{Language: "ru", Phrases: map[string][]string{"yes": {"12"}}}, "yes"},
		"one of two":        {hearing.Options{Language: "ru", Phrases: map[string][]string{"yes": {"да", "***"}}}, ""},
	} {
		s, err := r.Open(context.Background(), c.o)
		switch {
		case c.says == "" && err != nil, c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)):
			t.Errorf("%s: %v", name, err)
		case err == nil:
			s.Close()
			for range s.Results() {
			}
		}
	}
}

func TestWriteAllocatesNothing(t *testing.T) {
	r := newRecognizer(t)
	s, err := r.Open(context.Background(), question)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		s.Close()
		for range s.Results() {
		}
	}()
	quiet := frames(line(rand.New(rand.NewPCG(7, 8)), -60, time.Second))
	if n := testing.AllocsPerRun(100, func() {
		for _, f := range quiet {
			s.Write(f)
		}
	}); n != 0 {
		t.Errorf("%g allocations a second of silence", n)
	}
}

// BenchmarkListening is a person who says a word every three seconds.
func BenchmarkListening(b *testing.B) {
	r := newRecognizer(b)
	s, err := r.Open(context.Background(), question)
	if err != nil {
		b.Fatal(err)
	}
	pcm, err := corpus.HeldOut()[0].PCM(0)
	if err != nil {
		b.Skip(err)
	}
	noise := rand.New(rand.NewPCG(1, 2))
	all := frames(append(pcm, line(noise, -65, 3*time.Second-audio.Duration(len(pcm)))...))
	heard := 0
	over := make(chan struct{})
	go func() {
		defer close(over)
		for range s.Results() {
			heard++
		}
	}()
	b.ReportAllocs()
	for b.Loop() {
		for _, f := range all {
			s.Write(f)
		}
		for st := s.(*stream); st.settled.Load() < st.number; {
			runtime.Gosched()
		}
	}
	b.StopTimer()
	s.Close()
	<-over
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/3000, "ms/call-second")
	b.ReportMetric(float64(heard)/float64(b.N), "heard/word")
}
