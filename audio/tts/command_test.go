package tts

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dozvon/audio"
)

// program writes a script that stands in for a speech engine.
func program(t *testing.T, script string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "engine")
	if err := os.WriteFile(name, []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestCommandGetsTheTextOnItsInput(t *testing.T) {
	text := "Привет; $(reboot) `id` \"x\" '-o' && rm -rf /"
	c := &Command{Args: []string{program(t, `printf '%s|' "$@"; cat; printf '%060d' 0`), "-v", "{lang}+{voice}", "a b"}, VoiceName: "anna"}
	out, err := c.Speak(ctx, "ru", text)
	if err != nil {
		t.Fatal(err)
	}
	if want := "-v|ru+anna|a b|" + text + "\n"; !strings.HasPrefix(string(out), want) {
		t.Errorf("%q", out)
	}
}

func TestCommandFaults(t *testing.T) {
	for name, c := range map[string]struct {
		cmd  Command
		lang string
		text string
		want string
	}{
		"no program":   {Command{Args: []string{"no-such-speech-engine"}}, "ru", "x", "install it"},
		"no command":   {Command{}, "ru", "x", "no command is given"},
		"fails":        {Command{Args: []string{program(t, "cat >/dev/null; printf 'no\\tvoice\\n' >&2; exit 3")}}, "ru", "x", "no voice"},
		"no audio":     {Command{Args: []string{program(t, "cat >/dev/null")}}, "ru", "x", "gave no audio"},
		"hangs":        {Command{Args: []string{program(t, "exec sleep 60")}, Timeout: 50 * time.Millisecond}, "ru", "x", "no answer within 50ms"},
		"floods":       {Command{Args: []string{program(t, "exec cat /dev/zero")}}, "ru", "x", "more than 32 MiB"},
		"odd language": {Command{Args: []string{"cat"}}, "ru; ls", "x", "no code of a language"},
		"odd voice":    {Command{Args: []string{"cat"}, VoiceName: `x) (system "ls"`}, "ru", "x", "may hold letters"},
		"no text":      {Command{Args: []string{"cat"}}, "ru", " \n", "nothing to say"},
		"long text":    {Command{Args: []string{"cat"}}, "ru", strings.Repeat("x", 5000), "split it"},
		"no rate":      {Command{Args: []string{"cat"}, Format: S16LE}, "ru", "x", "the rate"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.cmd.Speak(ctx, c.lang, c.text)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v", err)
			}
			if err != nil && (len(err.Error()) > 600 || strings.ContainsAny(err.Error(), "\r\t")) {
				t.Errorf("the error is no short line: %q", err)
			}
		})
	}
}

func TestCommandEndsWithItsContext(t *testing.T) {
	dead, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := (&Command{Args: []string{program(t, "exec sleep 60")}}).Speak(dead, "ru", "x"); err == nil {
		t.Error("no error")
	}
}

func TestCommandRawSamples(t *testing.T) {
	c := &Command{Args: []string{program(t, "cat >/dev/null; head -c 32000 /dev/zero")}, Format: S16LE, Rate: 16000}
	out, err := c.Speak(ctx, "ru", "x")
	if err != nil {
		t.Fatal(err)
	}
	clip, err := audio.ReadWAV(bytes.NewReader(out))
	if err != nil || clip.Duration() != time.Second {
		t.Errorf("%v %v", clip, err)
	}
}

// The presets speak, where the programs are installed.
func TestPresetsSpeak(t *testing.T) {
	for program, c := range map[string]struct {
		engine *Command
		lang   string
		text   string
	}{
		"espeak-ng": {EspeakNG(""), "ru", "Ваша заявка на пятьдесят тысяч рублей одобрена."},
		"text2wave": {Festival(""), "ru", "Ваша заявка на пятьдесят тысяч рублей одобрена."},
	} {
		t.Run(program, func(t *testing.T) {
			if _, err := exec.LookPath(program); err != nil {
				t.Skip("not installed")
			}
			if program == "text2wave" && !installed("/usr/share/festival/voices/russian/msu_ru_nsh_clunits") {
				t.Skip("festvox-ru is not installed")
			}
			wav, err := c.engine.Speak(ctx, c.lang, c.text)
			if err != nil {
				t.Fatal(err)
			}
			clip, err := Polish(wav)
			if err != nil {
				t.Fatal(err)
			}
			if d := clip.Duration(); d < 2*time.Second || d > 7*time.Second {
				t.Errorf("lasts %s", d)
			}
		})
	}
}

func installed(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
