package prints

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"dozvon/audio"
	"dozvon/hearing"
)

// babble is speech-like sound made of nothing but a seed: syllables of three
// formants each over a buzz, with pauses.
func babble(seed uint64, length time.Duration) []int16 {
	r := rand.New(rand.NewPCG(seed, 99))
	out := make([]int16, audio.Samples(length))
	var phase float64
	for at := 0; at < len(out); {
		n := min(audio.Samples(time.Duration(80+r.IntN(170))*time.Millisecond), len(out)-at)
		pitch, glide := 90+110*r.Float64(), 1+0.3*(r.Float64()-0.5)
		f := [3]float64{300 + 500*r.Float64(), 800 + 1000*r.Float64(), 1900 + 900*r.Float64()}
		var gain []float64
		for h := 1.0; h*pitch < 3400; h++ {
			v := 0.0
			for _, c := range f {
				d := (h*pitch - c) / 90
				v += math.Exp(-d * d / 2)
			}
			gain = append(gain, v)
		}
		for i := range n {
			phase += pitch * (1 + (glide-1)*float64(i)/float64(n)) / audio.Rate
			var v float64
			for h, g := range gain {
				if g > 0.02 {
					v += g * math.Sin(2*math.Pi*phase*float64(h+1))
				}
			}
			out[at+i] = int16(5000 * v * math.Sin(math.Pi*float64(i)/float64(n)))
		}
		at += n
		if r.IntN(6) == 0 {
			at += audio.Samples(200 * time.Millisecond)
		}
	}
	return out
}

// noise is white noise of the given root mean square.
func noise(seed uint64, n int, rms float64) []int16 {
	r := rand.New(rand.NewPCG(seed, 98))
	out := make([]int16, n)
	for i := range out {
		out[i] = int16(rms * r.NormFloat64())
	}
	return out
}

// line is what remains of a sound after a level, noise, A-law and lost packets.
func line(r *rand.Rand, pcm []int16, level, snr, loss float64) []int16 {
	out := make([]int16, len(pcm))
	noise := audio.RMS(pcm) * math.Pow(10, -snr/20)
	for i, v := range pcm {
		out[i] = int16(max(-32768, min(32767, level*(float64(v)+noise*r.NormFloat64()))))
	}
	law := make([]byte, len(out))
	audio.Encode(audio.ALaw, law, out)
	audio.Decode(audio.ALaw, out, law)
	for at := 0; at+160 <= len(out); at += 160 {
		if r.Float64() < loss {
			clear(out[at : at+160])
		}
	}
	return out
}

// hear feeds pcm to the matcher and returns what it finds.
func hear(m *Matcher, pcm []int16) (found []Match) {
	for ; len(pcm) >= audio.FrameSamples; pcm = pcm[audio.FrameSamples:] {
		if match, ok := m.Hear(hearing.Frame{PCM: pcm[:audio.FrameSamples]}); ok {
			found = append(found, match)
		}
	}
	return found
}

func babbles(from, n int) (pcm [][]int16, lib *Library) {
	entries := make([]Entry, n)
	for i := range n {
		pcm = append(pcm, babble(uint64(from+i), 5*time.Second))
		entries[i] = Entry{ID: string(rune('a' + i)), Label: hearing.LabelOff, Print: Make(pcm[i])}
	}
	return pcm, NewLibrary(entries...)
}

// TestFoundAnywhere: 2 s from anywhere in an announcement name it, at any
// level, through noise and loss, and nothing is named that isn't there.
func TestFoundAnywhere(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	pcm, lib := babbles(0, 12)
	for i, whole := range pcm {
		for _, level := range []float64{1, 0.05} {
			from := r.IntN(3 * audio.Rate)
			found := hear(NewMatcher(lib), line(r, whole[from:from+2*audio.Rate], level, 20, 0.02))
			if len(found) != 1 || found[0].Entry.ID != string(rune('a'+i)) {
				t.Fatalf("%d from %d at level %g: %+v", i, from, level, found)
			}
			if m := found[0]; m.At > 2*time.Second || m.Distance >= Near || m.Confidence < 0.5 || m.Confidence > 1 {
				t.Errorf("%d: %+v", i, m)
			}
		}
	}
	for i := range 20 {
		if found := hear(NewMatcher(lib), line(r, babble(uint64(1000+i), 4*time.Second), 1, 20, 0)); len(found) > 0 {
			t.Errorf("unknown sound %d: %+v", i, found[0])
		}
	}
}

// TestLaterInTheCall: ring-back before, and speech before, do not hide it; it
// is told once while it repeats, and a second announcement is told as well.
func TestLaterInTheCall(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	pcm, lib := babbles(0, 3)
	call := audio.Tone([]float64{425}, time.Second, 0.2)
	call = append(call, make([]int16, 4*audio.Rate+77)...)
	call = append(call, babble(500, 3*time.Second)...)
	call = append(call, pcm[1]...)
	call = append(call, pcm[1]...)
	call = append(call, pcm[2]...)
	found := hear(NewMatcher(lib), line(r, call, 0.5, 25, 0.01))
	if len(found) != 2 || found[0].Entry.ID != "b" || found[1].Entry.ID != "c" {
		t.Fatalf("%+v", found)
	}
	if at := found[0].At; at < 9*time.Second || at > 11*time.Second {
		t.Errorf("found at %v", at)
	}
}

// TestHostileSound: nothing of this is an announcement, and none of it stops
// the matcher from hearing one afterwards.
func TestHostileSound(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	pcm, lib := babbles(0, 5)
	second := make([]int16, audio.Rate)
	sounds := map[string]func(i int) int16{
		"silence":    func(int) int16 { return 0 },
		"direct":     func(int) int16 { return 12000 },
		"clipping":   func(i int) int16 { return int16(32767 - 65535*(i/7%2)) },
		"full scale": func(int) int16 { return math.MinInt16 },
		"noise":      func(int) int16 { return int16(r.IntN(1<<16) - 1<<15) },
		"a click":    func(i int) int16 { return int16(30000 * (1 - min(i, 1))) },
	}
	for name, make := range sounds {
		m := NewMatcher(lib)
		for i := range second {
			second[i] = make(i)
		}
		for range 10 {
			if found := hear(m, second); len(found) > 0 {
				t.Errorf("%s is %+v", name, found[0])
			}
		}
		if found := hear(m, pcm[4][audio.Rate:]); len(found) != 1 || found[0].Entry.ID != "e" {
			t.Errorf("after %s: %+v", name, found)
		}
	}
	m := NewMatcher(lib)
	m.Hear(hearing.Frame{})
	m.Hear(hearing.Frame{PCM: second[:10]})
	if found := hear(NewMatcher(NewLibrary()), pcm[0]); found != nil {
		t.Errorf("an empty library found %+v", found)
	}
}

// TestNoAllocation: a frame costs no memory, found or not.
func TestNoAllocation(t *testing.T) {
	pcm, lib := babbles(0, 5)
	m := NewMatcher(lib)
	at := 0
	n := testing.AllocsPerRun(500, func() {
		m.Hear(hearing.Frame{PCM: pcm[3][at : at+160]})
		at = (at + 160) % (len(pcm[3]) - 160)
	})
	if n != 0 || m.told != 4 {
		t.Errorf("%g allocations a frame, told %d", n, m.told)
	}
}
