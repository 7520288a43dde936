package progress

import (
	"testing"

	"dozvon/hearing"
)

// looks is a First with an opinion, and what it was asked.
type looks struct {
	odds  []float64 // of the looks, one after the other
	asked []Said
	ready int
	kept  int
}

func (l *looks) Keep(hearing.Frame) { l.kept++ }

func (l *looks) Look(s Said) {
	l.asked = append(l.asked, s)
	l.ready++
}

func (l *looks) Odds() (float64, bool) {
	if l.ready == 0 || len(l.odds) == 0 {
		l.ready = 0
		return 0, false
	}
	v := l.odds[0]
	l.odds, l.ready = l.odds[1:], 0
	return v, true
}

// TestFirst: what the first utterance sounds like shortens or lengthens the
// silence after it; without an answer how it was said decides.
func TestFirst(t *testing.T) {
	short := script(silent(0.5), voice(0.75), silent(3))
	for _, c := range []struct {
		name  string
		pcm   []int16
		odds  []float64
		want  string
		asked int
	}{
		{"nobody knows", short, nil, "human@1.7", 1},
		{"a greeting", short, []float64{4}, "human@1.6", 1},
		{"it may be either", short, []float64{0}, "human@2.3", 1},
		{"an announcement", short, []float64{-3}, "human@2.4", 1},
		{"odds out of bounds", short, []float64{1e300}, "human@1.6", 1},
		{"a greeting, and more of it", script(silent(0.5), voice(0.5), silent(0.4), voice(0.5), silent(3)), []float64{1, 4}, "human@2.3", 2},
		{"a machine's hello", script(silent(0.5), voice(0.5), silent(0.6), voice(4)), []float64{0.5}, "machine@3.0", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := &looks{odds: c.odds}
			got := listen(Options{First: f}, channel{seed: 5}.through(c.pcm), true)
			if len(got) == 0 || !isNear(got[0], c.want) {
				t.Errorf("heard %s, want %s", timeline(got), c.want)
			}
			if len(f.asked) < c.asked {
				t.Errorf("asked %v, want %d looks", f.asked, c.asked)
			}
			for _, a := range f.asked {
				if a.Pause != firstPause || a.Began <= a.Pause || a.Spoken > a.Began || a.Words == 0 || a.Swells == 0 {
					t.Errorf("asked for what makes no sense: %+v", a)
				}
			}
			if f.kept == 0 || f.kept >= len(c.pcm)/frameSamples {
				t.Errorf("%d frames were kept: not only those before the verdict", f.kept)
			}
		})
	}
}

// TestFirstAfterAnswer: before the answer nobody is looked at.
func TestFirstAfterAnswer(t *testing.T) {
	f := &looks{odds: []float64{4}}
	listen(Options{First: f}, channel{seed: 5}.through(script(silent(0.5), voice(0.75), silent(3))), false)
	if f.kept > 0 || len(f.asked) > 0 {
		t.Errorf("%d frames kept, asked %v", f.kept, f.asked)
	}
}
