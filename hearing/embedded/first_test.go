package embedded

import (
	"math"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"dozvon/audio"
	"dozvon/hearing"
	"dozvon/hearing/corpus"
	"dozvon/hearing/keywords"
	"dozvon/hearing/progress"
)

var _ progress.First = (*First)(nil)

// cutWord is a recorded «да» between two silences, and the frames before its
// beginning and its end.
func cutWord(tb testing.TB) (pcm []int16, began, ended int) {
	if err := corpus.Missing(corpus.FestvoxRU); err != nil {
		tb.Skip(err)
	}
	word, err := corpus.HeldOut()[0].PCM(0)
	if err != nil {
		tb.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 1))
	pcm = append(line(r, -60, time.Second), word...)
	began, ended = 50, len(pcm)/audio.FrameSamples
	return append(pcm, line(r, -60, 300*time.Millisecond)...), began, ended
}

// look lets f keep a sound and asks for the odds of its word.
func look(f *First, pcm []int16, began, ended int) {
	n := 0
	for fr := range (corpus.Sound{PCM: pcm}).Frames() {
		f.Keep(fr)
		n++
	}
	f.Look(progress.Said{Began: n - 1 - began, Pause: n - ended, Spoken: ended - began, Words: 1, Swells: 1, Clear: 30})
}

// TestFirst: the worker finds what is found offline, in both languages and in
// any; the odds are told once.
func TestFirst(t *testing.T) {
	pcm, began, ended := cutWord(t)
	m, err := keywords.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	for _, language := range []string{"ru", "en", "uk"} {
		off, err := NewOfflineFirst(m, language)
		if err != nil {
			t.Fatal(err)
		}
		look(off, pcm, began, ended)
		want, ok := off.Odds()
		if !ok || math.IsNaN(want) || math.Abs(want) > 50 {
			t.Fatalf("%s: odds %g, %v", language, want, ok)
		}
		if language == "ru" && want < 1 {
			t.Errorf("a recorded «да» has odds of e^%.1f only", want)
		}
		if _, ok := off.Odds(); ok {
			t.Errorf("%s: the odds were told twice", language)
		}
		synctest.Test(t, func(t *testing.T) {
			r := New(Config{Model: m, Workers: 1})
			defer r.Close()
			live, err := r.First(language)
			if err != nil {
				t.Fatal(err)
			}
			look(live, pcm, began, ended)
			synctest.Wait()
			if got, ok := live.Odds(); !ok || got != want {
				t.Errorf("%s: a worker found %g (%v), offline %g", language, got, ok, want)
			}
		})
	}
}

// TestFirstOfNonsense: what can't be looked at has no odds, and harms nothing.
func TestFirstOfNonsense(t *testing.T) {
	m, err := keywords.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	f, err := NewOfflineFirst(m, "ru")
	if err != nil {
		t.Fatal(err)
	}
	f.Look(progress.Said{Began: 20, Pause: 10}) // nothing was kept
	for range 400 {
		f.Keep(hearing.Frame{Filled: true})
	}
	for _, c := range [][2]int{{1000, 10}, {5, 10}, {10, 10}, {firstFrames - 1, 10}} {
		f.Look(progress.Said{Began: c[0], Pause: c[1]})
		if odds, ok := f.Odds(); ok {
			t.Errorf("a look at %v found odds of %g", c, odds)
		}
	}
}

// BenchmarkFirst is one look at a word: a call has one to three.
func BenchmarkFirst(b *testing.B) {
	pcm, began, ended := cutWord(b)
	m, err := keywords.Shipped()
	if err != nil {
		b.Fatal(err)
	}
	for _, language := range []string{"ru", "en"} {
		b.Run(language, func(b *testing.B) {
			f, err := NewOfflineFirst(m, language)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				look(f, pcm, began, ended)
				f.Odds()
			}
		})
	}
}
