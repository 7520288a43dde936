package audio

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestLawsAgainstG711 checks well-known points of the tables of ITU-T G.711.
func TestLawsAgainstG711(t *testing.T) {
	for _, c := range []struct {
		law  Law
		code byte
		want int16
	}{
		{ALaw, 0xD5, 8}, {ALaw, 0x55, -8}, {ALaw, 0xAA, 32256}, {ALaw, 0x2A, -32256},
		{ULaw, 0xFF, 0}, {ULaw, 0x80, 32124}, {ULaw, 0x00, -32124},
	} {
		var got [1]int16
		Decode(c.law, got[:], []byte{c.code})
		if got[0] != c.want {
			t.Errorf("%v %#x: %d, want %d", c.law, c.code, got[0], c.want)
		}
	}
}

func TestLawRoundTrip(t *testing.T) {
	for _, law := range []Law{ALaw, ULaw} {
		pcm, back := make([]int16, 65536), make([]int16, 65536)
		for i := range pcm {
			pcm[i] = int16(i - 32768)
		}
		b := make([]byte, len(pcm))
		Encode(law, b, pcm)
		Decode(law, back, b)
		for i, v := range pcm {
			if diff := math.Abs(float64(back[i]) - float64(v)); diff > max(17, math.Abs(float64(v))/27) {
				t.Fatalf("%v: %d comes back as %d", law, v, back[i])
			}
		}
		again := make([]byte, len(b))
		Encode(law, again, back)
		for i := range b {
			var x, y [1]int16
			Decode(law, x[:], b[i:i+1])
			Decode(law, y[:], again[i:i+1])
			if x != y {
				t.Fatalf("%v: byte %#x changes to %#x when coded again", law, b[i], again[i])
			}
		}
	}
}

func TestTranscode(t *testing.T) {
	pcm := Tone([]float64{440}, 100*time.Millisecond, 0.4)
	for _, from := range []Law{ALaw, ULaw} {
		for _, to := range []Law{ALaw, ULaw} {
			b := make([]byte, len(pcm))
			Encode(from, b, pcm)
			Transcode(to, b, from, b)
			got := make([]int16, len(pcm))
			Decode(to, got, b)
			for i := range got {
				if math.Abs(float64(got[i])-float64(pcm[i])) > 700 {
					t.Fatalf("%v to %v: sample %d is %d, want about %d", from, to, i, got[i], pcm[i])
				}
			}
		}
	}
	for _, law := range []Law{ALaw, ULaw} {
		b := make([]byte, 4)
		FillSilence(law, b)
		Transcode(1-law, b, law, b)
		var got [4]int16
		Decode(1-law, got[:], b)
		if math.Abs(float64(got[3])) > 8 {
			t.Errorf("silence of %v becomes %d", law, got[3])
		}
	}
}

// TestLawLengths: any two lengths are safe, and the shorter one counts.
func TestLawLengths(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		law := Law(rapid.IntRange(0, 1).Draw(t, "law"))
		pcm := make([]int16, rapid.IntRange(0, 9).Draw(t, "samples"))
		b := make([]byte, rapid.IntRange(0, 9).Draw(t, "bytes"))
		Encode(law, b, pcm)
		for i, c := range b {
			if done := i < len(pcm); done != (c != 0) {
				t.Fatalf("byte %d is %#x with %d samples", i, c, len(pcm))
			}
		}
		Decode(law, pcm, b)
		Transcode(1-law, b, law, b[:len(b)/2])
	})
}

func TestHotPathAllocatesNothing(t *testing.T) {
	pcm, b := make([]int16, FrameSamples), make([]byte, FrameSamples)
	clip := NewClip(pcm)
	clip.Encoded(ALaw)
	n := testing.AllocsPerRun(100, func() {
		Encode(ALaw, b, pcm)
		Decode(ULaw, pcm, b)
		Transcode(ULaw, b, ALaw, b)
		copy(b, clip.Encoded(ALaw))
		Mix(pcm, pcm)
	})
	if n != 0 {
		t.Errorf("%v allocations a frame", n)
	}
}

func TestClip(t *testing.T) {
	pcm := Tone([]float64{440}, time.Second, 0.4)
	c := NewClip(pcm)
	pcm[0] = 99
	if c.PCM()[0] == 99 {
		t.Error("a clip changes with the slice it was made of")
	}
	if c.Duration() != time.Second || NewClip(nil).Duration() != 0 {
		t.Errorf("%v", c.Duration())
	}
	got := make(chan *byte, 8)
	for range cap(got) {
		go func() { got <- &c.Encoded(ULaw)[0] }()
	}
	first := <-got
	for range cap(got) - 1 {
		if <-got != first {
			t.Error("the encoded form is not shared")
		}
	}
	if &c.Encoded(ULaw)[0] == &c.Encoded(ALaw)[0] || len(c.Encoded(ALaw)) != Rate {
		t.Error("each law has its own bytes")
	}
}

func TestDurations(t *testing.T) {
	if Samples(20*time.Millisecond) != 160 || Samples(-time.Second) != 0 || Duration(160) != 20*time.Millisecond {
		t.Errorf("%d, %d, %v", Samples(20*time.Millisecond), Samples(-time.Second), Duration(160))
	}
}

func TestLevels(t *testing.T) {
	full := Tone([]float64{1000}, time.Second, 1)
	if l := Level(full); math.Abs(l+3.01) > 0.05 {
		t.Errorf("a full sine has %g dB, want -3", l)
	}
	if !math.IsInf(Level(make([]int16, 10)), -1) || RMS(nil) != 0 {
		t.Error("silence has a level")
	}
	loud := Tone([]float64{100}, 100*time.Millisecond, 0.9)
	Mix(loud, loud)
	if v := loud[Rate/400]; v != 32767 {
		t.Errorf("mixing wraps: %d", v)
	}
	Gain(full, -2)
	if v := full[2]; v != -32768 {
		t.Errorf("gain wraps: %d", v)
	}
	if v := Tone([]float64{100, 100}, 10*time.Millisecond, 1)[20]; v != 32767 {
		t.Errorf("a tone wraps: %d", v)
	}
}

// TestGoertzelBank measures five frequencies, more than go side by side.
func TestGoertzelBank(t *testing.T) {
	freqs := []float64{300, 500, 900, 1500, 2500}
	bank := NewGoertzelBank(freqs...)
	for i, hz := range freqs {
		pcm := Tone([]float64{hz}, 50*time.Millisecond, 0.5)
		block := make([]float64, len(pcm))
		for k, s := range pcm {
			block[k] = float64(s)
		}
		var got [5]float64
		bank.Powers(got[:], block)
		for k, p := range got {
			share := p / Energy(pcm)
			if k == i && math.Abs(share-1) > 0.01 || k != i && share > 0.01 {
				t.Errorf("%g Hz: %g of the energy at %g Hz", hz, share, freqs[k])
			}
		}
		bank.Powers(got[:], nil)
		if got != [5]float64{} {
			t.Error("an empty block has power")
		}
	}
}

func TestToneTime(t *testing.T) {
	pcm := Tone([]float64{400}, time.Second, 0.3)
	Mix(pcm[:Rate/2], Tone([]float64{1000}, time.Second, 0.3))
	for hz, want := range map[float64]time.Duration{400: time.Second, 1000: 480 * time.Millisecond, 450: 0, 2000: 0} {
		if got := ToneTime(pcm, hz); got < want-40*time.Millisecond || got > want+40*time.Millisecond {
			t.Errorf("%g Hz: %v, want %v", hz, got, want)
		}
	}
	if HasTone(nil, 400) || HasTone(make([]int16, Rate), 400) {
		t.Error("a tone in silence")
	}
	if DigitTone('x', time.Second, 1) != nil {
		t.Error("x is no key")
	}
}
