package audio

import (
	"bytes"
	"runtime"
	"testing"
	"time"
)

// TestLongClip: a long clip sounds like a short one, in both laws.
func TestLongClip(t *testing.T) {
	pcm := Tone([]float64{440, 1000}, 61*time.Second, 0.3)
	long, short := NewClip(pcm), NewClip(pcm[:Rate])
	if long.Len() != len(pcm) || long.Duration() != 61*time.Second {
		t.Errorf("%d samples, %v", long.Len(), long.Duration())
	}
	if !bytes.Equal(long.Encoded(ALaw)[:Rate], short.Encoded(ALaw)) {
		t.Error("A-law differs")
	}
	got := make([]int16, Rate)
	for name, b := range map[string][]byte{"µ-law": long.Encoded(ULaw), "µ-law of a short one": short.Encoded(ULaw)} {
		Decode(ULaw, got, b)
		var fault float64
		for i := range got {
			d := float64(got[i]) - float64(pcm[i])
			fault += d * d
		}
		if ratio := Energy(pcm[:Rate]) / fault; ratio < 1000 {
			t.Errorf("%s: noise at 1/%.0f of the sound", name, ratio)
		}
	}
	if d := RMS(long.PCM()) / RMS(pcm); d < 0.99 || d > 1.01 || len(long.PCM()) != len(pcm) {
		t.Errorf("%d samples of %.2f times the level", len(long.PCM()), d)
	}
	if len(NewClip(nil).PCM()) != 0 {
		t.Error("samples out of nothing")
	}
}

// TestLongClipMemory: half an hour of music is a byte a sample, once played in
// one law, and two in both.
func TestLongClipMemory(t *testing.T) {
	const length = 30 * time.Minute
	pcm := make([]int16, Samples(length))
	heap := func() int {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return int(m.HeapAlloc)
	}
	before := heap()
	c := NewClip(pcm)
	c.Encoded(ALaw)
	one := heap() - before
	c.Encoded(ULaw)
	both := heap() - before
	t.Logf("%v: %.1f MB in one law, %.1f MB in both", length, float64(one)/1e6, float64(both)/1e6)
	if n := Samples(length); one > n+n/10 || both > 2*n+n/10 {
		t.Errorf("%d and %d bytes for %d samples", one, both, n)
	}
	runtime.KeepAlive(pcm)
	runtime.KeepAlive(c)
}
