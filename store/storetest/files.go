package storetest

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"dozvon/dialer"
	"dozvon/store"
)

func readFile(t testing.TB, path ...string) [][]string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(path...))
	must(t, err)
	return get(csv.NewReader(bytes.NewReader(b)).ReadAll())(t)
}

// finished is a campaign with a lead on a list, one that waits, and one from a
// push.
func finished(t testing.TB, s Store) {
	t.Helper()
	importText(t, s, "Имя;Телефон;Заметка\nИван;8 (916) 123-45-01;=1+1\nОльга;89161234502;-5\nx;12;@bad\n",
		func(spec *store.ImportSpec) { spec.Columns = scenarioColumns })
	leads := get(s.Leads(bg, store.LeadQuery{Campaign: "c"}))(t)
	l, a := place(t, s, leads[0], t0)
	l.Answers = map[string]string{"talk": "yes"}
	a.Ringing, a.Answered = at(time.Second), at(2*time.Second)
	a.Result = dialer.Result{Cause: dialer.Cause{SIP: 200, Q850: 16}, Verdict: dialer.VerdictHuman, Keys: "1", Words: []string{"да", "нет"},
		Operator: "sip:anna@pbx", Recording: "rec/1.wav", Bridged: true, CallerID: "+74951234567",
		Quality: dialer.Quality{Loss: 0.0125, Jitter: 3500 * time.Microsecond, RoundTrip: 48 * time.Millisecond, MOS: 4.312, Secure: true},
		Heard: []dialer.Heard{{Verdict: dialer.VerdictTone, Label: "ringback", Early: true},
			{Verdict: dialer.VerdictHuman, Cause: "0.4 s of speech, then silence", Confidence: 0.91, After: 1240 * time.Millisecond}}}
	end(t, s, l, a, at(62*time.Second), dialer.Answered, "да / нет")
	l, a = place(t, s, leads[1], t0)
	end(t, s, l, a, at(30*time.Second), dialer.Busy, "")
	get(s.Push(bg, "c", []store.NewLead{{Phone: "+74012345678", Columns: map[string]string{"name": "Ян"}}}, "", t0))(t)
}

func export(t *testing.T, open Open) {
	s := open(t, store.Options{})
	wantErr(t, s.Export(bg, "c", t.TempDir(), 0), store.ErrNotFound)
	finished(t, s)
	dir := filepath.Join(t.TempDir(), "out")
	must(t, s.Export(bg, "c", dir, 90*time.Second))
	must(t, s.Export(bg, "c", dir, 90*time.Second)) // over the files of an earlier run
	titles := []string{"Имя", "Телефон", "Заметка", "name", "lead_id", "phone_e164", "list", "disposition", "attempts",
		"first_call_at", "last_call_at", "next_call_at", "answers"}
	one := []string{"Иван", "8 (916) 123-45-01", "'=1+1", "", "1", "+79161234501", "да / нет", "answered", "1",
		"2026-03-02T10:00:00+03:00", "2026-03-02T10:00:00+03:00", "", `{"talk":"yes"}`}
	want := [][]string{titles, one,
		{"Ольга", "89161234502", "-5", "", "2", "+79161234502", "", "busy", "1",
			"2026-03-02T10:00:00+03:00", "2026-03-02T10:00:00+03:00", "2026-03-02T11:00:30+03:00", "{}"},
		{"", "", "", "Ян", "3", "+74012345678", "", "", "0", "", "", "2026-03-02T09:00:00+02:00", "{}"}}
	if got := readFile(t, dir, "outcomes.csv"); !reflect.DeepEqual(got, want) {
		t.Errorf("outcomes.csv: %q", got)
	}
	if got := readFile(t, dir, "lists", "да___нет.csv"); !reflect.DeepEqual(got, [][]string{titles, one}) {
		t.Errorf("list: %q", got)
	}
	calls := readFile(t, dir, "attempts.csv")
	if len(calls) != 3 || !slices.Equal(calls[1], []string{"1", "1", "+79161234501", "1", "main", "2026-03-02T10:00:00+03:00",
		"2026-03-02T10:00:01+03:00", "2026-03-02T10:00:02+03:00", "2026-03-02T10:01:02+03:00", "SIP 200; Q.850 16", "answered", "human", "1",
		"да; нет", "sip:anna@pbx", "rec/1.wav", "+74951234567", "0.0125", "3.5", "48", "4.31", "yes",
		"", "0.4 s of speech, then silence", "0.91", "1.24"}) {
		t.Errorf("attempts.csv: %q", calls)
	}
	if got := readFile(t, dir, "rejected_rows.csv"); !reflect.DeepEqual(got, [][]string{{"line", "reason", "row"},
		{"4", "bad phone: the number is too short", "x,12,@bad"}}) {
		t.Errorf("rejected_rows.csv: %q", got)
	}
	var sum store.Summary
	must(t, json.Unmarshal(get(os.ReadFile(filepath.Join(dir, "summary.json")))(t), &sum))
	if sum.Leads != 3 || sum.Attempts != 2 || sum.ASR != 0.5 || sum.MeanDuration != 60 || sum.AbandonRate != 0 || sum.WallTime != 90 ||
		sum.Bridged != 1 || sum.RejectedRows != 1 || sum.Lists["да / нет"] != 1 || sum.Dispositions[dialer.Busy] != 1 || sum.CampaignTime != 62 {
		t.Errorf("summary.json: %+v", sum)
	}
	left := get(filepath.Glob(filepath.Join(dir, ".*")))(t)
	if len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

// exportNames: names of lists can't leave the folder, nor overwrite one
// another.
func exportNames(t *testing.T, open Open) {
	s := open(t, store.Options{})
	names := []string{"../../etc/passwd", "a/b", "a:b", "A_b", "..", "con", "", strings.Repeat("я", 300), "\xff\x00"}
	var b strings.Builder
	b.WriteString("phone\n")
	for i := range names {
		fmt.Fprintf(&b, "+7916123450%d\n", i)
	}
	importText(t, s, b.String())
	for i, l := range get(s.Leads(bg, store.LeadQuery{Campaign: "c"}))(t) {
		l.State, l.List = dialer.LeadDone, names[i]
		must(t, s.Save(bg, []dialer.Save{{Lead: l}}))
	}
	root := t.TempDir()
	dir := filepath.Join(root, "x", "out")
	must(t, s.Export(bg, "c", dir, 0))
	files := get(os.ReadDir(filepath.Join(dir, "lists")))(t)
	if len(files) != len(names)-1 { // the empty one is no list
		t.Fatalf("%d files: %v", len(files), files)
	}
	if outside := get(os.ReadDir(root))(t); len(outside) != 1 {
		t.Fatalf("something left the folder: %v", outside)
	}
}

func lists(t *testing.T, open Open) {
	s := open(t, store.Options{})
	finished(t, s)
	if lists := get(s.Lists(bg, "c", ""))(t); len(lists) != 1 || lists["да / нет"] != 1 {
		t.Errorf("%v", lists)
	}
	if lists := get(s.Lists(bg, "c", "partner"))(t); len(lists) != 0 {
		t.Errorf("another's leads: %v", lists)
	}
	n := 0
	for l, err := range s.ListLeads(bg, "c", "да / нет", "") {
		must(t, err)
		if n++; l.ID != 1 {
			t.Errorf("%+v", l)
		}
	}
	if n != 1 {
		t.Errorf("%d leads", n)
	}
}

func tokens(t *testing.T, open Open) {
	s := open(t, store.Options{})
	const secret = "a long random secret"
	k := store.Token{Name: "crm", Role: "crm", CreatedAt: t0}
	must(t, s.PutToken(bg, k, secret))
	if got := get(s.FindToken(bg, secret))(t); got != k {
		t.Fatalf("%+v", got)
	}
	wantErr(t, s.PutToken(bg, store.Token{Name: "other"}, secret), store.ErrWrongUse)
	wantErr(t, s.PutToken(bg, store.Token{Name: "weak"}, "1234"), store.ErrWrongUse)
	must(t, s.PutToken(bg, k, secret+"2")) // a new secret takes the old one's place
	_, err := s.FindToken(bg, secret)
	wantErr(t, err, store.ErrNotFound)
	if all := get(s.Tokens(bg))(t); len(all) != 1 {
		t.Fatalf("%+v", all)
	}
	must(t, s.DeleteToken(bg, "crm"))
	wantErr(t, s.DeleteToken(bg, "crm"), store.ErrNotFound)
	_, err = s.FindToken(bg, secret+"2")
	wantErr(t, err, store.ErrNotFound)
}

func settings(t *testing.T, open Open) {
	s := open(t, store.Options{})
	if _, found, err := s.Setting(bg, "k"); err != nil || found {
		t.Fatal(found, err)
	}
	must(t, s.SetSetting(bg, "k", "1"))
	must(t, s.SetSetting(bg, "k", ""))
	if v, found, err := s.Setting(bg, "k"); err != nil || !found || v != "" {
		t.Fatal(v, found, err)
	}
}
