package demobase

import (
	"bytes"
	"context"
	"encoding/csv"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/nyaruka/phonenumbers"
	"go.uber.org/goleak"

	"dozvon/audio"
	"dozvon/audio/tts"
	"dozvon/dialer"
	"dozvon/scenarios"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func load(t *testing.T, name string) (*scenarios.Scenario, []dialer.Lead) {
	t.Helper()
	s, err := scenarios.LoadShipped(name)
	if err != nil {
		t.Fatal(err)
	}
	leads, err := Leads(scenarios.Shipped(), name, s)
	if err != nil {
		t.Fatal(err)
	}
	return s, leads
}

// The demo needs no speech engine: every sentence of every lead is shipped.
func TestEveryPromptIsShipped(t *testing.T) {
	total := 0
	for _, name := range scenarios.ShippedNames() {
		s, leads := load(t, name)
		if live := s.LivePrompts(); len(live) > 0 {
			t.Errorf("%s needs an engine for %q", name, live)
		}
		prompts, err := fs.Sub(scenarios.Shipped(), name+"/prompts")
		if err != nil {
			t.Fatal(err)
		}
		sp := tts.NewSpeaker(tts.Config{Recorded: s.Files(), Cache: &tts.Cache{Layers: []fs.FS{prompts}}})
		needed := Prompts(s, leads)
		for _, p := range needed {
			clip, err := sp.Clip(context.Background(), tts.Prompt(p))
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if d := clip.Duration(); d < 700*time.Millisecond || d > 15*time.Second || audio.RMS(clip.PCM()) < 300 {
				t.Errorf("%s: %q lasts %s at level %.0f", name, p.Text, d, audio.RMS(clip.PCM()))
			}
			if strings.ContainsAny(p.Text, "0123456789«»№%") {
				t.Errorf("%s: %q is not in words", name, p.Text)
			}
		}
		sp.Close()
		files, err := fs.Glob(prompts, "*.wav")
		if err != nil || len(files) > len(needed) {
			t.Errorf("%s: %d files for %d prompts; run go generate ./scenarios", name, len(files), len(needed))
		}
		for _, f := range files {
			info, err := fs.Stat(prompts, f)
			if err != nil || info.Size() > 200<<10 {
				t.Errorf("%s: %s has %d bytes", name, f, info.Size())
			}
			total += int(info.Size())
		}
	}
	if total > 3<<20 {
		t.Errorf("the prompts have %d KB", total>>10)
	}
}

// The robot says that it is one within five seconds.
func TestRobotNamesItself(t *testing.T) {
	for _, name := range scenarios.ShippedNames() {
		s, leads := load(t, name)
		prompts, _ := fs.Sub(scenarios.Shipped(), name+"/prompts")
		cache := &tts.Cache{Layers: []fs.FS{prompts}}
		for _, l := range leads {
			var before time.Duration
			named := false
			for _, a := range s.NewSession(l).Handle(time.Now(), scenarios.Answered{}) {
				play, ok := a.(scenarios.Play)
				for i := 0; ok && i < len(play.Prompts) && !named; i++ {
					p := play.Prompts[i]
					if named = strings.Contains(p.Text, "робот"); !named {
						wav, _ := cache.Get(tts.Key(p.Language, "", p.Text))
						clip, err := audio.ReadWAV(bytes.NewReader(wav))
						if err != nil {
							t.Fatal(err)
						}
						before += clip.Duration()
					}
				}
			}
			if !named || before > 3*time.Second {
				t.Errorf("%s: %s before the word", name, before)
			}
		}
	}
}

// Every base has 12 to 16 rows that can be called on numbers that are valid
// and stand in the book of subscribers, and rows that can't.
func TestBases(t *testing.T) {
	all := map[string]string{}
	for _, name := range scenarios.ShippedNames() {
		s, leads := load(t, name)
		book, err := fs.ReadFile(scenarios.Shipped(), name+"/subscribers.yaml")
		if err != nil {
			t.Fatal(err)
		}
		numbers := map[string]bool{}
		for _, l := range leads {
			n, err := phonenumbers.Parse(l.Phone, "RU")
			if err != nil || !phonenumbers.IsValidNumber(n) {
				continue
			}
			e164 := phonenumbers.Format(n, phonenumbers.E164)
			if !strings.HasPrefix(e164, "+7999000") {
				t.Errorf("%s: %s is not of the fictional range", name, e164)
			}
			if !strings.Contains(string(book), `"`+e164+`"`) {
				t.Errorf("%s: nobody plays %s", name, e164)
			}
			if other := all[e164]; other != "" && other != name {
				t.Errorf("%s stands in %s and %s", e164, other, name)
			}
			all[e164], numbers[e164] = name, true
		}
		if len(numbers) < 12 || len(numbers) > 16 {
			t.Errorf("%s: %d numbers", name, len(numbers))
		}
		if rows := rows(t, name); rows < len(numbers)+2 {
			t.Errorf("%s: %d rows for %d numbers: no bad ones", name, rows, len(numbers))
		}
		for _, c := range s.Lead {
			if c.Label == "" || c.Example == "" {
				t.Errorf("%s: the column %s has no label or example", name, c.Name)
			}
		}
	}
}

func rows(t *testing.T, name string) int {
	src, err := fs.ReadFile(scenarios.Shipped(), name+"/base.csv")
	if err != nil {
		t.Fatal(err)
	}
	r := csv.NewReader(bytes.NewReader(src))
	if bytes.Contains(src, []byte(";")) {
		r.Comma = ';'
	}
	all, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return len(all) - 1
}
