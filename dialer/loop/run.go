package loop

import (
	"context"
	"fmt"
	"time"

	"dozvon/dialer"
)

// retryPause is how long the loop waits before it tries a failed ledger again.
const retryPause = time.Second

// Run recovers what a crash left open, then works until every campaign is
// finished (unless Config.Stay), and returns nil. When ctx ends it ends every
// call at once, saves their results and returns ctx's error. If the ledger
// fails it returns a *StoreError, if no campaign can go on a *StuckError.
// Run may be called once.
func (l *Loop) Run(ctx context.Context) error {
	err := l.run(ctx)
	l.final = l.snapshot()
	for _, item := range l.queue.Close() {
		switch it := item.(type) {
		case chan Snapshot:
			it <- l.final
		case inquiry:
			it.refuse(dialer.Reason{Code: dialer.CodeNotRunning})
		}
	}
	close(l.done)
	return err
}

func (l *Loop) run(ctx context.Context) error {
	// Results are saved even while the program is being stopped.
	kept := context.WithoutCancel(ctx)
	l.recover(kept)
	var items []any
	for {
		select {
		case <-l.now: // whatever hurried is taken with the rest
		default:
		}
		items = l.taken(items)
		now := l.cfg.Clock.Now()
		l.turn(kept, now, items)
		if ctx.Err() != nil && !l.stopping {
			l.stop(kept, now)
		}
		if over, err := l.over(ctx, now); over {
			return err
		}
		if !l.tick(kept) {
			l.wait(ctx)
			l.gather(ctx)
		}
	}
}

// recover hands the engine the attempts that an earlier run left open.
func (l *Loop) recover(ctx context.Context) {
	rec, err := l.cfg.Ledger.OpenAttempts(ctx)
	if err != nil {
		l.fail("looking for attempts that an earlier run left open", err)
		return
	}
	if len(rec.Attempts) > 0 {
		l.cfg.Log.Info("attempts that an earlier run left open are recorded as interrupted", "attempts", len(rec.Attempts))
		now := l.cfg.Clock.Now()
		l.perform(ctx, now, l.cfg.Engine.Handle(now, rec))
	}
}

// turn lets the engine handle a batch of events and performs what it decides,
// answers of the ledger included, until nothing is left to do.
func (l *Loop) turn(ctx context.Context, now time.Time, items []any) {
	began := time.Now() // a turn that takes long must not make the next one late: tokens lapse
	var commands []dialer.Command
	for _, item := range items {
		switch it := item.(type) {
		case chan Snapshot:
			l.asks = append(l.asks, it)
		case inquiry: // by what is decided before it
			l.perform(ctx, now, commands)
			commands = nil
			l.inquire(ctx, now, it)
		case dialer.Event:
			l.note(it)
			commands = append(commands, l.cfg.Engine.Handle(now, it)...)
		}
	}
	l.perform(ctx, now, commands)
	if l.fault != nil {
		l.retry(ctx, now)
	}
	for _, ask := range l.asks {
		ask <- l.snapshot()
	}
	l.asks = l.asks[:0]
	if len(l.report.Placed)+len(l.report.Saved) > 0 {
		l.quiet = began.Add(l.cfg.Gather)
		l.rest(began)
	}
	if l.cfg.Observe != nil && !l.report.empty() {
		l.report.Now, l.report.Up = l.cfg.Clock.Now(), len(l.up)
		l.cfg.Observe(l.report)
	}
	l.report.reset()
}

// note keeps the loop's own books of an event.
func (l *Loop) note(ev dialer.Event) {
	switch ev := ev.(type) {
	case dialer.Ended:
		delete(l.up, ev.Attempt)
	case dialer.Brake:
		l.braked = ev.On
	case dialer.AddCampaign:
		c := l.campaigns[ev.Campaign.Name]
		c.resident = ev.Campaign.Resident
		l.campaigns[ev.Campaign.Name] = c
	}
}

// tick tells the engine that the moment it asked for has come. A clock that
// jumps goes there at once if no call is up; it reports whether it did.
func (l *Loop) tick(ctx context.Context) bool {
	if l.fault != nil || l.wake.At.IsZero() {
		return false
	}
	if l.cfg.FastForward && !l.wake.Real && !l.stopping && len(l.up) == 0 && l.queue.Empty() {
		l.cfg.Clock.(Jumper).Jump(l.wake.At)
	}
	now := l.cfg.Clock.Now()
	if l.wake.At.After(now) {
		return false
	}
	l.wake = dialer.WakeAt{}
	l.turn(ctx, now, []any{dialer.Tick{}})
	return true
}

// wait sleeps until an event, the engine's moment, or a deadline.
func (l *Loop) wait(ctx context.Context) {
	until := l.wake.At
	now := l.cfg.Clock.Now()
	if l.fault != nil {
		until = now.Add(retryPause)
	}
	if !l.deadline.IsZero() && (until.IsZero() || l.deadline.Before(until)) {
		until = l.deadline
	}
	if l.stopping {
		ctx = context.WithoutCancel(ctx)
	}
	l.cfg.Clock.Wait(ctx, until, l.queue.Ready())
}

// stop ends every call at once.
func (l *Loop) stop(ctx context.Context, now time.Time) {
	l.stopping = true
	l.deadline = now.Add(l.cfg.StopWait)
	l.turn(ctx, now, []any{dialer.Stop{}})
}

// over reports whether Run is to return, and with what.
func (l *Loop) over(ctx context.Context, now time.Time) (bool, error) {
	if l.fault != nil {
		return l.overBroken(now)
	}
	if l.stopping {
		switch {
		case len(l.up) == 0:
			return true, ctx.Err()
		case !now.Before(l.deadline):
			return true, fmt.Errorf("%w: %d calls did not end within %v: they are recorded as interrupted at the next start",
				ctx.Err(), len(l.up), l.cfg.StopWait)
		}
		return false, nil
	}
	if l.cfg.Stay || len(l.up) > 0 || len(l.campaigns) == 0 || !l.queue.Empty() {
		return false, nil
	}
	return l.settled()
}

// settled reports whether every campaign is finished, or can't go on.
func (l *Loop) settled() (bool, error) {
	finished := true
	stuck := StuckError{}
	for name, c := range l.campaigns {
		if c.state == dialer.CampaignFinished {
			continue
		}
		finished = false
		// A campaign that somebody paused, or to which leads keep coming, may go on.
		if c.resident || c.state == dialer.CampaignPaused && c.reason == dialer.PauseUser {
			return false, nil
		}
		stuck.Campaigns = append(stuck.Campaigns, name)
		stuck.Reason = c.reason
	}
	if finished {
		return true, nil
	}
	if !l.wake.At.IsZero() || l.braked {
		return false, nil
	}
	return true, stuck.sorted()
}

func (l *Loop) snapshot() Snapshot {
	return Snapshot{Now: l.cfg.Clock.Now(), Up: len(l.up), Status: l.cfg.Engine.Status()}
}
