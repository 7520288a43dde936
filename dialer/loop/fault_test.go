package loop

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"dozvon/dialer"
)

// Whatever part of the ledger fails, and when: no call leaves afterwards, the
// calls up go on to their end, and Run says what happened and what to do.
func TestFailedLedgerStopsNewCallsAndKeepsThoseUp(t *testing.T) {
	for _, op := range []string{"due", "place", "save", "ids", "campaign", "open", "progress", "all"} {
		for _, when := range []int{0, 1, 5} {
			s := newStage(answers, leads("c", 9), 2, plan("c"))
			if when == 0 {
				s.ledger.broken[op] = true
			}
			s.onPlace = func(dialer.Attempt) {
				if len(s.placed) == when {
					s.ledger.broken[op] = true
				}
			}
			err := s.loop.Run(context.Background())
			var fault *StoreError
			reached := op == "due" || op == "save" || op == "all" || op == "place" || op == "campaign" || op == "progress" || when == 0
			if reached && (!errors.As(err, &fault) || !errors.Is(err, errDisk)) {
				t.Fatalf("%s fails after %d calls: Run: %v", op, when, err)
			}
			if fault == nil {
				continue
			}
			if !strings.Contains(err.Error(), "disk space") || strings.Contains(err.Error(), "+7900") {
				t.Errorf("%s: %v", op, err)
			}
			if most := max(when, 0) + 2; op != "campaign" && len(s.placed) > most {
				t.Errorf("%s fails after %d calls: %d were placed", op, when, len(s.placed))
			}
			for _, id := range s.placed {
				saved := s.ledger.Attempts[id].State == dialer.AttemptEnded
				if a := s.ledger.Attempts[id]; saved && a.Result.List != "answered" {
					t.Errorf("%s: a call up was cut: %+v", op, a.Result)
				}
				if !saved && !reports(fault, id) {
					t.Errorf("%s: attempt %d is neither saved nor reported", op, id)
				}
			}
			if s.hungUp > 0 {
				t.Errorf("%s: %d calls were hung up", op, s.hungUp)
			}
		}
	}
}

func reports(e *StoreError, id dialer.AttemptID) bool {
	for _, s := range e.Unsaved {
		if s.Attempt != nil && s.Attempt.ID == id {
			return true
		}
	}
	return false
}

func TestLedgerThatComesBackGetsEveryResult(t *testing.T) {
	s := newStage(answers, leads("c", 9), 3, plan("c"))
	healed := false
	s.loop.cfg.Clock = healing{s, func() {
		if s.Now().Sub(monday) > 27*time.Second && !healed {
			healed, s.ledger.broken["save"] = true, false
		}
	}}
	s.ledger.broken["save"] = true
	err := s.loop.Run(context.Background())
	var fault *StoreError
	if !errors.As(err, &fault) || len(fault.Unsaved) != 0 || !healed {
		t.Fatalf("Run: %v (healed %v)", err, healed)
	}
	if got := s.ledger.Lists("c")["answered"]; got != 3 || len(s.placed) != 3 {
		t.Errorf("%d results saved of %d calls", got, len(s.placed))
	}
	if !strings.Contains(err.Error(), "every result is saved") {
		t.Errorf("%v", err)
	}
	s.build(3, Config{}, plan("c"))
	if err := s.loop.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := s.ledger.Lists("c")["answered"]; got != 9 || len(s.placed) != 9 {
		t.Errorf("after the restart: %d results of %d calls", got, len(s.placed))
	}
}

// healing is a clock that does something whenever time may have passed.
type healing struct {
	*stage
	then func()
}

func (h healing) Wait(ctx context.Context, until time.Time, wake <-chan struct{}) {
	h.stage.Wait(ctx, until, wake)
	h.then()
}
