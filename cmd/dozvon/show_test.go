package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"dozvon/sip/siptest"
)

// TestProgress: each kind of display shows what it says.
func TestProgress(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		mode string
		look func(t *testing.T, out string)
	}{
		{"none", func(t *testing.T, out string) {
			if strings.Contains(out, "calls up") || !strings.HasPrefix(out, "\nask\nLIST") || !strings.Contains(out, "agreed   2 ") {
				t.Error("want the final table and nothing else")
			}
		}},
		{"plain", func(t *testing.T, out string) {
			for _, part := range []string{"base.csv: 2 rows, 2 new leads", "calls up 0  done 2 of 2  agreed 2", "100%", "Agreed"} {
				if !strings.Contains(out, part) {
					t.Errorf("it does not show %q", part)
				}
			}
			if strings.ContainsAny(out, "\x1b\r") {
				t.Error("control characters off a terminal")
			}
		}},
		{"auto", func(t *testing.T, out string) {
			if !strings.Contains(out, "done 2 of 2") || strings.Contains(out, "\x1b") {
				t.Error("want plain lines, as this is no terminal")
			}
		}},
		{"json", wantJSON},
		{"bar", func(t *testing.T, out string) {
			if !strings.Contains(out, "\x1b[") || !strings.Contains(out, "2/2") || !strings.Contains(out, "agreed 2") {
				t.Error("want a bar that is drawn over")
			}
		}},
	} {
		t.Run(c.mode, func(t *testing.T) {
			t.Parallel()
			dir := stage(t, 2)
			far := farEnd(t, agreeBook, siptest.Config{})
			got := dozvon(t, dir, append(campaign(far.URI("robot")), "--progress", c.mode)...)
			want(t, outcome{got.code, "", got.err}, 0)
			if got.err != "" {
				t.Errorf("standard error has %q", got.err)
			}
			if c.look(t, got.out); t.Failed() {
				t.Logf("%q", got.out)
			}
		})
	}
}

// wantJSON looks that every line is JSON by itself and the last one complete.
func wantJSON(t *testing.T, out string) {
	type line struct {
		Campaigns []struct {
			Campaign    string
			Leads, Done int
			Lists       map[string]int
		}
	}
	var last line
	for text := range strings.Lines(out) {
		last = line{}
		if err := json.Unmarshal([]byte(text), &last); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	if len(last.Campaigns) != 1 {
		t.Fatal("the last line has no campaign")
	}
	if c := last.Campaigns[0]; c.Campaign != "ask" || c.Leads != 2 || c.Done != 2 || c.Lists["agreed"] != 2 {
		t.Errorf("%+v", c)
	}
}

// TestBarOnATerminal: with a terminal, auto is a bar.
func TestBarOnATerminal(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("script"); err != nil {
		t.Skip("needs script(1) for a terminal")
	}
	dir := stage(t, 2)
	far := farEnd(t, agreeBook, siptest.Config{})
	args := campaign(far.URI("robot"), "--progress", "auto")
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c := exec.CommandContext(ctx, "script", "-qec", built+" "+strings.Join(args, " "), filepath.Join(dir, "typescript"))
	c.Dir = dir
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if !bytes.Contains(out, []byte("\x1b[K")) || !bytes.Contains(out, []byte("2/2")) {
		t.Errorf("no bar: %q", out)
	}
}

func TestVersion(t *testing.T) {
	want(t, dozvon(t, t.TempDir(), "--version"), 0, "dozvon version ")
}

// TestHelp: every command tells what it does, with an example, and every flag
// has words.
func TestHelp(t *testing.T) {
	root := program{in: strings.NewReader(""), out: io.Discard, err: io.Discard}.root()
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		path := c.CommandPath()
		if c.Short == "" {
			t.Errorf("%s: no word on what it does", path)
		}
		if !strings.Contains(c.Example, path) {
			t.Errorf("%s: no example", path)
		}
		var out bytes.Buffer
		p := program{in: strings.NewReader(""), out: &out, err: &out, env: func(string) (string, bool) { return "", false }}
		if code := p.run(context.Background(), append(strings.Fields(path)[1:], "--help")); code != 0 || !strings.Contains(out.String(), "Examples:") {
			t.Errorf("%s --help: exit %d\n%s", path, code, out.String())
		}
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(root)
}

// TestCompletion: the shells' scripts are made, and know commands and values.
func TestCompletion(t *testing.T) {
	dir := t.TempDir()
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		got := dozvon(t, dir, "completion", shell)
		if got.code != 0 || len(got.out) < 1000 || !strings.Contains(got.out, "dozvon") || got.err != "" {
			t.Errorf("%s: exit %d, %d bytes, %q", shell, got.code, len(got.out), got.err)
		}
	}
	for _, c := range []struct{ args, want string }{{"", "subscribers"}, {"run x.yaml --progress|", "plain"}, {"campaign|", "pause"}} {
		fields, last, _ := strings.Cut(c.args, "|")
		got := dozvon(t, dir, append(append([]string{"__complete"}, strings.Fields(fields)...), last)...)
		if !strings.Contains(got.out, c.want) {
			t.Errorf("%q does not offer %q: %v", c.args, c.want, got)
		}
	}
}
