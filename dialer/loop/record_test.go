package loop

import (
	"context"
	"testing"

	"dozvon/dialer"
)

// recording is a ledger that keeps results and progress in one transaction.
type recording struct {
	*faulty
	saved, marked int // in the last transaction
}

func (r *recording) Record(_ context.Context, saves []dialer.Save, attempts []dialer.Attempt) error {
	r.saved, r.marked = len(saves), len(attempts)
	return r.fault("save")
}

// Results and answers of one turn share a transaction if the ledger can; a
// result that it refuses is kept for later.
func TestResultsAndAnswersShareATransaction(t *testing.T) {
	for _, broken := range []bool{false, true} {
		s := newStage(answers, leads("c", 3), 3, plan("c"))
		r := &recording{faulty: s.ledger}
		r.broken["save"] = broken
		s.loop.cfg.Ledger = r
		ended := dialer.Attempt{ID: 1, State: dialer.AttemptEnded, Ended: monday}
		s.loop.perform(context.Background(), s.loop.cfg.Clock.Now(), []dialer.Command{
			dialer.SaveProgress{Attempt: dialer.Attempt{ID: 2, State: dialer.AttemptAnswered, Answered: monday}},
			dialer.Save{Lead: dialer.Lead{ID: 1}, Attempt: &ended},
		})
		if r.saved != 1 || r.marked != 1 || len(r.saves)+len(r.marks) != 0 {
			t.Errorf("a transaction of %d results and %d answers; apart: %v, %v", r.saved, r.marked, r.saves, r.marks)
		}
		if kept := len(s.loop.unsaved); broken != (kept == 1) || broken != (s.loop.fault != nil) || !broken != (len(s.loop.report.Saved) == 1) {
			t.Errorf("broken %v: %d kept, fault %v, %d reported", broken, kept, s.loop.fault, len(s.loop.report.Saved))
		}
	}
}
