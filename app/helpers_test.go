package app

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"dozvon/audio"
	"dozvon/dialer/loop"
	"dozvon/scenarios"
	"dozvon/sip/siptest"
)

// sundayNight is 23:00 in Moscow on a Sunday: every zone of the country has
// its whole Monday ahead.
var sundayNight = time.Date(2031, 8, 31, 20, 0, 0, 0, time.UTC)

// zoneTitle is the column of a base with the person's time zone.
const zoneTitle = "Часовой пояс"

// trial is one campaign of a test: a scenario, a base, and a simulated network.
type trial struct {
	scenario string              // path of the file
	titles   []string            // of the base, "Телефон" first
	rows     [][]string          // of the base
	book     string              // who answers how, as siptest reads it
	groups   map[string][]string // operators of the book by group; nil: all of them are managers
	config   string              // further sections of the configuration
	trunks   string              // before the one to the far end, in YAML's flow style; empty: none
	sounds   siptest.Sounds
	start    time.Time // of the campaign's clock; zero: sundayNight
	env      map[string]string
	dir      string // of base, database and results; empty: a new one
}

// outcome is what a campaign left behind, and what its far end saw of it.
type outcome struct {
	t       *testing.T
	dir     string // of the results
	err     error
	stdout  string
	leads   map[string]lead      // by phone
	calls   map[string][]attempt // by phone, oldest first, as events told them
	events  []event
	texts   []text
	journal []siptest.Entry
	far     []siptest.CallRecord
	heard   string // folder of what each far end heard (left) and said (right), by Call-ID
}

type lead struct {
	Phone, List, Disposition, Attempts string
	Columns                            map[string]string
	Answers                            map[string]string
}

type attempt struct {
	ID          int64     `json:"id"`
	Number      int       `json:"number"`
	Placed      time.Time `json:"placed_at"`
	Answered    time.Time `json:"answered_at"`
	Ended       time.Time `json:"ended_at"`
	Disposition string    `json:"disposition"`
	Keys        string    `json:"keys"`
	Operator    string    `json:"operator"`
	Recording   string    `json:"recording"`
}

type event struct {
	ID        string    `json:"id"`
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"`
	Data      struct {
		Lead struct {
			ID      int64             `json:"id"`
			Phone   string            `json:"phone"`
			Columns map[string]string `json:"columns"`
		} `json:"lead"`
		Attempt   attempt           `json:"attempt"`
		List      string            `json:"list"`
		Answers   map[string]string `json:"answers"`
		PromiseAt time.Time         `json:"promise_at"`
		Operator  string            `json:"operator"`
		Task      struct {
			Name   string            `json:"name"`
			Fields map[string]string `json:"fields"`
		} `json:"task"`
		SMS        struct{ Text string }                `json:"sms"`
		Transcript struct{ Answer, Text, Error string } `json:"transcript"`
		Totals     map[string]int                       `json:"totals"`
	} `json:"data"`
}

type text struct{ Phone, Text, Name string }

// edit is a change of a scenario's text.
type edit struct{ from, to string }

// shippedCopy copies a shipped scenario with its prompts and changes its text.
func shippedCopy(t *testing.T, name string, edits ...edit) string {
	t.Helper()
	dir := t.TempDir()
	own, err := fs.Sub(scenarios.Shipped(), name)
	must(t, err)
	must(t, os.CopyFS(dir, own))
	path := filepath.Join(dir, "scenario.yaml")
	b, err := os.ReadFile(path)
	must(t, err)
	s := string(b)
	for _, e := range edits {
		if !strings.Contains(s, e.from) {
			t.Fatalf("the scenario %s has no %q any more", name, e.from)
		}
		s = strings.ReplaceAll(s, e.from, e.to)
	}
	write(t, path, s)
	return path
}

// run performs the campaign to its end and reads everything it left.
func (tr trial) run(t *testing.T) *outcome {
	t.Helper()
	if tr.dir == "" {
		tr.dir = t.TempDir()
	}
	o := &outcome{t: t, dir: filepath.Join(tr.dir, "out"), heard: t.TempDir()}
	book, err := siptest.LoadBook(strings.NewReader(tr.book))
	must(t, err)
	book.OperatorLaw = audio.ULaw
	var journal bytes.Buffer
	server, err := siptest.Start(t.Context(), siptest.Config{Book: book, Journal: &journal, RecordDir: o.heard, Sounds: tr.sounds})
	must(t, err)
	defer server.Close()
	o.stdout, o.err = tr.perform(t, server, slices.Sorted(maps.Keys(book.Operators)))
	if o.err != nil {
		t.Fatalf("the run ended with %v\n%s", o.err, o.stdout)
	}
	o.far = server.Calls()
	must(t, server.Close())
	o.journal, err = siptest.ReadJournal(&journal)
	must(t, err)
	o.read(tr.dir)
	return o
}

// perform writes base and configuration, and runs the campaign.
func (tr trial) perform(t *testing.T, server *siptest.Server, operators []string) (string, error) {
	t.Helper()
	base, config := filepath.Join(tr.dir, "base.csv"), filepath.Join(tr.dir, "dozvon.yaml")
	var rows bytes.Buffer
	w := csv.NewWriter(&rows)
	must(t, w.WriteAll(append([][]string{tr.titles}, tr.rows...)))
	write(t, base, rows.String())
	write(t, config, tr.settings(server, operators))
	clock := &loop.WallClock{}
	if tr.start.IsZero() {
		tr.start = sundayNight
	}
	clock.Jump(tr.start)
	var stdout, stderr bytes.Buffer
	err := run(t.Context(), RunOptions{
		Scenario: tr.scenario, Base: base, Config: config, Lines: 20, CPS: 50, Progress: "plain", FastForward: true,
		DB: filepath.Join(tr.dir, "campaign.db"), Out: filepath.Join(tr.dir, "out"),
		Env:  func(name string) (string, bool) { v, ok := tr.env[name]; return v, ok },
		ring: time.Second,
	}, clock, &stdout, &stderr)
	if s := stderr.String(); s != "" {
		t.Logf("%s said:\n%s", filepath.Base(filepath.Dir(tr.scenario)), s)
	}
	return stdout.String(), err
}

func (tr trial) settings(server *siptest.Server, operators []string) string {
	groups := tr.groups
	if groups == nil && len(operators) > 0 {
		groups = map[string][]string{"managers": operators}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "sip: {listen: \"127.0.0.1:0\"}\nlog: {level: warn}\nsms: {file: sms.jsonl}\n")
	fmt.Fprintf(&b, "trunks: [%s{name: far, uri: %q, caller_id: \"+74950000000\"}]\n", tr.trunks, server.URI("dozvon"))
	if len(groups) > 0 {
		fmt.Fprintln(&b, "operators:")
	}
	for _, g := range slices.Sorted(maps.Keys(groups)) {
		fmt.Fprintf(&b, "  %s: {addresses: [", g)
		for _, name := range groups[g] {
			fmt.Fprintf(&b, "%q, ", server.URI(name))
		}
		fmt.Fprintln(&b, "]}")
	}
	if !strings.Contains(tr.config, "webhooks:") {
		fmt.Fprintln(&b, "webhooks: [{file: events.jsonl}]")
	}
	return b.String() + tr.config
}

// read takes in the files of the contract, and holds them against the events.
func (o *outcome) read(dir string) {
	o.t.Helper()
	o.leads, o.calls = map[string]lead{}, map[string][]attempt{}
	for _, row := range readCSV(o.t, filepath.Join(o.dir, "outcomes.csv")) {
		l := lead{Phone: row["phone_e164"], List: row["list"], Disposition: row["disposition"], Attempts: row["attempts"], Columns: row}
		must(o.t, json.Unmarshal([]byte(row["answers"]), &l.Answers))
		o.leads[l.Phone] = l
	}
	o.events = readLines[event](o.t, filepath.Join(dir, "events.jsonl"))
	o.texts = readLines[text](o.t, filepath.Join(dir, "sms.jsonl"))
	for _, e := range o.of("attempt.ended") {
		o.calls[e.Data.Lead.Phone] = append(o.calls[e.Data.Lead.Phone], e.Data.Attempt)
	}
}

// of returns the events of a type, in the order in which they left.
func (o *outcome) of(kind string) (out []event) {
	for _, e := range o.events {
		if e.Type == kind {
			out = append(out, e)
		}
	}
	return out
}

// about returns the events of a type about one person.
func (o *outcome) about(phone, kind string) (out []event) {
	for _, e := range o.of(kind) {
		if e.Data.Lead.Phone == phone {
			out = append(out, e)
		}
	}
	return out
}

// tasks returns the titles of the tasks about one person.
func (o *outcome) tasks(phone string) (titles []string) {
	for _, e := range o.about(phone, "task.created") {
		titles = append(titles, e.Data.Task.Name)
	}
	return titles
}

// textsTo returns the text messages to one person.
func (o *outcome) textsTo(phone string) (out []string) {
	for _, m := range o.texts {
		if m.Phone == phone {
			out = append(out, m.Text)
		}
	}
	return out
}

// leg returns what the far end saw of an attempt's call to the person.
func (o *outcome) leg(a attempt) siptest.CallRecord {
	o.t.Helper()
	for _, r := range o.far {
		if !r.Operator && strings.HasPrefix(r.CallID, fmt.Sprintf("%d-", a.ID)) {
			return r
		}
	}
	o.t.Fatalf("no INVITE came for attempt %d", a.ID)
	return siptest.CallRecord{}
}

// operatorLegs returns the calls to operators for an attempt, oldest first.
func (o *outcome) operatorLegs(a attempt) (legs []siptest.CallRecord) {
	for _, r := range o.far {
		if r.Operator && strings.HasPrefix(r.CallID, fmt.Sprintf("%d-", a.ID)) {
			legs = append(legs, r)
		}
	}
	return legs
}

// wall is when, by the machine's clock, something first happened in a call.
func (o *outcome) wall(callID string, what siptest.What) time.Time {
	o.t.Helper()
	for _, e := range o.journal {
		if e.Call == callID && e.What == what {
			return e.At
		}
	}
	o.t.Fatalf("call %s: no %s in the journal", callID, what)
	return time.Time{}
}

// onClock is a moment of the far end's journal, during an answered call, on
// the campaign's clock. Both clocks run at one speed while a call is up.
func (o *outcome) onClock(a attempt, wall time.Time) time.Time {
	return a.Answered.Add(wall.Sub(o.leg(a).AnsweredAt))
}

// last returns the person's last attempt.
func (o *outcome) last(phone string) attempt {
	o.t.Helper()
	calls := o.calls[phone]
	if len(calls) == 0 {
		o.t.Fatalf("%s was never called", phone)
	}
	return calls[len(calls)-1]
}

// channels reads a recording: the person left, our side right.
func (o *outcome) channels(a attempt) (left, right []int16) {
	o.t.Helper()
	if a.Recording == "" {
		o.t.Fatalf("attempt %d has no recording", a.ID)
	}
	return readWAV(o.t, filepath.Join(o.dir, a.Recording))
}

// heardBy reads what a far end heard and said.
func (o *outcome) heardBy(r siptest.CallRecord) (heard, said []int16) {
	o.t.Helper()
	return readWAV(o.t, filepath.Join(o.heard, strings.ReplaceAll(r.CallID, "@", "_")+".wav"))
}

func readWAV(t *testing.T, path string) (left, right []int16) {
	t.Helper()
	f, err := os.Open(path)
	must(t, err)
	defer f.Close()
	ch, err := audio.ReadChannels(f)
	must(t, err)
	if len(ch) != 2 {
		t.Fatalf("%s has %d channels", path, len(ch))
	}
	return ch[0], ch[1]
}

// tail is the last d of a recording.
func tail(pcm []int16, d time.Duration) []int16 { return pcm[max(0, len(pcm)-audio.Samples(d)):] }

func readCSV(t *testing.T, path string) (rows []map[string]string) {
	t.Helper()
	f, err := os.Open(path)
	must(t, err)
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	must(t, err)
	for _, rec := range all[1:] {
		row := map[string]string{}
		for i, title := range all[0] {
			row[strings.TrimPrefix(title, "\ufeff")] = rec[i]
		}
		rows = append(rows, row)
	}
	return rows
}

// readLines reads a file of JSON lines; none if there is no file.
func readLines[T any](t *testing.T, path string) (out []T) {
	t.Helper()
	b, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil
	}
	must(t, err)
	for line := range bytes.Lines(b) {
		var v T
		must(t, json.Unmarshal(line, &v))
		out = append(out, v)
	}
	return out
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	must(t, os.WriteFile(path, []byte(text), 0o600))
}
