package endpoint

import (
	"math"
	"math/rand/v2"
	"testing"

	"dozvon/audio"
)

// sound is frames of noise at a level in decibels below full scale.
func sound(seed uint64, db float64, frames int) (out []audio.Frame) {
	r := rand.New(rand.NewPCG(seed, 1))
	for range frames {
		f := audio.Frame{PCM: make([]int16, audio.FrameSamples)}
		for i := range f.PCM {
			f.PCM[i] = int16(r.NormFloat64() * 32768 * math.Pow(10, db/20))
		}
		out = append(out, f)
	}
	return out
}

func TestEndpointer(t *testing.T) {
	for _, floor := range []float64{-90, -60, -45, -38} {
		var e Endpointer
		at := 0
		turns := map[Turn][]int{}
		for _, f := range sound(9, floor, 100) { // a loud line is known after a second or two
			e.Hear(f)
		}
		for _, part := range [][]audio.Frame{sound(1, floor, 50), sound(2, -25, 25), sound(3, floor, 50), sound(4, -25, 25), sound(5, floor, 50)} {
			for _, f := range part {
				at++
				if k := e.Hear(f); k != Nothing {
					turns[k] = append(turns[k], at)
				}
			}
		}
		if len(turns[Began]) != 2 || len(turns[Ended]) != 2 {
			t.Fatalf("floor %g: %v", floor, turns)
		}
		for i, end := range []int{75, 150} {
			if b, d := turns[Began][i], turns[Ended][i]; b-(end-25) > 4 || d-end > Patience+1 {
				t.Errorf("floor %g: an utterance until frame %d was seen from %d to %d", floor, end, b, d)
			}
		}
	}
}

// Steady noise, our own echo and what fills gaps are no speech, however loud.
func TestEndpointerIgnores(t *testing.T) {
	for name, change := range map[string]func(*audio.Frame){
		"echo":   func(f *audio.Frame) { f.Echo = math.MaxUint32 },
		"filled": func(f *audio.Frame) { f.Filled = true },
		"quiet":  func(f *audio.Frame) { clear(f.PCM) },
	} {
		var e Endpointer
		for _, f := range append(sound(1, -70, 25), sound(2, -20, 100)...) {
			change(&f)
			if e.Hear(f) != Nothing {
				t.Errorf("%s is taken for speech", name)
			}
		}
	}
	var e Endpointer
	for i, f := range sound(7, -20, 3000) {
		if k := e.Hear(f); k == Began && i > 1500 {
			t.Errorf("steady noise is taken for speech after %d s", i/50)
		}
	}
}
