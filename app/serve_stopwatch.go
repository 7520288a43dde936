package app

import (
	"context"
	"time"

	"dozvon/dialer"
	"dozvon/internal/mailbox"
)

// stopwatch measures how long it takes from a push to the first INVITE of its
// lead. Pushes end on the API's goroutines and INVITEs leave on those of the
// calls, so that either may be told of first; one goroutine, that of run, joins
// the two. It forgets what finds no other half among the next few thousand
// leads: those are called later for a reason of their own.
type stopwatch struct {
	box     *mailbox.Box[any]
	measure func(time.Duration)
	fresh   map[dialer.LeadID]half
	stale   map[dialer.LeadID]half
}

// half is what was told of a lead first: its push or its INVITE.
type half struct {
	at   time.Time
	push bool
}

// stopwatchKept is how many halves are remembered before old ones are dropped.
const stopwatchKept = 10_000

type (
	pushedLeads struct {
		ids []dialer.LeadID
		at  time.Time
	}
	dialledLead struct {
		id dialer.LeadID
		at time.Time
	}
)

func newStopwatch(measure func(time.Duration)) *stopwatch {
	return &stopwatch{box: mailbox.New[any](), measure: measure,
		fresh: map[dialer.LeadID]half{}, stale: map[dialer.LeadID]half{}}
}

// pushed notes when the push of these leads came. It never blocks.
func (w *stopwatch) pushed(ids []dialer.LeadID, at time.Time) { w.box.Put(pushedLeads{ids, at}) }

// dialled notes when an INVITE left. It never blocks.
func (w *stopwatch) dialled(a dialer.Attempt, at time.Time) {
	if a.Number == 1 { // later ones are called by the retry plan
		w.box.Put(dialledLead{a.Lead, at})
	}
}

// run joins the halves until ctx ends.
func (w *stopwatch) run(ctx context.Context) {
	var batch []any
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.box.Ready():
		}
		batch = w.box.Take(batch)
		for _, m := range batch {
			w.take(m)
		}
	}
}

func (w *stopwatch) take(m any) {
	switch m := m.(type) {
	case pushedLeads:
		for _, id := range m.ids {
			w.join(id, half{m.at, true})
		}
	case dialledLead:
		w.join(m.id, half{m.at, false})
	}
}

// join measures a lead whose other half is known, and keeps this one if it is
// not. A push that is told of again, as its key was, changes nothing.
func (w *stopwatch) join(id dialer.LeadID, h half) {
	for _, halves := range []map[dialer.LeadID]half{w.fresh, w.stale} {
		first, ok := halves[id]
		switch {
		case ok && first.push != h.push:
			delete(halves, id)
			w.measure(h.at.Sub(first.at).Abs())
			return
		case ok:
			return
		}
	}
	if len(w.fresh) >= stopwatchKept {
		w.fresh, w.stale = map[dialer.LeadID]half{}, w.fresh
	}
	w.fresh[id] = h
}
