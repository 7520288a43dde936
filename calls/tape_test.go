package calls

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"dozvon/audio"
	"dozvon/dialer"
	"dozvon/dialer/phonesim"
	"dozvon/sip/siptest"
)

// What a person says in their own words is kept, as long as they speak and not
// longer, and with it the wish for its words.
func TestRecordedAnswers(t *testing.T) {
	t.Parallel()
	hush, says := phonesim.Step{Hush: 200 * time.Millisecond}, phonesim.Step{Speak: siptest.Beep}
	for _, c := range []struct {
		name   string
		person phonesim.Profile
		list   string
		kept   bool
	}{
		{"speaks", person(hush, says, says, waits(8*time.Second)), "unclear", true},
		{"ends it by a key", person(hush, talks, waits(900*time.Millisecond), presses("5"), waits(8*time.Second)), "unclear", true},
		{"hangs up", person(hush, talks, waits(900*time.Millisecond), hangs), "gone", true},
		{"is silent", person(hears, waits(8*time.Second)), "unclear", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			text := edited(t, "    - ask:", "    - record: {max: 5s, wait: 2s, silence: 700ms, save: reason}\n    - ask:", "wait: 2s\n        repeat: 1", "wait: 1s\n        repeat: 0")
			r := newRig(t, rigOptions{scenario: text, people: people(c.person)})
			res := r.run(number)
			if res.List != c.list {
				t.Errorf("list %q, want %q", res.List, c.list)
			}
			file, kept := res.Answers["reason"]
			if kept != c.kept {
				t.Fatalf("the answer is %q", file)
			}
			if !c.kept {
				return
			}
			var wish dialer.Effect
			for _, e := range res.Effects {
				if e.Kind == dialer.EffectTranscript {
					wish = e
				}
			}
			if wish.Name != "reason" || wish.Text != file || wish.Fields["language"] != "en" {
				t.Errorf("effects %+v", res.Effects)
			}
			b, err := os.ReadFile(filepath.Join(r.dir, file))
			if err != nil {
				t.Fatal(err)
			}
			clip, err := audio.ReadWAV(bytes.NewReader(b))
			if err != nil {
				t.Fatal(err)
			}
			if d := clip.Duration(); d < 400*time.Millisecond || d > 4*time.Second || audio.RMS(clip.PCM()) < 300 {
				t.Errorf("%s of it, level %.0f", d, audio.RMS(clip.PCM()))
			}
		})
	}
}
