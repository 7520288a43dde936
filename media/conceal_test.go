package media

import (
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dozvon/audio"
	"dozvon/internal/lossy"
)

// prompts are the shipped ones, the speech of these tests.
const prompts = "../scenarios/shipped/lead-verification/prompts"

var spoken = sync.OnceValues(func() (pcm []int16, err error) {
	files, err := filepath.Glob(filepath.Join(prompts, "?*[0-9a-f].wav"))
	slices.Sort(files)
	for _, f := range files {
		clip, err := audio.LoadFile(f)
		if err != nil {
			return nil, err
		}
		pcm = append(pcm, clip.PCM()...)
	}
	return pcm, err
})

// speech returns d of speech.
func speech(t testing.TB, d time.Duration) []int16 {
	t.Helper()
	pcm, err := spoken()
	if err != nil || len(pcm) < audio.Samples(d) {
		t.Fatalf("%v of speech in %s: %v", audio.Duration(len(pcm)), prompts, err)
	}
	return pcm[:audio.Samples(d)]
}

// throughLoss sends sound through a jitter buffer, a frame of which in a
// hundred is lost loss times, and returns what is heard with the losses
// concealed and, the same losses, left silent.
func throughLoss(pcm []int16, loss int) (concealed, silent []int16) {
	b := newBuffer(depthBridged)
	r := rand.New(rand.NewPCG(3, 5))
	var code, f [frameBytes]byte
	heard := make([]int16, frameBytes)
	for i := 0; (i+1)*frameBytes <= len(pcm); i++ {
		frame := pcm[i*frameBytes:][:frameBytes]
		lost := i > 5 && r.IntN(100) < loss
		if !lost {
			audio.Encode(audio.ALaw, code[:], frame)
			b.put(b.base+uint32(i*frameBytes), audio.ALaw, code[:], true)
		}
		b.take(&f)
		audio.Decode(audio.ALaw, heard, f[:])
		concealed = append(concealed, heard...)
		if lost {
			clear(heard)
		}
		silent = append(silent, heard...)
	}
	return concealed, silent
}

// noiseRatio is how far above its difference from got want lies, in decibels.
func noiseRatio(want, got []int16) float64 {
	var signal, fault float64
	for i := range got {
		d := float64(want[i]) - float64(got[i])
		signal += float64(want[i]) * float64(want[i])
		fault += d * d
	}
	return 10 * math.Log10(signal/fault)
}

func TestConcealmentOfSpeech(t *testing.T) {
	want := speech(t, 12*time.Second)
	for _, loss := range []int{2, 5, 10} {
		concealed, silent := throughLoss(want, loss)
		with, without := lossy.Distance(want, concealed, 0), lossy.Distance(want, silent, 0)
		t.Logf("%d %% lost: %.2f dB from the speech, %.2f without concealment", loss, with, without)
		if with > 0.8*without {
			t.Errorf("%d %% lost: %.2f dB from the speech, %.2f without concealment", loss, with, without)
		}
	}
}

func TestConcealmentOfTones(t *testing.T) {
	for _, hz := range []float64{90, 150, 220, 440, 1000} {
		want := audio.Tone([]float64{hz, 2 * hz}, 10*time.Second, 0.2)
		concealed, silent := throughLoss(want, 5)
		with, without := noiseRatio(want, concealed), noiseRatio(want, silent)
		t.Logf("%g Hz, 5 %% lost: signal to noise %.1f dB, %.1f without concealment", hz, with, without)
		if with < without+10 {
			t.Errorf("%g Hz: signal to noise %.1f dB, %.1f without concealment", hz, with, without)
		}
	}
}

// TestConcealmentFades: a far end that is gone is heard for 60 ms and no
// longer, and without a click.
func TestConcealmentFades(t *testing.T) {
	b := newBuffer(depthBridged)
	want := audio.Tone([]float64{200}, time.Second, 0.5)
	var code, f [frameBytes]byte
	var heard []int16
	audible := 0
	for i := range 60 {
		if i < 40 {
			audio.Encode(audio.ALaw, code[:], want[i*frameBytes:])
			b.put(b.base+uint32(i*frameBytes), audio.ALaw, code[:], true)
		}
		if b.take(&f) {
			audible++
		}
		pcm := make([]int16, frameBytes)
		audio.Decode(audio.ALaw, pcm, f[:])
		heard = append(heard, pcm...)
	}
	if audible != 43 {
		t.Errorf("%d frames are heard of 40 that came, want 3 more", audible)
	}
	if rest := heard[43*frameBytes:]; audio.RMS(rest) > 20 {
		t.Errorf("the end has a level of %.0f", audio.RMS(rest))
	}
	steepest := 2 * math.Pi * 200 / audio.Rate * 16384
	for i := 1; i < len(heard); i++ {
		if d := math.Abs(float64(heard[i]) - float64(heard[i-1])); d > 1.5*steepest {
			t.Fatalf("a click at sample %d: a step of %.0f, the tone has %.0f at most", i, d, steepest)
		}
	}
}

// TestConcealerProperty: whatever came before and however much is missing,
// what stands for it is no louder, and can be asked for in any pieces.
func TestConcealerProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		past := make([]byte, pastBytes)
		for i := range past {
			past[i] = byte(r.Uint32())
		}
		law := rapid.SampledFrom([]audio.Law{audio.ALaw, audio.ULaw}).Draw(t, "law")
		var whole, pieces concealer
		whole.begin(law, past)
		pieces.begin(law, past)
		if whole.pitch < pitchLeast || whole.pitch > pitchMost {
			t.Fatalf("a period of %d", whole.pitch)
		}
		want := make([]byte, 700)
		whole.fill(law, want)
		var got []byte
		for len(got) < fadeTo {
			part := make([]byte, rapid.IntRange(1, 300).Draw(t, "part"))
			pieces.fill(law, part)
			got = append(got, part...)
		}
		if n := min(len(got), fadeTo); !slices.Equal(got[:n], want[:n]) {
			t.Fatal("pieces make another sound than the whole")
		}
		for _, c := range want[fadeTo:] {
			if c != law.Silence() {
				t.Fatal("it goes on after its end")
			}
		}
		whole.join(law, past[:rapid.IntRange(0, 160).Draw(t, "join")])
		if whole.active() {
			t.Fatal("it goes on after the sound has come again")
		}
	})
}

func TestPresence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var p presence
		var want [ringBytes]bool
		base := rapid.Uint32().Draw(t, "base")
		for range 8 {
			at, n := rapid.IntRange(0, ringBytes-1).Draw(t, "at"), rapid.IntRange(0, 900).Draw(t, "n")
			here := rapid.Bool().Draw(t, "here")
			for i := range n {
				want[(int(base&ringMask)+at+i)%ringBytes] = here
			}
			if here {
				p.set(base+uint32(at), n)
			} else {
				p.clear(base+uint32(at), n)
			}
		}
		at, n := rapid.IntRange(0, ringBytes-1).Draw(t, "at"), rapid.IntRange(1, 900).Draw(t, "n")
		place := func(i int) bool { return want[(int(base&ringMask)+at+i)%ringBytes] }
		length := 1
		for length < n && place(length) == place(0) {
			length++
		}
		got, here := p.run(base+uint32(at), n)
		if got != length || here != place(0) || p.all(base+uint32(at), n) != (length == n && here) {
			t.Fatalf("%d like the first (%v), want %d (%v)", got, here, length, place(0))
		}
	})
}

func BenchmarkConcealFrame(b *testing.B) {
	past := make([]byte, pastBytes)
	audio.Encode(audio.ALaw, past, speech(b, time.Second)[4000:])
	var c concealer
	var f [frameBytes]byte
	b.ReportAllocs()
	for b.Loop() {
		c.begin(audio.ALaw, past)
		c.fill(audio.ALaw, f[:])
		c.join(audio.ALaw, f[:])
	}
}

func BenchmarkJitterFrame(b *testing.B) {
	j := newBuffer(depthAlone)
	code := frameOf(7, frameBytes)
	var f [frameBytes]byte
	b.ReportAllocs()
	for ts := j.base; b.Loop(); ts += frameBytes {
		j.put(ts, audio.ALaw, code, true)
		j.take(&f)
	}
}
