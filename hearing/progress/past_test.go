package progress

import (
	"math/rand/v2"
	"testing"
)

// levels lets a past hear stretches of a level, and returns what was said.
func levels(p *past, stretches ...[2]float32) (t talk) {
	for _, s := range stretches {
		for range int(s[0]) {
			p.add(s[1], false, false)
			t = p.talk()
		}
	}
	return t
}

func heardNothing() *past {
	p := &past{}
	p.again()
	return p
}

func TestPast(t *testing.T) {
	for _, c := range []struct {
		name      string
		stretches [][2]float32
		began     int
		spoken    int
		pause     int
	}{
		{"a word", [][2]float32{{20, -60}, {25, -25}, {15, -60}}, 20, 25, 15},
		{"a babble before a louder voice", [][2]float32{{40, -38}, {25, -24}, {15, -38}}, 40, 25, 15},
		{"weak syllables in a quiet room", [][2]float32{{20, -65}, {10, -22}, {20, -40}, {10, -24}, {12, -64}}, 20, 40, 12},
		{"the same beside a road", [][2]float32{{20, -42}, {10, -22}, {20, -40}, {10, -24}, {12, -42}}, 20, 20, 12},
		{"a word from the first frame on", [][2]float32{{25, -25}, {15, -60}}, 0, 25, 15},
		{"nothing but noise", [][2]float32{{60, -50}}, 0, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := levels(heardNothing(), c.stretches...)
			if got.began != c.began || got.spoken != c.spoken || c.spoken > 0 && got.pause != c.pause {
				t.Errorf("began in frame %d, %d frames of speech, then %d of pause; want %d, %d, %d", got.began, got.spoken, got.pause, c.began, c.spoken, c.pause)
			}
		})
	}
}

// TestPastTones: a long tone is no speech, and makes no voice weaker.
func TestPastTones(t *testing.T) {
	p := heardNothing()
	levels(p, [2]float32{20, -60}, [2]float32{20, -8})
	p.tone(20)
	if got := levels(p, [2]float32{15, -60}, [2]float32{20, -30}, [2]float32{10, -60}); got.spoken != 20 || got.began != 55 {
		t.Errorf("%d frames of speech from frame %d on", got.spoken, got.began)
	}
}

// TestPastForgets: after more than it remembers, all is as if only the rest had
// been heard.
func TestPastForgets(t *testing.T) {
	p := heardNothing()
	r := rand.New(rand.NewPCG(3, 3))
	for range 2*pastFrames + 30 {
		p.add(-70+50*r.Float32(), r.IntN(9) == 0, r.IntN(9) == 0)
		p.talk()
	}
	if p.n > pastFrames {
		t.Fatalf("%d frames", p.n)
	}
	got := p.talk()
	q := heardNothing()
	q.gone = p.gone
	q.again()
	for i := range p.n {
		q.add(float32(p.level[i])/decibel+pastLowest, p.mute[i], p.weak[i])
	}
	if want := q.talk(); got != want {
		t.Errorf("it has %+v, one that knows as much %+v", got, want)
	}
}

func TestSwells(t *testing.T) {
	p := heardNothing()
	levels(p, [2]float32{20, -60}, [2]float32{4, -25}, [2]float32{2, -35}, [2]float32{4, -25}, [2]float32{2, -27}, [2]float32{4, -25}, [2]float32{10, -60})
	if n := p.swells(20); n != 2 {
		t.Errorf("%d swells, not 2", n)
	}
	if n := p.swells(-5); n != 2 {
		t.Errorf("%d swells from before the first frame on", n)
	}
}

// TestPastBehindOurVoice: while we speak, all that is not louder than our echo is
// what is heard behind the other voice.
func TestPastBehindOurVoice(t *testing.T) {
	p := heardNothing()
	for i := range 60 {
		said := i >= 20 && i < 45
		db := float32(-35)
		if said {
			db = -22
		}
		p.add(db, false, !said)
	}
	if got := p.talk(); got.spoken != 25 || got.began != 20 || got.pause != 15 {
		t.Errorf("%d frames of speech from frame %d on, then %d of pause", got.spoken, got.began, got.pause)
	}
}
