package progress

import (
	"testing"

	"dozvon/hearing"
)

func TestHearAllocatesNothing(t *testing.T) {
	frames := channel{seed: 3, noise: -45}.through(script(tone(1, 425), silent(0.3), trembling(1, 900, 5)))
	l := New(Options{})
	i := 0
	if n := testing.AllocsPerRun(500, func() {
		l.Hear(frames[i%100])
		i++
	}); n > 0.05 {
		t.Errorf("a frame allocates %.2f times", n)
	}
}

// TestNothingCameFirst: what never came before the first packet has no level, and
// makes nobody who speaks afterwards weak beside it.
func TestNothingCameFirst(t *testing.T) {
	frames := channel{seed: 4}.through(script(silent(0.2), voice(5)))
	for i := range 3 {
		frames[i].Filled = true
	}
	if got := listen(Options{}, frames, true); len(got) != 1 || !isNear(got[0], "machine@2.6") {
		t.Errorf("heard %s", timeline(got))
	}
}

// BenchmarkListener prints the processor time of a second of a call.
func BenchmarkListener(b *testing.B) {
	for _, c := range []struct {
		name string
		pcm  []int16
	}{
		{"silence", silent(10)},
		{"sound", repeat(10, trembling(0.7, 700, 7), silent(0.1), tone(0.2, 300, 900, 1500))},
	} {
		frames := channel{seed: 9, noise: -50}.through(c.pcm)
		b.Run(c.name, func(b *testing.B) {
			l := New(Options{})
			l.Answer()
			var got []hearing.Verdict
			i := 0
			for b.Loop() {
				got = l.Hear(frames[i%len(frames)])
				i++
			}
			_ = got
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)*50/1e6, "ms/call-s")
		})
	}
}
