package loop

import (
	"context"
	"time"

	"dozvon/dialer"
)

// gather lets further events come together if the last transaction is recent.
// Answers are recorded meanwhile, by themselves: nothing else is decided.
func (l *Loop) gather(ctx context.Context) {
	if l.cfg.Gather == 0 || l.stopping {
		return
	}
	for l.pause(ctx, l.quiet, l.soon) && l.fault == nil {
		until := l.brief
		if until.After(l.quiet) {
			until = l.quiet // the next turn comes first
		}
		l.pause(ctx, until, nil)
		if time.Now().Before(l.brief) {
			return // that, or something hurries: the answers go along
		}
		l.answers(context.WithoutCancel(ctx))
	}
}

// pause waits until a moment of the machine's clock, or until something
// hurries; it reports whether it was the bell that rang before.
func (l *Loop) pause(ctx context.Context, until time.Time, bell <-chan struct{}) bool {
	rest := time.Until(until)
	if rest <= 0 {
		return false
	}
	t := time.NewTimer(rest)
	defer t.Stop()
	select {
	case <-t.C:
	case <-l.now:
		ring(l.now) // for whoever asks next
	case <-ctx.Done():
	case <-bell:
		return true
	}
	return false
}

// answers records who has picked up by now and still talks; the result of a call
// that is over tells its answer too. Whatever else waits in the queue waits on: of
// one call, its progress comes before all other news of it.
func (l *Loop) answers(ctx context.Context) {
	began := time.Now()
	items := l.queue.Take(nil)
	over := map[dialer.AttemptID]bool{}
	for _, item := range items {
		if ev, ok := item.(dialer.Ended); ok {
			over[ev.Attempt] = true
		}
	}
	var progress []any
	for _, item := range items {
		if ev, ok := item.(dialer.Progressed); ok && !over[ev.Attempt] {
			progress = append(progress, item)
		} else {
			l.held = append(l.held, item)
		}
	}
	if len(progress) > 0 {
		l.turn(ctx, l.cfg.Clock.Now(), progress)
	}
	l.rest(began)
}

// rest says from when on answers are recorded again: a quarter of Gather after
// the last transaction began, or later on a slow disk, which would do nothing
// else.
func (l *Loop) rest(began time.Time) {
	l.brief = began.Add(max(l.cfg.Gather/4, 4*time.Since(began)))
}

// taken returns what waits to be handled.
func (l *Loop) taken(buf []any) []any {
	if len(l.held) == 0 {
		return l.queue.Take(buf)
	}
	items := append(l.held, l.queue.Take(nil)...)
	l.held = nil
	return items
}
