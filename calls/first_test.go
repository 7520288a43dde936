package calls

import (
	"testing"

	"dozvon/hearing"
	"dozvon/hearing/progress"
)

// counts is a First that only counts.
type counts struct{ kept, looks int }

func (c *counts) Keep(hearing.Frame)    { c.kept++ }
func (c *counts) Look(progress.Said)    { c.looks++ }
func (c *counts) Odds() (float64, bool) { return 0, false }

// TestFirstWordsAreLookedAt: each call has a First of its own, in the language
// of its scenario, which hears the far end from the answer on; without one the
// call is listened to all the same.
func TestFirstWordsAreLookedAt(t *testing.T) {
	first := &counts{}
	var asked []string
	for name, of := range map[string]func(string) progress.First{
		"not set":      nil,
		"none":         func(string) progress.First { return nil },
		"in its place": func(language string) progress.First { asked = append(asked, language); return first },
	} {
		c := &call{cfg: &Config{Listening: &Listening{First: of}}, scenario: mustLoad(t, "")}
		told := 0
		w := newWatcher(c.earOptions(), nil, func(verdictHeard) { told++ })
		frames, before := speechFrames(t), first.kept
		w.hear(frames[0])
		if first.kept > before {
			t.Errorf("%s: a frame before the answer was kept", name)
		}
		w.pickedUp.Store(true)
		for _, f := range frames[:60] {
			w.hear(f)
		}
		for range 100 {
			w.hear(hearing.Frame{PCM: make([]int16, 160)})
		}
		if told == 0 {
			t.Errorf("%s: no verdict", name)
		}
	}
	if want := mustLoad(t, "").Language; len(asked) != 1 || asked[0] != want || first.kept == 0 || first.looks == 0 {
		t.Errorf("asked for %q, %d frames, %d looks", asked, first.kept, first.looks)
	}
}
