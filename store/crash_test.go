package store_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dozvon/dialer"
	"dozvon/store"
)

// childVar makes this test binary play a child process: see TestMain.
const childVar = "DOZVON_STORE_TEST_CHILD"

func TestMain(m *testing.M) {
	switch os.Getenv(childVar) {
	case "dial":
		dialForever(os.Args[len(os.Args)-1])
	case "hold":
		holdOpen(os.Args[len(os.Args)-1])
	case "readonly":
		writeReadOnly(os.Args[len(os.Args)-1])
	default:
		verify(m)
	}
}

// child starts this binary in a role; its lines come out of the reader.
func child(t testing.TB, role, path string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.Command(os.Args[0], path)
	cmd.Env = append(os.Environ(), childVar+"="+role)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewScanner(out)
}

var start = time.Date(2026, 3, 2, 7, 0, 0, 0, time.UTC)

// oneNotice enqueues an event for every save.
type oneNotice struct{}

func (oneNotice) Encode(s dialer.Save) ([]store.OutboxItem, error) {
	return []store.OutboxItem{{Kind: store.KindWebhook, Type: "attempt.ended", Key: fmt.Sprint("a", s.Attempt.ID)}}, nil
}

func (oneNotice) EncodeCampaign(time.Time, dialer.CampaignChanged, map[string]int) ([]store.OutboxItem, error) {
	return nil, nil
}

// dialForever places and ends calls and tells its parent of every one, after
// the commit, until it is killed.
func dialForever(path string) {
	ctx := context.Background()
	s, err := store.Open(ctx, path, store.Options{Encoder: oneNotice{}})
	exitOn(err)
	for {
		due, err := s.Due(ctx, "c", start, 3)
		exitOn(err)
		first, err := s.NextAttemptID(ctx, len(due.Leads))
		exitOn(err)
		var places []dialer.Place
		var saves []dialer.Save
		for i, l := range due.Leads {
			a := dialer.Attempt{ID: first + dialer.AttemptID(i), Lead: l.ID, Campaign: "c", Number: l.Attempts + 1, Trunk: "main", Placed: start}
			places = append(places, dialer.Place{Attempt: a, Lead: l})
			l.State, l.List, l.Attempts = dialer.LeadDone, "yes", l.Attempts+1
			a.State, a.Result.Disposition = dialer.AttemptEnded, dialer.Answered
			saves = append(saves, dialer.Save{Lead: l, Attempt: &a, Notices: []dialer.Notice{{Type: dialer.NoticeAttemptEnded}}})
		}
		exitOn(s.Place(ctx, places))
		for _, p := range places {
			fmt.Println("placed", p.Attempt.ID, p.Lead.ID)
		}
		exitOn(s.Save(ctx, saves))
		for _, v := range saves {
			fmt.Println("saved", v.Attempt.ID, v.Lead.ID)
		}
		if len(due.Leads) == 0 {
			exitOn(fmt.Errorf("no leads are left"))
		}
	}
}

func exitOn(err error) {
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
}

// TestKilled kills a process that dials, at several moments, and looks that
// everything it was told is committed is there, and nothing is half there.
func TestKilled(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "killed.db")
	s, err := store.Open(ctx, path, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var base strings.Builder
	base.WriteString("phone\n")
	const leads = 4000
	for i := range leads {
		fmt.Fprintf(&base, "+7916%07d\n", i)
	}
	if _, err := s.Import(ctx, store.ImportSpec{Campaign: "c", Reader: strings.NewReader(base.String()), DefaultZone: "UTC"}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	told := map[string]map[dialer.AttemptID]dialer.LeadID{"placed": {}, "saved": {}, "interrupted": {}}
	for round := range 5 {
		cmd, lines := child(t, "dial", path)
		for n := 0; lines.Scan(); n++ {
			var what string
			var a dialer.AttemptID
			var l dialer.LeadID
			if _, err := fmt.Sscan(lines.Text(), &what, &a, &l); err != nil || told[what] == nil {
				t.Fatalf("the child says %q", lines.Text())
			}
			if _, twice := told[what][a]; twice {
				t.Fatalf("attempt %d was %s twice", a, what)
			}
			told[what][a] = l
			if n == 20+17*round { // it goes on: the kill meets it anywhere
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := cmd.Wait(); err == nil {
			t.Fatal("the child was not killed")
		}
		s := open(t, path, store.Options{})
		checkAfterCrash(t, s, told)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func checkAfterCrash(t *testing.T, s *store.Store, told map[string]map[dialer.AttemptID]dialer.LeadID) {
	t.Helper()
	ctx := context.Background()
	for a, l := range told["placed"] {
		history, err := s.Attempts(ctx, l)
		if err != nil || len(history) != 1 || history[0].ID != a {
			t.Fatalf("lead %d: %+v, %v; attempt %d was committed", l, history, err, a)
		}
		_, saved := told["saved"][a]
		lead, err := s.Lead(ctx, l)
		if err != nil {
			t.Fatal(err)
		}
		sent, err := s.Deliveries(ctx, l)
		if err != nil {
			t.Fatal(err)
		}
		ended := history[0].State == dialer.AttemptEnded
		if _, cut := told["interrupted"][a]; cut {
			continue // it was looked at when it was found
		}
		// Lead, attempt and outbox tell the same story, whichever it is.
		if (lead.State == dialer.LeadDone) != ended || (len(sent) == 1) != ended || saved && !ended {
			t.Fatalf("attempt %d: %s, lead %s, %d deliveries, saved %v", a, history[0].State, lead.State, len(sent), saved)
		}
	}
	open, err := s.OpenAttempts(ctx)
	if err != nil || len(open.Attempts) != len(open.Leads) {
		t.Fatalf("%+v, %v", open, err)
	}
	var saves []dialer.Save
	for i, a := range open.Attempts {
		l := open.Leads[i]
		if l.State != dialer.LeadDialing || l.ID != a.Lead {
			t.Fatalf("attempt %d is open, its lead is %s", a.ID, l.State)
		}
		a.State, a.Result.Disposition = dialer.AttemptEnded, dialer.Interrupted
		l.State, l.List = dialer.LeadDone, "interrupted"
		saves = append(saves, dialer.Save{Lead: l, Attempt: &a})
		told["interrupted"][a.ID] = l.ID
	}
	if err := s.Save(ctx, saves); err != nil {
		t.Fatal(err)
	}
	totals, err := s.Totals(ctx, "c")
	if err != nil || totals.States[dialer.LeadDialing] != 0 || totals.Up != 0 {
		t.Fatalf("%+v, %v", totals, err)
	}
	next, err := s.NextAttemptID(ctx, 1)
	for a := range told["placed"] {
		if err != nil || a >= next {
			t.Fatalf("attempt id %d would be given out again (next is %d), %v", a, next, err)
		}
	}
}

// holdOpen opens a database and waits until its input ends.
func holdOpen(path string) {
	s, err := store.Open(context.Background(), path, store.Options{})
	exitOn(err)
	fmt.Println("open", os.Getpid())
	var b [1]byte
	_, _ = os.Stdin.Read(b[:])
	exitOn(s.Close())
}

// TestSecondProcess: a second run on a database is told who has it.
func TestSecondProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "held.db")
	cmd := exec.Command(os.Args[0], path)
	cmd.Env = append(os.Environ(), childVar+"=hold")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() || !strings.HasPrefix(lines.Text(), "open") {
		t.Fatalf("the child says %q", lines.Text())
	}
	_, err = store.Open(context.Background(), path, store.Options{})
	wantErr(t, err, store.ErrInUse, path, fmt.Sprintf("process %d", cmd.Process.Pid), "wait until")
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, out); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	open(t, path, store.Options{}) // free again
}

// writeReadOnly runs without any rights and tells what the store says.
func writeReadOnly(path string) {
	ctx := context.Background()
	var said []string
	s, err := store.Open(ctx, path, store.Options{})
	if err == nil {
		err = s.SetSetting(ctx, "k", "v")
	}
	said = append(said, fmt.Sprint(err))
	b, err := json.Marshal(said)
	exitOn(err)
	fmt.Println(string(b))
}
