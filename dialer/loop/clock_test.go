package loop

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"dozvon/dialer"
	"dozvon/dialer/phonesim"
)

func TestWallClockJumpsForwardOnly(t *testing.T) {
	var c WallClock
	start := time.Now()
	c.Jump(start.Add(48 * time.Hour))
	if d := c.Now().Sub(start); d < 48*time.Hour || d > 48*time.Hour+time.Minute {
		t.Errorf("two days ahead is %v ahead", d)
	}
	c.Jump(start)
	if c.Now().Before(start.Add(48 * time.Hour)) {
		t.Error("the clock went back")
	}
}

func TestWallClockWaits(t *testing.T) {
	var c WallClock
	c.Jump(time.Now().Add(time.Hour))
	c.Wait(context.Background(), c.Now().Add(5*time.Millisecond), nil)
	c.Wait(context.Background(), c.Now().Add(-time.Hour), nil)
	wake := make(chan struct{}, 1)
	wake <- struct{}{}
	c.Wait(context.Background(), time.Time{}, wake)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	c.Wait(ctx, c.Now().Add(time.Hour), nil)
}

// Five days of retries pass in no time, and everybody's stamps are of the one
// campaign clock. Calls themselves take real time.
func TestFastForwardSkipsOnlyTheWaits(t *testing.T) {
	clock := &WallClock{}
	clock.Jump(time.Date(2031, 9, 1, 7, 0, 0, 0, time.UTC)) // a Monday
	ledger := phonesim.NewLedger(leads("c", 3)...)
	var l *Loop
	began := time.Now()
	calls := caller(func(a dialer.Attempt) {
		time.AfterFunc(time.Millisecond, func() {
			l.Post(dialer.Ended{Attempt: a.ID, At: clock.Now(), Result: dialer.Result{Disposition: dialer.NoAnswer}})
		})
	})
	l = New(Config{Engine: dialer.New(), Ledger: ledger, Caller: calls, Clock: clock, FastForward: true})
	l.Post(dialer.SetTrunk{Trunk: dialer.TrunkLimits{Name: "t", Lines: 1, CPS: 2}})
	l.Post(dialer.AddCampaign{Campaign: plan("c")})
	if err := l.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
	if got := ledger.Lists("c")["no_answer"]; got != 3 || len(ledger.Attempts) != 15 {
		t.Errorf("%d done after %d calls", got, len(ledger.Attempts))
	}
	c := plan("c")
	for _, a := range ledger.Attempts {
		if !c.Window.Open(a.Placed, "") || a.Ended.Before(a.Placed) || a.Ended.Sub(a.Placed) > time.Minute {
			t.Errorf("call from %v to %v", a.Placed, a.Ended)
		}
	}
}

// A trunk's back-off is about the world outside: the clock does not jump it.
func TestFastForwardWaitsForATrunkInRealTime(t *testing.T) {
	clock := &jumpy{WallClock: &WallClock{}, waited: make(chan time.Time, 9)}
	clock.Jump(time.Date(2031, 9, 1, 7, 0, 0, 0, time.UTC))
	var l *Loop
	calls := caller(func(a dialer.Attempt) {
		l.Post(dialer.Ended{Attempt: a.ID, At: clock.Now(), Result: dialer.Result{Cause: dialer.Cause{Failed: dialer.TrunkUnreachable}}})
	})
	l = New(Config{Engine: dialer.New(), Ledger: phonesim.NewLedger(leads("c", 1)...), Caller: calls, Clock: clock, FastForward: true})
	l.Post(dialer.SetTrunk{Trunk: dialer.TrunkLimits{Name: "t", Lines: 1}})
	l.Post(dialer.AddCampaign{Campaign: plan("c")})
	ctx, cancel := context.WithCancel(context.Background())
	failed := make(chan error)
	go func() { failed <- l.Run(ctx) }()
	for until := range clock.waited {
		if !until.IsZero() && until.Sub(clock.Now()) > time.Second {
			break // it waits for the end of the back-off
		}
	}
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}

type jumpy struct {
	*WallClock
	waited chan time.Time
}

func (c *jumpy) Wait(ctx context.Context, until time.Time, wake <-chan struct{}) {
	select {
	case c.waited <- until:
	default:
	}
	c.WallClock.Wait(ctx, until, wake)
}

func TestSnapshotBeforeDuringAndAfterRun(t *testing.T) {
	c := plan("c")
	c.Resident = true
	l := New(Config{Engine: dialer.New(), Ledger: phonesim.NewLedger(), Caller: caller(func(dialer.Attempt) {})})
	ctx, cancel := context.WithCancel(context.Background())
	early, late := make(chan Snapshot), make(chan error)
	go func() { early <- l.Snapshot(ctx) }()
	go func() { late <- l.Run(ctx) }()
	if s := <-early; s.Now.IsZero() {
		t.Error("no answer to a snapshot asked for before Run")
	}
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			l.Post(dialer.SetTrunk{Trunk: dialer.TrunkLimits{Name: "t", Lines: 1}})
			l.Post(dialer.AddCampaign{Campaign: c})
			l.Snapshot(ctx)
		})
	}
	all.Wait()
	if s := l.Snapshot(ctx); len(s.Campaigns) != 1 || s.Campaigns[0].State != dialer.CampaignRunning {
		t.Errorf("%+v", s)
	}
	cancel()
	if err := <-late; !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	l.Post(dialer.Wake{})
	if s := l.Snapshot(context.Background()); len(s.Campaigns) != 1 || s.Campaigns[0].State != dialer.CampaignFinished {
		t.Errorf("after the end: %+v", s)
	}
}

func TestNewRefusesAnIncompleteLoop(t *testing.T) {
	for name, c := range map[string]Config{
		"empty":          {},
		"no such clock":  {Engine: dialer.New(), Ledger: phonesim.NewLedger(), Caller: caller(nil), Clock: still{}, FastForward: true},
		"without caller": {Engine: dialer.New(), Ledger: phonesim.NewLedger()},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: accepted", name)
				}
			}()
			New(c)
		}()
	}
}

type still struct{}

func (still) Now() time.Time                                   { return monday }
func (still) Wait(context.Context, time.Time, <-chan struct{}) {}
