package keywords

import (
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"dozvon/audio"
)

// processor is the time this thread has had of a processor; the clock on the
// wall counts what others do, too.
func processor(t testing.TB) time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_THREAD, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkCallSecond is a second of a call in which a third is speech, in
// answers of 0.8 s, each of which is decided on.
func BenchmarkCallSecond(b *testing.B) {
	d := NewDecoder(question(b))
	x := buzz(audio.FrameSamples)
	const answer, every = audio.Rate * 8 / 10, audio.Rate * 24 / 10
	runtime.LockOSThread()
	seconds, before := 0, processor(b)
	for b.Loop() {
		seconds++
		for range 50 {
			d.Hear(x)
			if d.Heard()%every < audio.FrameSamples && d.Heard() > every {
				if _, ok := d.Decide(d.Heard()-answer-2000, d.Heard()-2000); !ok {
					b.Fatal("no decision")
				}
			}
		}
	}
	b.ReportMetric(float64(processor(b)-before)/1e6/float64(seconds), "CPU-ms/call-second")
}

// BenchmarkDecide is one decision on 0.8 s of speech.
func BenchmarkDecide(b *testing.B) {
	d := NewDecoder(question(b))
	d.Hear(buzz(3 * audio.Rate))
	runtime.LockOSThread()
	before := processor(b)
	for b.Loop() {
		if _, ok := d.Decide(8000, 8000+6400); !ok {
			b.Fatal("no decision")
		}
	}
	b.ReportMetric(float64(processor(b)-before)/1e6/float64(b.N), "CPU-ms/decision")
}
