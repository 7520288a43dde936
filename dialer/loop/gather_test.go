package loop

import (
	"context"
	"errors"
	"testing"
	"time"

	"dozvon/dialer"
	"dozvon/dialer/phonesim"
)

// shortTalks ends the first call as soon as it is placed, and tells of the others.
type shortTalks struct {
	post   func(dialer.Event)
	placed chan dialer.AttemptID
}

func finished(id dialer.AttemptID) dialer.Event {
	return dialer.Ended{Attempt: id, Result: dialer.Result{Disposition: dialer.Answered, List: "done"}}
}

func (s *shortTalks) Place(a dialer.Attempt, _ dialer.Lead) {
	if a.Lead == 1 {
		s.post(finished(a.ID))
		return
	}
	s.placed <- a.ID
}

func (s *shortTalks) HangUp(dialer.AttemptID, string) {}

// watched is a clock that tells when the loop has been woken.
type watched struct {
	*WallClock
	woke chan struct{}
}

func (w watched) Wait(ctx context.Context, until time.Time, wake <-chan struct{}) {
	w.WallClock.Wait(ctx, until, wake)
	select {
	case w.woke <- struct{}{}:
	default:
	}
}

// Results gather after a transaction, here for an hour, and share the next
// one; a push does not wait for the hour, and takes them along.
func TestResultsGatherUntilSomethingHurries(t *testing.T) {
	const calls = 5
	people := leads("c", calls)
	ledger := &faulty{Ledger: phonesim.NewLedger(people...), broken: map[string]bool{}}
	talks := &shortTalks{placed: make(chan dialer.AttemptID, calls)}
	clock := watched{&WallClock{}, make(chan struct{}, 1)}
	l := New(Config{Engine: dialer.New(), Ledger: ledger, Caller: talks, Clock: clock, Gather: time.Hour})
	talks.post = l.Post
	l.Post(dialer.SetTrunk{Trunk: dialer.TrunkLimits{Name: "t", Lines: calls}})
	l.Post(dialer.AddCampaign{Campaign: dialer.Campaign{Name: "c"}})

	ended := make(chan error, 1)
	go func() { ended <- l.Run(context.Background()) }()
	<-clock.woke // by the end of the first call
	for range calls - 1 {
		l.Post(finished(<-talks.placed))
	}
	l.Post(dialer.Wake{Campaign: "c"})
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if len(ledger.saves) != 1 || ledger.saves[0] != calls {
		t.Errorf("transactions of %v results, want one of %d", ledger.saves, calls)
	}
}

// slow is a ledger whose flushes take longer than a fast trunk's tokens.
type slow struct {
	*faulty
	clock   *WallClock
	unsaved int // calls placed since the last save
	most    int // of them at any time
}

func (s *slow) flush() { s.clock.Jump(s.clock.Now().Add(5 * time.Millisecond)) }

func (s *slow) Place(ctx context.Context, p []dialer.Place) error {
	s.flush()
	s.unsaved += len(p)
	s.most = max(s.most, s.unsaved)
	return s.faulty.Place(ctx, p)
}

func (s *slow) Save(ctx context.Context, saves []dialer.Save) error {
	s.flush()
	s.unsaved = 0
	return s.faulty.Save(ctx, saves)
}

// While calls are being committed, a fast trunk has room again: a turn ends
// nevertheless, so that results are saved and not only calls placed.
func TestTurnEndsHoweverFastTheTrunkIs(t *testing.T) {
	const calls, burst = 500, 100
	clock := &WallClock{}
	ledger := &slow{faulty: &faulty{Ledger: phonesim.NewLedger(leads("c", calls)...), broken: map[string]bool{}}, clock: clock}
	talks := &shortTalks{}
	l := New(Config{Engine: dialer.New(), Ledger: ledger, Caller: atOnce{talks}, Clock: clock})
	talks.post = l.Post
	l.Post(dialer.SetTrunk{Trunk: dialer.TrunkLimits{Name: "t", Lines: calls, CPS: 1000}})
	l.Post(dialer.AddCampaign{Campaign: dialer.Campaign{Name: "c"}})
	if err := l.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	if ledger.most > 2*burst { // a turn, and one for the tokens that came meanwhile
		t.Errorf("%d calls were placed while no result was saved; a turn can place %d", ledger.most, burst)
	}
}

// atOnce ends every call as soon as it is placed.
type atOnce struct{ *shortTalks }

func (a atOnce) Place(at dialer.Attempt, _ dialer.Lead) { a.post(finished(at.ID)) }

// Answers that come while results gather, here for an hour, are on the disk
// long before; those of calls that are over wait for their results.
func TestAnswersDoNotGather(t *testing.T) {
	const calls = 5
	ledger := &faulty{Ledger: phonesim.NewLedger(leads("c", calls)...), broken: map[string]bool{}}
	l := New(Config{Engine: dialer.New(), Ledger: ledger, Caller: caller(func(dialer.Attempt) {}), Gather: time.Hour})
	l.Post(dialer.SetTrunk{Trunk: dialer.TrunkLimits{Name: "t", Lines: calls}})
	l.Post(dialer.AddCampaign{Campaign: dialer.Campaign{Name: "c"}})
	recorded := make(chan [2]int, 9) // answers, and transactions of results before them
	var up []dialer.AttemptID
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	l.cfg.Observe = func(r Report) {
		for _, a := range r.Placed {
			up = append(up, a.ID)
		}
		switch {
		case len(r.Placed) > 0: // answered at once, one of them hung up again
			for _, id := range up {
				l.Post(dialer.Progressed{Attempt: id, State: dialer.AttemptAnswered, At: time.Now()})
			}
			l.Post(finished(up[0]))
			l.brief = time.Now() // a quarter of an hour is long for a test
		case len(r.Progress) > 0:
			recorded <- [2]int{len(r.Progress), len(ledger.saves)}
			cancel()
		}
	}
	ended := make(chan error, 1)
	go func() { ended <- l.Run(ctx) }()
	if got := <-recorded; got != [2]int{calls - 1, 0} {
		t.Errorf("%d answers are recorded of %d calls that are up, after %d transactions of results", got[0], calls-1, got[1])
	}
	for _, id := range up[1:] {
		l.Post(finished(id))
	}
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if got := ledger.Lists("c")["done"]; got != calls {
		t.Errorf("%d calls done", got)
	}
}
