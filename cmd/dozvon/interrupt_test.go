package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"dozvon/sip/siptest"
)

// stayBook are people who answer and stay on the line, and some who let it
// ring, so that there are legs in every state to be ended.
const stayBook = `
default: stays
profiles:
  stays: {ring: 100ms, steps: [{wait: 1500ms}, {press: "1"}]}
numbers: {"+79990000003": no_answer, "+79990000004": no_answer}
`

// running is a campaign under way with its first calls up.
type running struct {
	t    *testing.T
	dir  string
	far  *siptest.Server
	args []string
	pid  *os.Process
	said *spoken
	over chan outcome
}

// under starts a campaign of eight people on five lines, and waits until
// three are answered and two ring.
func under(t *testing.T) *running {
	r := &running{t: t, dir: stage(t, 8), over: make(chan outcome, 1)}
	journal, err := os.Create(filepath.Join(r.dir, "calls.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { journal.Close() })
	r.far = farEnd(t, stayBook, siptest.Config{Journal: journal})
	r.args = append(campaign(r.far.URI("robot")), "--lines", "5")
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	c, o := command(ctx, r.dir, r.args...)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	r.pid, r.said = c.Process, &o.err
	go func() { r.over <- ended(t, c, o) }()
	for i := range 5 {
		_, err := r.far.Wait(ctx, func(c siptest.CallRecord) bool {
			return c.Number == phone(i) && (c.Acked() || !c.RingingAt.IsZero() && c.Profile == "no_answer")
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return r
}

func (r *running) signal(s syscall.Signal) {
	r.t.Helper()
	if err := r.pid.Signal(s); err != nil {
		r.t.Fatal(err)
	}
}

// again runs the same command to its end: every lead on a list, nobody with a
// second INVITE for one attempt.
func (r *running) again() {
	r.t.Helper()
	want(r.t, dozvon(r.t, r.dir, r.args...), 0)
	for _, row := range rows(r.t, filepath.Join(r.dir, "out", "outcomes.csv")) {
		if row["list"] == "" {
			r.t.Errorf("lead %s is on no list", row["lead_id"])
		}
	}
	for _, c := range r.far.Calls() {
		if c.Extra() > 0 || c.Err != "" || !c.Ended() {
			r.t.Errorf("call %s to %s: %d further INVITEs, %q, ended %v", c.CallID, c.Number, c.Extra(), c.Err, c.Ended())
		}
	}
}

// TestOneInterruptDrains: calls that are up go on to their own end, no new
// ones are placed, and the run can be resumed.
func TestOneInterruptDrains(t *testing.T) {
	t.Parallel()
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(s.String(), func(t *testing.T) {
			t.Parallel()
			r := under(t)
			r.signal(s)
			got := <-r.over
			want(t, got, 4, "no new calls", "Ctrl-C again", "interrupted with 5 leads still to be called", "the same command goes on")
			calls := r.far.Calls()
			if len(calls) != 5 {
				t.Errorf("%d calls, want the 5 that were up", len(calls))
			}
			for _, c := range calls {
				if c.Profile == "stays" && c.KeysOut != "1" {
					t.Errorf("the call to %s was cut before its answer", c.Number)
				}
			}
			if n := len(rows(t, filepath.Join(r.dir, "out", "lists", "agreed.csv"))); n != 3 {
				t.Errorf("%d leads agreed, want 3", n)
			}
			r.again()
		})
	}
}

// TestTwoInterruptsEndEveryCall: CANCEL or BYE to every leg, at once.
func TestTwoInterruptsEndEveryCall(t *testing.T) {
	t.Parallel()
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(s.String(), func(t *testing.T) {
			t.Parallel()
			r := under(t)
			began := time.Now()
			r.signal(s)
			select {
			case <-r.said.once("no new calls"):
			case got := <-r.over:
				t.Fatalf("it ended at the first signal: %v", got)
			}
			r.signal(s)
			got := <-r.over
			took := time.Since(began)
			want(t, got, 4, "ending every call", "interrupted with", "the same command goes on")
			if took > 3*time.Second {
				t.Errorf("took %s", took)
			}
			for _, c := range r.far.Calls() {
				released := c.ReleasedAt()
				if c.By != siptest.Caller || released.IsZero() || released.Sub(began) > 3*time.Second {
					t.Errorf("the call to %s was ended by %q after %s", c.Number, c.By, released.Sub(began))
				}
				if c.Answered() == c.ByeAt.IsZero() || c.Answered() != c.CancelAt.IsZero() {
					t.Errorf("the call to %s: answered %v, BYE %v, CANCEL %v", c.Number, c.Answered(), c.ByeAt, c.CancelAt)
				}
			}
			r.again()
		})
	}
}

// TestSecondRunOnTheSameDatabase: it names the process that holds it, and
// leaves that one alone.
func TestSecondRunOnTheSameDatabase(t *testing.T) {
	t.Parallel()
	r := under(t)
	want(t, dozvon(t, r.dir, r.args...), 1, "run.db", "in use by process "+fmt.Sprint(r.pid.Pid), "dozvon", "wait until it has finished or stop it")
	got := <-r.over
	want(t, got, 0)
	if strings.TrimSpace(got.err) != "" {
		t.Errorf("the first run said %q", got.err)
	}
}
