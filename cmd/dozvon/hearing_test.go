package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"dozvon/audio"
	"dozvon/dialer"
	"dozvon/hearing/report"
	"dozvon/sip/siptest"
	"dozvon/store"
)

// heardCalls makes a database with five calls, which it keeps open until the
// test ends, and recordings of four of them.
func heardCalls(t *testing.T, dir string) {
	t.Helper()
	ctx := t.Context()
	db, err := store.Open(ctx, filepath.Join(dir, "calls.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	yes := func(sure float64) []dialer.Said {
		return []dialer.Said{{Question: "confirm", Label: "yes", Text: "да\x1b[2J", Confidence: sure, Latency: 300 * time.Millisecond, Engine: "embedded", After: 3 * time.Second, Taken: true}}
	}
	heard := func(v dialer.Verdict, sure float64, early bool) dialer.Result {
		return dialer.Result{Disposition: dialer.Answered, Verdict: v, Heard: []dialer.Heard{{Verdict: v, Confidence: sure, After: time.Second, Early: early}}}
	}
	results := []dialer.Result{heard(dialer.VerdictHuman, 0.9, false), heard(dialer.VerdictHuman, 0.6, false), heard(dialer.VerdictMachine, 0.95, false),
		heard(dialer.VerdictAnnouncement, 0.8, true), heard(dialer.VerdictHuman, 0.9, false)}
	results[0].Said, results[1].Said = yes(0.83), yes(0.71)
	results[0].Answers = map[string]string{"confirm": "no"} // offers that answer too
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	if err := db.PutCampaign(ctx, store.Campaign{Name: "ask"}, now); err != nil {
		t.Fatal(err)
	}
	for i, r := range results {
		r.Recording = fmt.Sprintf("recordings/%d.wav", i+1)
		name := r.Recording
		if i == 3 {
			r.Recording, name = "", "recordings/4-early.wav"
		}
		if i < 4 {
			wav(t, filepath.Join(dir, name))
		}
		placeCall(t, db, i, r, now)
	}
}

func placeCall(t *testing.T, db *store.Store, i int, r dialer.Result, now time.Time) {
	t.Helper()
	ctx := t.Context()
	pushed, err := db.Push(ctx, "ask", []store.NewLead{{Phone: fmt.Sprintf("+7916123450%d", i)}}, "", now)
	if err != nil {
		t.Fatal(err)
	}
	l, err := db.Lead(ctx, pushed[0].Lead)
	if err != nil {
		t.Fatal(err)
	}
	id, err := db.NextAttemptID(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	l.State = dialer.LeadDialing
	a := dialer.Attempt{ID: id, Lead: l.ID, Campaign: "ask", Phone: l.Phone, Number: 1, Trunk: "main", State: dialer.AttemptPlaced, Placed: now}
	if err := db.Place(ctx, []dialer.Place{{Attempt: a, Lead: l}}); err != nil {
		t.Fatal(err)
	}
	l.State, l.List = dialer.LeadDone, "done"
	a.State, a.Answered, a.Ended, a.Result = dialer.AttemptEnded, now.Add(time.Second), now.Add(20*time.Second), r
	if err := db.Save(ctx, []dialer.Save{{Lead: l, Attempt: &a}}); err != nil {
		t.Fatal(err)
	}
}

func wav(t *testing.T, path string) {
	t.Helper()
	var b bytes.Buffer
	err := errors.Join(audio.WriteWAV(&b, 2, make([]int16, 6*audio.Rate), nil), os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, b.Bytes(), 0o600))
	if err != nil {
		t.Fatal(err)
	}
}

// converse answers a session by what it asks: keys are by attempt and kind of
// question.
func converse(t *testing.T, c *exec.Cmd, keys map[int]string) (out string) {
	t.Helper()
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.Stdout, c.Stderr = nil, nil
	from, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	attempt := 0
	for lines := bufio.NewScanner(from); lines.Scan(); {
		line := lines.Text()
		out += line + "\n"
		if _, rest, ok := strings.Cut(line, "attempt "); ok && attempt == 0 {
			word, _, _ := strings.Cut(rest, " ")
			attempt, _ = strconv.Atoi(word)
		}
		if strings.Contains(line, "| r again") {
			key := keys[attempt]
			if key == "" {
				t.Fatalf("attempt %d is asked about once too often:\n%s", attempt, out)
			}
			keys[attempt] = key[1:]
			if _, err := io.WriteString(in, key[:1]+"\n"); err != nil {
				t.Fatal(err)
			}
		}
		if strings.HasPrefix(line, "saved:") {
			attempt = 0
		}
	}
	if err := c.Wait(); err != nil {
		t.Errorf("%v:\n%s", err, out)
	}
	return out
}

func TestLabelAndReport(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	heardCalls(t, dir)
	want(t, dozvon(t, dir, "hearing", "report", "--db", "calls.db"), 0, "No call is labelled yet", "4 recorded calls wait")

	// Every call once, with a player that tells what it was given.
	write(t, dir, "player.sh", "#!/bin/sh\necho \"$@\" >>played.txt\n")
	if err := os.Chmod(filepath.Join(dir, "player.sh"), 0o700); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c, _ := command(ctx, dir, "hearing", "label", "--db", "calls.db", "--player", "./player.sh -x", "--who", "anna")
	out := converse(t, c, map[int]string{1: "?hbhp2", 2: "zho", 3: "m", 4: "a"})
	for _, part := range []string{"saved: 4 of 20 in this session, 4 in all", "1 calls have no recording below .", "embedded 3.0 s after the answer, taken",
		"1 no  2 yes", "a voicemail", `the key "z" means nothing`, "not answered", "drawn by lot", "chosen for doubt"} {
		if !strings.Contains(out, part) {
			t.Errorf("it does not say %q", part)
		}
	}
	if strings.Contains(out, "\x1b") || strings.Contains(out, "+7916") {
		t.Errorf("what a server sent steers the terminal, or a number is shown: %q", out)
	}
	played, err := os.ReadFile(filepath.Join(dir, "played.txt"))
	if err != nil || strings.Count(string(played), "\n") != 5 || !strings.Contains(string(played), "-x "+filepath.Join(dir, "recordings", "4-early.wav")) {
		t.Errorf("played %q, %v", played, err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "dozvon-*.wav")); len(left) > 0 {
		t.Errorf("%v is left behind", left)
	}
	want(t, dozvon(t, dir, "hearing", "report", "--db", "calls.db"), 0, "4 calls are labelled: 4 were drawn by lot", "100.0 % (2 of 2; 34.2 to 100.0)",
		"50.0 % (1 of 2; 9.5 to 90.5)", "0.30 s, 0.30 s", "Answers by engine", "Who answered, by trunk", "Answers by scenario", "sure: 72", "too few calls to lean on", "189 without a fault would do")

	// To label again changes what counts, and not how a call was chosen.
	relabel := []string{"hearing", "label", "--db", "calls.db", "--attempt", "2"}
	if got := fed(t, dir, "рw нет \nq", relabel...); !strings.Contains(got, "saved: 1 of 20") { // on a Russian keyboard
		t.Error(got)
	}
	if got := fed(t, dir, "h", relabel...); strings.Contains(got, "saved") {
		t.Errorf("half of the answers are stored: %s", got)
	}
	var r report.Report
	got := dozvon(t, dir, "hearing", "report", "--db", "calls.db", "--json", "--campaign", "ask", "--since", "2026-03-01")
	if err := json.Unmarshal([]byte(got.out), &r); err != nil {
		t.Fatal(err, got)
	}
	if w := r.Fair.Words; r.Fair.Calls != 4 || r.Chosen.Calls != 0 || w.FalseAccepts.All != 0 || w.Mistaken.Of != 1 || r.Fair.Parties.Matrix["announcement"]["announcement"] != 1 {
		t.Errorf("%+v", r.Fair)
	}
	if got := fed(t, dir, "", "hearing", "label", "--db", "calls.db"); !strings.Contains(got, "no recorded call is left") {
		t.Error(got)
	}
}

// fed runs the binary with something on its standard input.
func fed(t *testing.T, dir, in string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c, o := command(ctx, dir, args...)
	c.Stdin = strings.NewReader(in)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	got := ended(t, c, o)
	if got.code != 0 {
		t.Errorf("%v", got)
	}
	return got.out
}

// On a terminal single keys will do, without line ends.
func TestLabelOnATerminal(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("script"); err != nil {
		t.Skip("needs script(1) for a terminal")
	}
	dir := t.TempDir()
	heardCalls(t, dir)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c := exec.CommandContext(ctx, "script", "-qec", built+" hearing label --db calls.db --attempt 1 --player none", "/dev/null")
	c.Dir = dir
	out := converse(t, c, map[int]string{1: "hr1"})
	if !strings.Contains(out, "saved: 1 of 20") {
		t.Errorf("%q", out)
	}
}

func TestHearingRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	heardCalls(t, dir)
	write(t, dir, "text.db", strings.Repeat("no database ", 100))
	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"no database":     {[]string{"report", "--db", "nosuch.db"}, 3, "there is no database nosuch.db"},
		"none of ours":    {[]string{"report", "--db", "text.db"}, 3, "text.db"},
		"no campaign":     {[]string{"label", "--db", "calls.db", "--campaign", "moon"}, 3, `no campaign "moon"`},
		"no attempt":      {[]string{"label", "--db", "calls.db", "--attempt", "99"}, 0, "no recording below"},
		"no grouping":     {[]string{"report", "--db", "calls.db", "--by", "moon"}, 2, "engine, trunk or scenario"},
		"no scenario":     {[]string{"label", "--db", "calls.db", "--scenario", "nosuch.yaml"}, 3, "nosuch.yaml can't be read"},
		"no limit":        {[]string{"label", "--db", "calls.db", "--limit", "0"}, 2, "--limit"},
		"no player":       {[]string{"label", "--db", "calls.db", "--player", "nosuch"}, 2, "there is no program"},
		"no date":         {[]string{"report", "--db", "calls.db", "--since", "yesterday"}, 2, "write a date"},
		"a player fails":  {[]string{"label", "--db", "calls.db", "--player", "false"}, 0, "the player false failed"},
		"nothing is said": {[]string{"label", "--db", "calls.db"}, 0, "0 calls labelled now"},
	} {
		t.Run(name, func(t *testing.T) {
			want(t, dozvon(t, dir, append([]string{"hearing"}, c.args...)...), c.code, c.says)
		})
	}
}

// A real run's calls are labelled: recorded, its question listened for, its
// verdict there or not.
func TestLabelARun(t *testing.T) {
	t.Parallel()
	dir := stage(t, 2)
	text := strings.NewReplacer("silent_after: 2s", "silent_after: 2s, record: true", "keys: 1", "keys: 1, words: [да]", "keys: 2", "keys: 2, words: [нет]").Replace(askScenario)
	write(t, dir, "ask.yaml", text)
	far := farEnd(t, agreeBook, siptest.Config{})
	want(t, dozvon(t, dir, campaign(far.URI("robot"))...), 0)
	out := fed(t, dir, "h0 h0", "hearing", "label", "--db", "run.db", "--data", "out", "--scenario", "ask.yaml")
	for _, part := range []string{"ask: no word until", "1 one  2 two", "saved: 2 of 20 in this session, 2 in all"} {
		if !strings.Contains(out, part) {
			t.Errorf("it does not say %q: %s", part, out)
		}
	}
	want(t, dozvon(t, dir, "hearing", "report", "--db", "run.db"), 0, "2 calls are labelled: 2 were drawn by lot", "0.0 % (0 of 2; 0.0 to 65.8)", "nothing was heard that a threshold could rest on")
}
