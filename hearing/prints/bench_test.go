package prints

import (
	"fmt"
	"math/bits"
	"testing"
	"time"
	"unsafe"

	"dozvon/audio"
	"dozvon/hearing"
)

// manyPrints are n announcements of 5 s: 50 sounds, each with its bits turned
// round n/50 times, which makes others as likely as the first.
func manyPrints(n int) *Library {
	var base []Print
	for i := range 50 {
		base = append(base, Make(babble(uint64(100+i), 5*time.Second)))
	}
	entries := make([]Entry, n)
	for i := range entries {
		p := base[i%len(base)]
		turned := Print{active: p.active}
		for _, w := range p.words {
			turned.words = append(turned.words, bits.RotateLeft16(w, i/len(base))^uint16(i/len(base)*0x1111))
		}
		entries[i].Print = turned
	}
	return NewLibrary(entries...)
}

// BenchmarkMatcher prints the processor time of a second of a call in which
// somebody speaks all the time, by the size of the library.
func BenchmarkMatcher(b *testing.B) {
	talk := babble(1, time.Minute)
	audio.Mix(talk, noise(2, len(talk), 60))
	for _, n := range []int{10, 100, 200, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			m, at := NewMatcher(manyPrints(n)), 0
			b.ReportAllocs()
			for b.Loop() {
				m.Hear(hearing.Frame{PCM: talk[at : at+audio.FrameSamples]})
				at = (at + audio.FrameSamples) % len(talk)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)*50/1e6, "ms/call-second")
		})
	}
}

// BenchmarkSilence is the same while nothing is heard.
func BenchmarkSilence(b *testing.B) {
	m := NewMatcher(manyPrints(200))
	var pcm [audio.FrameSamples]int16
	for b.Loop() {
		m.Hear(hearing.Frame{PCM: pcm[:]})
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)*50/1e6, "ms/call-second")
}

// TestMatcherIsSmall: a call costs few kilobytes.
func TestMatcherIsSmall(t *testing.T) {
	if size := unsafe.Sizeof(Matcher{}); size > 4<<10 {
		t.Errorf("a matcher is %d bytes", size)
	}
}
