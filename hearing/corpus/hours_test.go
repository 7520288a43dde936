package corpus

import (
	"testing"
	"time"

	"dozvon/audio"
)

func TestHours(t *testing.T) {
	need(t, HourPackages()...)
	seen := map[string]bool{}
	var halves [2][]Stretch
	for _, h := range []Half{Development, Test} {
		var err error
		if halves[h], err = Hours(h); err != nil {
			t.Fatal(err)
		}
		for _, s := range halves[h] {
			if seen[s.Name] {
				t.Errorf("two stretches are called %s", s.Name)
			}
			seen[s.Name] = true
		}
	}
	all := halves[Development]
	source := map[string]bool{}
	for _, s := range all {
		if source[s.Source] {
			continue
		}
		source[s.Source] = true
		sound, err := s.Sound()
		if d := audio.Duration(len(sound.PCM)); err != nil || d < 5*time.Second || audio.Level(sound.PCM) < -45 {
			t.Errorf("%s: %v at %.0f dB, %v", s.Name, d, audio.Level(sound.PCM), err)
		}
	}
	if len(source) != 7 || len(all) < 60 {
		t.Errorf("%d stretches of %d kinds", len(all), len(source))
	}
}
