package app

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dozvon/audio"
	"dozvon/dialer"
	"dozvon/hearing"
	"dozvon/store"
)

func TestPlayer(t *testing.T) {
	bin := t.TempDir()
	t.Setenv("PATH", bin)
	if p, err := findPlayer(""); p != nil || err != nil {
		t.Errorf("%v, %v where there is none", p, err)
	}
	for _, name := range []string{"ffplay", "aplay"} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\nread forever\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if p, err := findPlayer(""); err != nil || strings.Join(p, " ") != "aplay -q" {
		t.Errorf("%v, %v", p, err)
	}
	if p, err := findPlayer(" ffplay  -x "); err != nil || strings.Join(p, "|") != "ffplay|-x" {
		t.Errorf("%v, %v", p, err)
	}
	if p, err := findPlayer(noPlayer); p != nil || err != nil {
		t.Errorf("%v, %v", p, err)
	}
	if _, err := findPlayer("nosuch -q"); ExitCode(err) != ExitUsage {
		t.Errorf("%v", err)
	}
}

// A player is cut when the next key is pressed; that is no failure of it.
func TestPlayerIsCut(t *testing.T) {
	p, err := play(t.Context(), []string{"sleep"}, "1000")
	if err != nil {
		t.Fatal(err)
	}
	if err := p.stop(); err != nil {
		t.Error(err)
	}
	if p, err = play(t.Context(), []string{"sh", "-c", "echo 'no \x1bcard' >&2; exit 3"}, "x"); err != nil {
		t.Fatal(err)
	}
	if err := p.wait(); err == nil || !strings.Contains(err.Error(), "exit status 3): no  card") {
		t.Errorf("%v", err)
	}
}

func TestKeyboard(t *testing.T) {
	k := newKeyboard(strings.NewReader(" H\nрЦ да, конечно \nй?\x04z"))
	var got []rune
	for {
		r, err := k.key()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if got = append(got, r); r == 'w' {
			if line, err := k.line(); line != "да, конечно" || err != nil {
				t.Errorf("%q, %v", line, err)
			}
		}
	}
	if string(got) != "hhwq?" {
		t.Errorf("%q", string(got))
	}
}

// A moment is cut wherever it lies, even where the recording is not.
func TestCutMoment(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	path := filepath.Join(t.TempDir(), "x.wav")
	pcm := make([]int16, 10*audio.Rate)
	for i := range pcm {
		pcm[i] = int16(i / audio.Rate) // seconds
	}
	var b bytes.Buffer
	if err := errors.Join(audio.WriteWAV(&b, 2, pcm, nil), os.WriteFile(path, b.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
	for at, seconds := range map[time.Duration]int{6 * time.Second: 5, time.Second: 2, -time.Hour: 0, time.Hour: 0} {
		file, err := cutMoment(path, at)
		if err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		channels, err := audio.ReadChannels(f)
		f.Close()
		if err != nil || len(channels) != 2 {
			t.Fatalf("%v: %d channels, %v", at, len(channels), err)
		}
		if len(channels[0]) != seconds*audio.Rate || at == 6*time.Second && channels[0][0] != 2 {
			t.Errorf("%v: %d samples", at, len(channels[0]))
		}
	}
	if err := os.WriteFile(path, []byte("no sound"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := cutMoment(path, 0); err == nil {
		t.Error("no sound was cut")
	}
}

// What was heard is judged as it counted: a known voicemail is a machine, what
// nobody could tell is unsure, and a label for more words than there are harms
// nothing.
func TestJudgedCall(t *testing.T) {
	judge := func(v dialer.Verdict, label string, words ...string) (hearing.Kind, int, bool) {
		r := dialer.Result{Verdict: v, Said: []dialer.Said{{Label: "yes"}}}
		if label != "" {
			r.Heard = []dialer.Heard{{Verdict: v, Label: label, After: time.Second}}
		}
		c := judgedCall(store.HeardCall{Attempt: dialer.Attempt{Result: r}, Label: &store.HearingLabel{Party: "human", Words: words}})
		return c.Heard, len(c.Words), c.Early
	}
	for _, c := range []struct {
		verdict dialer.Verdict
		label   string
		want    hearing.Kind
		early   bool
	}{
		{dialer.VerdictAnnouncement, "machine", hearing.Machine, false}, {dialer.VerdictAnnouncement, "off", hearing.Announcement, false},
		{dialer.VerdictUnknown, "", hearing.Unsure, true}, {dialer.VerdictSilence, "", hearing.Silence, true},
	} {
		if kind, n, early := judge(c.verdict, c.label, "yes", "no"); kind != c.want || n != 1 || early != c.early {
			t.Errorf("%s %s: %s, %d words, early %v", c.verdict, c.label, kind, n, early)
		}
	}
	if _, n, _ := judge(dialer.VerdictHuman, ""); n != 0 {
		t.Error("words without a label")
	}
	// What a key showed is no merit of the listener.
	shown := dialer.Heard{Verdict: dialer.VerdictHuman, Confidence: 1, Shown: true}
	tone := dialer.Heard{Verdict: dialer.VerdictTone, Label: "busy", Confidence: 0.8}
	for want, heard := range map[hearing.Kind][]dialer.Heard{hearing.Unsure: {shown}, hearing.Tone: {tone, shown}} {
		c := judgedCall(store.HeardCall{Attempt: dialer.Attempt{Result: dialer.Result{Verdict: dialer.VerdictHuman, Heard: heard}}, Label: &store.HearingLabel{Party: "human"}})
		if c.Heard != want || c.Confidence == 1 {
			t.Errorf("%v: judged as %s", heard, c.Heard)
		}
	}
}
