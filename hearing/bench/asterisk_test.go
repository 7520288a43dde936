package bench

import (
	"testing"
	"time"

	"dozvon/audio"
	"dozvon/hearing"
)

// asteriskHears plays stretches in turn of voice and silence, in milliseconds,
// beginning with silence.
func asteriskHears(rules AsteriskRules, stretches ...int) (hearing.Kind, string, time.Duration) {
	a := Asterisk{Rules: rules}
	loud := audio.Tone([]float64{300}, audio.FrameTime, 0.1)
	quiet := make([]int16, audio.FrameSamples)
	var at time.Duration
	for i, ms := range stretches {
		f := audio.Frame{PCM: quiet}
		if i%2 == 1 {
			f.PCM = loud
		}
		for range ms / 20 {
			at += audio.FrameTime
			if kind, cause := a.Hear(f); kind != "" {
				return kind, cause, at
			}
		}
	}
	return "", "", at
}

func TestAsteriskDefaultRules(t *testing.T) {
	for _, c := range []struct {
		name      string
		stretches []int
		kind      hearing.Kind
		cause     string
		at        int // ms
	}{
		{"a hello and a pause", []int{300, 400, 2000}, hearing.Human, "HUMAN", 300 + 400 + 800},
		{"two words and a pause", []int{300, 200, 100, 300, 2000}, hearing.Human, "HUMAN", 900 + 800},
		{"three words", []int{300, 200, 100, 200, 100, 200, 2000}, hearing.Machine, "MAXWORDS", 300 + 200 + 100 + 200 + 100 + 100},
		{"three words, the first without a silence before it", []int{0, 200, 100, 200, 100, 200, 2000}, hearing.Human, "HUMAN", 800 + 800},
		{"a long sentence", []int{300, 3000}, hearing.Machine, "LONGGREETING", 300 + 1500},
		{"much voice in two words", []int{300, 800, 200, 1000}, hearing.Machine, "LONGGREETING", 300 + 800 + 200 + 700},
		{"silence", []int{6000}, hearing.Machine, "INITIALSILENCE", 2500},
		{"a click does not end the silence", []int{500, 80, 3000}, hearing.Machine, "INITIALSILENCE", 500 + 80 + 2500},
		{"clicks are no words", []int{300, 200, 100, 80, 100, 80, 100, 80, 900}, hearing.Human, "HUMAN", 300 + 200 + 100 + 80 + 100 + 80 + 100 + 80 + 800},
		{"a gap of 40 ms does not part words", []int{300, 200, 40, 200, 40, 200, 40, 200, 1000}, hearing.Human, "HUMAN", 300 + 4*200 + 3*40 + 800},
		{"hellos that go on", []int{2000, 200, 700, 200, 700, 60, 600, 60, 700}, hearing.Unsure, "TOOLONG", 5000},
	} {
		kind, cause, at := asteriskHears(AsteriskDefaults(), c.stretches...)
		if kind != c.kind || cause != c.cause || at != time.Duration(c.at)*time.Millisecond {
			t.Errorf("%s: %s (%s) at %v; want %s (%s) at %d ms", c.name, kind, cause, at, c.kind, c.cause, c.at)
		}
	}
}

func TestAsteriskWordsAndLengthsAreSettings(t *testing.T) {
	rules := AsteriskDefaults()
	rules.Words = 3
	if kind, cause, _ := asteriskHears(rules, 300, 200, 100, 200, 100, 200, 2000); kind != hearing.Human {
		t.Errorf("three words of three allowed: %s (%s)", kind, cause)
	}
	rules.MaximumWord = 600 * time.Millisecond
	if kind, cause, at := asteriskHears(rules, 300, 1000); cause != "MAXWORDLENGTH" || at != 900*time.Millisecond {
		t.Errorf("a word of a second: %s (%s) at %v", kind, cause, at)
	}
}

// TestAsteriskThreshold: the mean of the absolute samples decides, not their
// power.
func TestAsteriskThreshold(t *testing.T) {
	for _, c := range []struct {
		sample int16
		kind   hearing.Kind
	}{{-255, hearing.Machine}, {256, ""}} {
		a := Asterisk{Rules: AsteriskDefaults()}
		pcm := make([]int16, audio.FrameSamples)
		for i := range pcm {
			pcm[i] = c.sample
		}
		var kind hearing.Kind
		for range 60 {
			kind, _ = a.Hear(audio.Frame{PCM: pcm})
		}
		for range 65 {
			if kind == "" {
				kind, _ = a.Hear(audio.Frame{PCM: pcm})
			}
		}
		if c.kind == hearing.Machine && kind != hearing.Machine {
			t.Errorf("samples of %d: %q, want silence and so a machine", c.sample, kind)
		}
		if c.kind == "" && a.silence != 0 {
			t.Errorf("samples of %d are taken for silence", c.sample)
		}
	}
}
