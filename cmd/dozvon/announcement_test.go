package main

import (
	"bytes"
	"context"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"dozvon/audio"
)

// warble is a sound with as many turns as speech has, made by a rule.
func warble(seed float64, seconds int) []int16 {
	pcm := make([]int16, seconds*audio.Rate)
	var phase float64
	for i := range pcm {
		t := float64(i) / audio.Rate
		hz := 700 + 350*math.Sin(seed+7*t) + 250*math.Sin(3.1*seed*t)
		phase += hz / audio.Rate
		pcm[i] = int16((3000 + 2900*math.Sin(19*t*seed)) * (math.Sin(2*math.Pi*phase) + math.Sin(4*math.Pi*phase)*math.Sin(5*t+seed)))
	}
	return pcm
}

func writeStereo(t *testing.T, path string, left, right []int16) {
	t.Helper()
	var b bytes.Buffer
	if err := audio.WriteWAV(&b, 2, left, right); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestAnnouncements: learn from a file and from an attempt, test, list, remove.
func TestAnnouncements(t *testing.T) {
	dir := t.TempDir()
	file, wav := filepath.Join(dir, "known.jsonl"), filepath.Join(dir, "off.wav")
	writeStereo(t, wav, warble(1, 5), nil)
	writeStereo(t, filepath.Join(dir, "recordings", "7-early.wav"), warble(2, 5), nil)
	writeStereo(t, filepath.Join(dir, "recordings", "7.wav"), warble(3, 5), warble(4, 5))
	dozvon := func(want int, args ...string) string {
		t.Helper()
		var out bytes.Buffer
		p := program{in: strings.NewReader(""), out: &out, err: &out, env: func(string) (string, bool) { return "", false }}
		if code := p.run(context.Background(), append([]string{"announcement"}, append(args, "--file", file)...)); code != want {
			t.Fatalf("%q: exit %d, want %d: %s", args, code, want, out.String())
		}
		return out.String()
	}
	says := func(text, want string) {
		t.Helper()
		if !strings.Contains(text, want) {
			t.Errorf("%q does not say %q", text, want)
		}
	}
	says(dozvon(0, "test", wav), "none of the")
	text := dozvon(0, "learn", wav, "--label", "off", "--name", "carrier A")
	says(text, "which means unreachable")
	id := regexp.MustCompile(`[0-9a-f]{10}`).FindString(text)
	says(dozvon(1, "learn", wav, "--label", "off"), "known already")
	says(dozvon(1, "learn", wav, "--label", "busy"), "remove that one first")
	says(dozvon(0, "learn", "--attempt", "7", "--data", dir, "--label", "roaming", "--disposition", "unreachable"), "label roaming")
	says(dozvon(0, "learn", "--attempt", "7", "--data", dir, "--label", "machine", "--answer"), "label machine")
	says(dozvon(1, "learn", "--attempt", "8", "--data", dir, "--label", "off"), "record: true")
	says(dozvon(2, "learn", "--label", "off"), "either")
	says(dozvon(2, "learn", wav), "label")
	says(dozvon(1, "learn", wav, "--label", "my-word"), "a disposition")
	for sound, label := range map[string]string{"off.wav": "carrier A", "recordings/7-early.wav": "attempt 7, before the answer", "recordings/7.wav": "attempt 7, after the answer"} {
		says(dozvon(0, "test", filepath.Join(dir, sound)), label)
	}
	list := dozvon(0, "list")
	says(list, id)
	says(list, "Asterisk ru: ss-noservice")
	says(dozvon(0, "remove", id), "carrier A")
	says(dozvon(1, "remove", id), "none has the ID")
	says(dozvon(0, "test", wav), "none of the")
}
