package crm

import (
	"context"
	"fmt"
	"time"
)

// save records ended tries in the outbox, oldest first. What could not be
// recorded stays, and nothing new is sent before it is: otherwise a full disk
// would repeat the same deliveries for ever.
func (w *Worker) save(ctx context.Context) error {
	for len(w.unsaved) > 0 {
		r := w.unsaved[0]
		if err := w.record(ctx, r.d, r.answer); err != nil {
			return err
		}
		w.unsaved = w.unsaved[1:]
		delete(w.busy, r.d.Lead)
	}
	return nil
}

// record writes the end of one try.
func (w *Worker) record(ctx context.Context, d Delivery, a Answer) error {
	now := w.c.Clock.Now()
	switch {
	case a.Verdict == Sent:
		w.count(a.Verdict)
		return w.finish(ctx, d, now, "")
	case a.Verdict == Gone && w.c.Switches != nil:
		return w.turnOff(ctx, d, now, a.Why)
	case a.Verdict == Again && d.Attempts+1 < w.c.Retry.Tries:
		return w.again(ctx, d, now, a)
	default:
		w.count(a.Verdict)
		return w.finish(ctx, d, now, a.Why)
	}
}

// count keeps the number of failures in a row that say that the receiver
// itself is unwell; one that refuses a single delivery for good is alive.
func (w *Worker) count(v Verdict) {
	if v == Again {
		w.failures++
	} else {
		w.failures = 0
	}
}

func (w *Worker) again(ctx context.Context, d Delivery, now time.Time, a Answer) error {
	next := now.Add(max(a.After, w.c.Retry.pause(d.Attempts+1, w.c.Random())))
	if err := w.c.Outbox.MarkRetry(ctx, d.ID, next, a.Why); err != nil {
		return fmt.Errorf("crm: %w", err)
	}
	w.count(a.Verdict)
	w.c.Tried(w.c.Lane, "again")
	if till := now.Add(a.After); a.After > 0 && till.After(w.holdTill) {
		w.holdTill = till
	}
	w.c.Log.Warn("a delivery failed and is tried again", "delivery", d.ID, "type", d.Type, "lead", d.Lead,
		"tries", d.Attempts+1, "next", next, "why", maskNumbers(a.Why))
	return nil
}

// finish ends a delivery, well or with a failure. What follows from it is
// written first: a crash in between repeats both, and the keys of the rows
// make the repeat harmless.
func (w *Worker) finish(ctx context.Context, d Delivery, now time.Time, failure string) error {
	if err := w.follow(ctx, d, now, failure); err != nil {
		return err
	}
	if failure == "" {
		if err := w.c.Outbox.MarkSent(ctx, d.ID, now); err != nil {
			return fmt.Errorf("crm: %w", err)
		}
		w.c.Tried(w.c.Lane, "sent")
		return nil
	}
	if err := w.c.Outbox.MarkDead(ctx, d.ID, now, failure); err != nil {
		return fmt.Errorf("crm: %w", err)
	}
	w.c.Tried(w.c.Lane, "dead")
	w.c.Log.Error("a delivery was given up; replay it when the receiver works again",
		"delivery", d.ID, "type", d.Type, "lead", d.Lead, "tries", d.Attempts+1, "why", maskNumbers(failure))
	return nil
}

func (w *Worker) follow(ctx context.Context, d Delivery, now time.Time, failure string) error {
	if w.c.Follow == nil {
		return nil
	}
	items, err := w.c.Follow(now, d, failure)
	if err != nil { // the row itself is broken; its end is still recorded
		w.c.Log.Error("nothing can follow from a delivery", "delivery", d.ID, "error", err)
		return nil
	}
	return w.add(ctx, now, items)
}

func (w *Worker) add(ctx context.Context, now time.Time, items []Item) error {
	if len(items) == 0 {
		return nil
	}
	if err := w.c.Outbox.Add(ctx, now, items); err != nil {
		return fmt.Errorf("crm: %w", err)
	}
	if w.c.Added != nil {
		w.c.Added()
	}
	return nil
}

// turnOff records that the endpoint is off. Its deliveries, this one
// included, stay pending until somebody turns it on.
func (w *Worker) turnOff(ctx context.Context, d Delivery, now time.Time, why string) error {
	if w.off {
		return nil
	}
	if err := w.c.Switches.TurnOff(ctx, w.c.Lane.Endpoint, why, now); err != nil {
		return fmt.Errorf("crm: %w", err)
	}
	text := fmt.Sprintf("Webhook endpoint %s %s and was turned off. Its events are kept; turn it on again to send them.",
		w.c.Lane.Endpoint, why)
	w.c.Log.Error("an endpoint was turned off by its own answer; its events are kept", "delivery", d.ID, "why", maskNumbers(why))
	if w.c.Alert != nil {
		if err := w.add(ctx, now, w.c.Alert(now, "endpoint_off", text)); err != nil {
			return err
		}
	}
	w.off = true
	w.c.Tried(w.c.Lane, "off")
	return nil
}

// leave waits for the tries under way, cuts them off after Grace, and records
// how they ended. A try that was cut off is not counted.
func (w *Worker) leave(ctx context.Context, cut context.CancelCauseFunc) {
	late, stop := w.c.Clock.After(w.c.Grace)
	defer stop()
	wasCut := false
	for under := len(w.busy) - len(w.unsaved); under > 0; under-- {
		select {
		case r := <-w.results:
			w.unsaved = append(w.unsaved, r)
		case <-late:
			cut(errCut)
			wasCut, late = true, nil
			under++ // nothing has ended yet
		}
		if n := len(w.unsaved); wasCut && n > 0 && w.unsaved[n-1].answer.Verdict == Again {
			w.unsaved = w.unsaved[:n-1]
		}
	}
	last, done := context.WithTimeout(context.WithoutCancel(ctx), w.c.Grace)
	defer done()
	if err := w.save(last); err != nil {
		w.c.Log.Error("deliveries may be sent once more after the restart", "count", len(w.unsaved), "error", err)
	}
}
