package loop

import (
	"context"
	"time"

	"dozvon/dialer"
)

// inquiry is a question whether somebody else than a lead may be called.
type inquiry struct {
	ev     dialer.Outside
	answer func(err error)
}

// Outside asks whether a call that is up may reach somebody else than its
// lead. answer is called once, with nil once the call is counted and recorded,
// else with a *dialer.Barrier; on the loop's goroutine, so it must not block.
// Outside itself never blocks.
func (l *Loop) Outside(ev dialer.Outside, answer func(err error)) {
	if !l.queue.Put(inquiry{ev, answer}) {
		answer(&dialer.Barrier{Number: ev.Number, Reason: dialer.Reason{Code: dialer.CodeNotRunning}})
		return
	}
	ring(l.now)
}

// inquire has the engine decide about a call to somebody else than a lead, by
// what the ledger knows of the number. A call is recorded before it is allowed,
// so that no restart forgets it.
func (l *Loop) inquire(ctx context.Context, now time.Time, q inquiry) {
	if err := l.look(ctx, now, &q.ev); err != nil {
		q.refuse(dialer.Reason{Code: dialer.CodeUnrecordable, Detail: err.Error()})
		return
	}
	var rest []dialer.Command
	for _, c := range l.cfg.Engine.Handle(now, q.ev) {
		a, ok := c.(dialer.Answer)
		switch {
		case !ok:
			rest = append(rest, c)
		case a.Refused != nil:
			q.refuse(*a.Refused)
		default:
			rest = append(rest, l.allow(ctx, now, q)...)
		}
	}
	l.perform(ctx, now, rest)
}

// look fills in what the ledger knows of the number.
func (l *Loop) look(ctx context.Context, now time.Time, ev *dialer.Outside) (err error) {
	if l.fault != nil {
		return l.fault.Err
	}
	d, ok := l.cfg.Ledger.(dialer.Directory)
	if !ok {
		return errNoDirectory
	}
	if ev.Called, err = d.Called(ctx, ev.Number, now); err == nil {
		ev.Barred, err = d.Barred(ctx, ev.Number)
	}
	if err != nil {
		l.cfg.Log.Error("the database could not be asked about a number to which a call was to be handed", "err", err)
	}
	return err
}

// allow records a call and says that it may be placed.
func (l *Loop) allow(ctx context.Context, now time.Time, q inquiry) []dialer.Command {
	err := l.cfg.Ledger.(dialer.Directory).PlaceOutside(ctx, q.ev.Number, now)
	if err == nil {
		q.answer(nil)
		return nil
	}
	l.cfg.Log.Error("a call could not be recorded and was not placed", "err", err)
	q.refuse(dialer.Reason{Code: dialer.CodeUnrecordable, Detail: err.Error()})
	return l.cfg.Engine.Handle(now, dialer.OutsideOver{Attempt: q.ev.Attempt, Call: q.ev.Call})
}

func (q inquiry) refuse(r dialer.Reason) {
	q.answer(&dialer.Barrier{Number: q.ev.Number, Reason: r})
}
