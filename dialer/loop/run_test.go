package loop

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"dozvon/dialer"
	"dozvon/dialer/phonesim"
)

func TestRunReturnsWhenEveryLeadIsDone(t *testing.T) {
	s := newStage(ringsOut, leads("c", 50), 50, plan("c"))
	if err := s.loop.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := s.ledger.Lists("c")["no_answer"]; got != 50 || len(s.placed) != 250 {
		t.Errorf("%d leads on the list after %d calls", got, len(s.placed))
	}
	if st := s.ledger.States["c"]; st.State != dialer.CampaignFinished {
		t.Errorf("the campaign is recorded as %s", st.State)
	}
}

func TestCallsOfOneTurnAreOneTransaction(t *testing.T) {
	s := newStage(ringsOut, leads("c", 50), 50, plan("c"))
	if err := s.loop.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	if len(s.ledger.places) != 5 || s.ledger.places[0] != 50 {
		t.Errorf("transactions of %v calls, want five of 50", s.ledger.places)
	}
	if len(s.ledger.saves) != 5 {
		t.Errorf("transactions of %v results, want five", s.ledger.saves)
	}
}

// An answer is recorded at once; ringing alone is not worth a transaction.
func TestAnswersAreRecordedAtOnce(t *testing.T) {
	s := newStage(answers, leads("c", 3), 3, plan("c"))
	if err := s.loop.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(s.ledger.marks, " "); got != "map[answered:3]" {
		t.Errorf("recorded %s", got)
	}
	s = newStage(ringsOut, leads("c", 3), 1, plan("c"))
	if err := s.loop.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	if len(s.ledger.marks) != 0 {
		t.Errorf("calls that only rang: recorded %v", s.ledger.marks)
	}
}

func TestAttemptIsCommittedBeforeItIsCalled(t *testing.T) {
	s := newStage(ringsOut, leads("c", 5), 2, plan("c"))
	s.onPlace = func(a dialer.Attempt) {
		if s.ledger.Attempts[a.ID].State != dialer.AttemptPlaced || s.ledger.Lead(a.Lead).State != dialer.LeadDialing {
			t.Errorf("attempt %d is called before it is recorded", a.ID)
		}
	}
	if err := s.loop.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func TestContextEndsEveryCallAtOnceAndSavesIt(t *testing.T) {
	s := newStage(answers, leads("c", 10), 10, plan("c"))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s.loop.cfg.Observe = func(r Report) {
		if len(r.Progress) > 0 { // ringing
			cancel()
		}
	}
	if err := s.loop.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("Run: %v", err)
	}
	if rec, _ := s.ledger.Ledger.OpenAttempts(context.Background()); len(rec.Attempts) != 0 {
		t.Errorf("%d attempts are left open", len(rec.Attempts))
	}
	for _, a := range s.ledger.Attempts {
		if a.Result.Disposition != dialer.Interrupted || a.Ended.After(monday.Add(2*time.Second)) {
			t.Errorf("attempt ended %s at %v", a.Result.Disposition, a.Ended)
		}
	}
}

// deaf never answers: its calls never end.
type deaf struct{ *stage }

func (deaf) Place(dialer.Attempt, dialer.Lead)    {}
func (deaf) HangUp(id dialer.AttemptID, _ string) {}

func TestCallsThatDoNotEndAreLeftToTheNextStart(t *testing.T) {
	s := newStage(answers, leads("c", 3), 3, plan("c"))
	s.loop.cfg.Caller = deaf{s}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s.loop.cfg.Observe = func(r Report) {
		if r.Up == 3 {
			cancel()
		}
	}
	err := s.loop.Run(ctx)
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "3 calls did not end within 10s") {
		t.Fatalf("Run: %v", err)
	}
	s.build(3, Config{}, plan("c"))
	if err := s.loop.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	seen := map[dialer.AttemptID]bool{}
	for _, id := range s.placed {
		if seen[id] || id <= 3 {
			t.Errorf("attempt %d is placed again", id)
		}
		seen[id] = true
	}
	for id := dialer.AttemptID(1); id <= 3; id++ {
		if a := s.ledger.Attempts[id]; a.Result.Disposition != dialer.Interrupted {
			t.Errorf("attempt %d: %s", id, a.Result.Disposition)
		}
	}
	if got := s.ledger.Lists("c")["answered"]; got != 3 {
		t.Errorf("lists %v", s.ledger.Lists("c"))
	}
}

func TestDrainLetsCallsFinish(t *testing.T) {
	s := newStage(answers, leads("c", 10), 4, plan("c"))
	s.At(monday.Add(10*time.Second), dialer.Drain{})
	if err := s.loop.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := s.ledger.Lists("c")["answered"]; got != 4 || len(s.placed) != 4 {
		t.Errorf("%d done of %d placed, want 4 of 4", got, len(s.placed))
	}
}

func TestPausedCampaignWaitsForItsResume(t *testing.T) {
	s := newStage(answers, leads("c", 10), 4, plan("c"))
	s.At(monday.Add(10*time.Second), dialer.Pause{Campaign: "c", Reason: dialer.PauseUser})
	s.At(monday.Add(time.Hour), dialer.Resume{Campaign: "c"})
	if err := s.loop.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	early := 0
	for _, a := range s.ledger.Attempts {
		if a.Placed.Before(monday.Add(time.Hour)) {
			early++
		}
	}
	if early != 4 || len(s.placed) != 10 {
		t.Errorf("%d calls before the resume, %d in all", early, len(s.placed))
	}
}

func TestPushedLeadIsCalledAtOnce(t *testing.T) {
	c := plan("c")
	c.Resident = true
	s := newStage(answers, nil, 4, c)
	pushed := monday.Add(17*time.Minute + 300*time.Millisecond)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s.loop.cfg.Observe = func(r Report) {
		if len(r.Saved) > 0 {
			cancel()
		}
	}
	s.ledger.Add(dialer.Lead{ID: 9, Campaign: "c", Phone: "+79990000000", NextAt: pushed})
	s.At(pushed, dialer.Wake{Campaign: "c"})
	if err := s.loop.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if calls := s.ledger.Calls(9); len(calls) != 1 || !calls[0].Placed.Equal(pushed) {
		t.Errorf("calls %v", calls)
	}
}

func TestStuckCampaignSaysWhatToDo(t *testing.T) {
	s := newStage(answers, leads("c", 2), 1, plan("c"))
	s.loop.cfg.Caller = caller(func(a dialer.Attempt) {
		s.loop.Post(dialer.Ended{Attempt: a.ID, Result: dialer.Result{Cause: dialer.Cause{Failed: dialer.TrunkRejected}}})
	})
	var stuck *StuckError
	err := s.loop.Run(context.Background())
	if !errors.As(err, &stuck) || stuck.Reason != dialer.PauseTrunk || !strings.Contains(err.Error(), "password") || !strings.Contains(err.Error(), "c") {
		t.Fatalf("Run: %v", err)
	}
	never := plan("n")
	never.Window.Spans = []dialer.Span{{From: 5, To: 5}}
	s = newStage(answers, leads("n", 2), 1, never)
	if err := s.loop.Run(context.Background()); !errors.As(err, &stuck) || stuck.Reason != dialer.PauseWindow {
		t.Errorf("Run: %v", err)
	}
	held := leads("h", 1)
	held[0].State = dialer.LeadDialing // by another process
	s = newStage(answers, held, 1, plan("h"))
	if err := s.loop.Run(context.Background()); !errors.As(err, &stuck) || !strings.Contains(err.Error(), "another run") {
		t.Errorf("Run: %v", err)
	}
}

// caller performs calls by a function.
type caller func(dialer.Attempt)

func (f caller) Place(a dialer.Attempt, _ dialer.Lead) { f(a) }
func (caller) HangUp(dialer.AttemptID, string)         {}

func TestReportsAddUp(t *testing.T) {
	book := phonesim.Book{Seed: 3, Mix: []phonesim.Share{{Weight: 1, Profile: ringsOut.Default}, {Weight: 1, Profile: answers.Default}}}
	s := newStage(book, leads("c", 100), 7, plan("c"))
	total := Tally{Lists: map[string]int{}, Dispositions: map[dialer.Disposition]int{}}
	var states []dialer.CampaignState
	s.loop.cfg.Observe = func(r Report) {
		if r.Up > 7 {
			t.Errorf("%d calls up on 7 lines", r.Up)
		}
		for name, d := range r.Tallies() {
			if name != "c" {
				t.Errorf("a report of campaign %q", name)
			}
			total.Placed += d.Placed
			total.Ended += d.Ended
			for l, n := range d.Lists {
				total.Lists[l] += n
			}
			for k, n := range d.Dispositions {
				total.Dispositions[k] += n
			}
		}
		for _, c := range r.Campaigns {
			states = append(states, c.State)
		}
	}
	if err := s.loop.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	snap := s.loop.Snapshot(context.Background()).Campaigns[0]
	if total.Placed != len(s.placed) || total.Ended != total.Placed || total.Lists["answered"]+total.Lists["no_answer"] != 100 {
		t.Errorf("total %+v of %d placed", total, len(s.placed))
	}
	if snap.Placed != total.Placed || snap.Lists["answered"] != total.Lists["answered"] || snap.Dispositions[dialer.NoAnswer] != total.Dispositions[dialer.NoAnswer] {
		t.Errorf("the snapshot %+v differs from the reports %+v", snap, total)
	}
	if len(states) != 2 || states[0] != dialer.CampaignRunning || states[1] != dialer.CampaignFinished {
		t.Errorf("states %v", states)
	}
}
