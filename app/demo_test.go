package app

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"dozvon/audio"
	"dozvon/scenarios"
	"dozvon/sip/siptest"
)

// demoLists is what must come of the shipped bases, to the last lead.
var demoLists = map[string]map[string]int{
	"lead-verification": {"connected": 6, "rejected": 2, "no_choice": 2, "no_answer": 3, "wrong_number": 1},
	"meeting-reminder":  {"confirmed": 4, "rescheduled": 3, "not_confirmed": 1, "no_answer": 4},
	"cold-base":         {"interested": 3, "mailing": 3, "not_interested": 5, "unavailable": 3},
}

func TestDemo(t *testing.T) {
	if testing.Short() {
		t.Skip("the demonstration takes over a minute")
	}
	t.Parallel()
	out := filepath.Join(t.TempDir(), "demo")
	var stdout, stderr bytes.Buffer
	started := time.Now()
	if err := Demo(t.Context(), DemoOptions{Out: out, Progress: "plain"}, &stdout, &stderr); err != nil {
		t.Fatalf("%v\n%s%s", err, stdout.String(), stderr.String())
	}
	t.Logf("took %s", time.Since(started).Round(time.Second))
	if stderr.Len() > 0 {
		t.Errorf("it warned of:\n%s", stderr.String())
	}
	for name, want := range demoLists {
		t.Run(name, func(t *testing.T) {
			sc, err := scenarios.LoadShipped(name)
			must(t, err)
			demoTable(t, stdout.String(), sc, want)
			dir := filepath.Join(out, name)
			demoFiles(t, dir, name, want)
			demoRecordings(t, dir)
		})
	}
}

// demoTable looks for the campaign's table in what the terminal showed.
func demoTable(t *testing.T, shown string, sc *scenarios.Scenario, want map[string]int) {
	_, table, found := strings.Cut(shown, "\n"+sc.Title+"\n")
	if !found {
		t.Fatalf("no table with the title %s in:\n%s", sc.Title, shown)
	}
	table, _, _ = strings.Cut(table, "\nfiles: ")
	for list, n := range want {
		if !slices.ContainsFunc(strings.Split(table, "\n"), func(line string) bool {
			f := strings.Fields(line)
			return len(f) > 2 && f[0] == list && f[1] == strconv.Itoa(n) && strings.Contains(line, sc.Outcomes[list].Title)
		}) {
			t.Errorf("the table does not show %s with %d leads:\n%s", list, n, table)
		}
	}
}

// demoFiles holds the files of the contract against the base and the lists.
func demoFiles(t *testing.T, dir, name string, want map[string]int) {
	outcomes := readCSV(t, filepath.Join(dir, "outcomes.csv"))
	got := map[string]int{}
	for _, row := range outcomes {
		got[row["list"]]++
	}
	for list, n := range want {
		if rows := readCSV(t, filepath.Join(dir, "lists", list+".csv")); len(rows) != n || got[list] != n {
			t.Errorf("%s: %d in the list's file, %d in outcomes.csv, want %d", list, len(rows), got[list], n)
		}
	}
	if len(got) != len(want) {
		t.Errorf("lists %v, want %v", got, want)
	}
	attempts := readCSV(t, filepath.Join(dir, "attempts.csv"))
	for _, row := range attempts {
		if machine := row["phone_e164"] == "+79990000112"; machine != (row["disposition"] == "machine") || machine != (row["heard_cause"] != "" && row["verdict"] == "machine") {
			t.Errorf("attempt %s to %s is %s, heard as %s: %s", row["attempt_id"], row["phone_e164"], row["disposition"], row["verdict"], row["heard_cause"])
		}
	}
	rejected := readCSV(t, filepath.Join(dir, "rejected_rows.csv"))
	if base := baseRows(t, name); len(outcomes)+len(rejected) != base || len(rejected) < 2 {
		t.Errorf("%d outcomes and %d rejected rows of %d in the base", len(outcomes), len(rejected), base)
	}
	var sum struct {
		Leads, Attempts int
		Lists           map[string]int
	}
	b, err := os.ReadFile(filepath.Join(dir, "summary.json"))
	must(t, err)
	must(t, json.Unmarshal(b, &sum))
	if sum.Leads != len(outcomes) || sum.Attempts != len(attempts) || sum.Lists["connected"] != want["connected"] {
		t.Errorf("summary %+v for %d outcomes and %d attempts", sum, len(outcomes), len(attempts))
	}
	finished := 0
	for _, e := range readLines[event](t, filepath.Join(dir, "events.jsonl")) {
		if e.Type == "lead.finished" {
			finished++
		}
	}
	if finished != len(outcomes) {
		t.Errorf("%d lead.finished for %d leads", finished, len(outcomes))
	}
	if texts := readLines[text](t, filepath.Join(dir, "sms.jsonl")); (len(texts) > 0) != (name != "lead-verification") {
		t.Errorf("%d texts", len(texts))
	}
}

// baseRows counts the rows of a shipped base.
func baseRows(t *testing.T, name string) int {
	b, err := fs.ReadFile(scenarios.Shipped(), name+"/base.csv")
	must(t, err)
	r := csv.NewReader(bytes.NewReader(b))
	if bytes.ContainsRune(bytes.SplitN(b, []byte("\n"), 2)[0], ';') {
		r.Comma = ';'
	}
	all, err := r.ReadAll()
	must(t, err)
	return len(all) - 1
}

// demoRecordings: every answered call is recorded; bridged ones hold the
// person left and, to their end, the operator right.
func demoRecordings(t *testing.T, dir string) {
	bridged := 0
	for _, row := range readCSV(t, filepath.Join(dir, "attempts.csv")) {
		if (row["recording"] != "") != (row["answered_at"] != "") {
			t.Errorf("attempt %s: recording %q, answered %q", row["attempt_id"], row["recording"], row["answered_at"])
		}
		if row["operator"] == "" {
			continue
		}
		bridged++
		left, right := readWAV(t, filepath.Join(dir, row["recording"]))
		talk := tail(right, time.Second)
		if !audio.HasTone(talk, siptest.VoiceOperatorHz) || audio.HasTone(talk, siptest.VoicePersonHz) {
			t.Errorf("attempt %s: the right channel does not end with the operator", row["attempt_id"])
		}
		if audio.HasTone(left, siptest.VoiceOperatorHz) {
			t.Errorf("attempt %s: the operator is heard in the person's channel", row["attempt_id"])
		}
		if silent := row["phone_e164"] == "+79990000204"; audio.HasTone(left, siptest.VoicePersonHz) == silent {
			t.Errorf("attempt %s: the person's voice is in the left channel for %s", row["attempt_id"], audio.ToneTime(left, siptest.VoicePersonHz))
		}
	}
	if bridged < 3 {
		t.Errorf("%d bridged calls", bridged)
	}
}
