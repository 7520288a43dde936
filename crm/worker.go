package crm

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"time"

	"dozvon/dialer"
)

// WorkerConfig is what a Worker stands on.
type WorkerConfig struct {
	Lane     Lane
	Outbox   Outbox
	Sender   Sender
	Switches Switches // nil: the lane cannot be turned off, and Gone is a dead letter
	Clock    Clock    // nil: RealClock
	Retry    Retry
	Parallel int            // tries at once, each for another lead; 0: 8
	Grace    time.Duration  // on the way out, tries under way get this long to end; 0: 5 s
	Random   func() float64 // in [0, 1); nil: math/rand
	// Follow returns rows to write because a delivery has ended; failure is
	// empty if it went well. Nil: none.
	Follow func(now time.Time, d Delivery, failure string) ([]Item, error)
	// Alert returns rows that tell of a lane turned off. Nil: none.
	Alert func(now time.Time, name, text string) []Item
	// Added is called after rows of Follow or Alert have been written; it
	// must not block. Typically it pokes the workers of other lanes.
	Added func()
	// Tried is told the end of every try (sent, again, dead or off), for
	// counting; it must not block. Nil: nobody counts.
	Tried func(lane Lane, result string)
	Log   *slog.Logger // nil: nothing is logged
}

// Worker drains one lane of the outbox. One goroutine, that of Run, owns all
// of its state; tries run on goroutines of their own and report to it.
type Worker struct {
	c       WorkerConfig
	poke    chan struct{}
	flush   chan flusher
	results chan result

	// owned by Run
	busy     map[dialer.LeadID]bool
	unsaved  []result // ended tries whose end is not yet in the outbox
	waiting  []flusher
	failures int       // in a row
	holdTill time.Time // the receiver asked for quiet, or the outbox failed
	off      bool
	recheck  bool // the switches may have changed
}

// flusher is somebody who waits for the lane to be empty.
type flusher struct {
	done  chan struct{}
	until time.Time // further tries that fall due by then are waited for
}

// result is the end of one try.
type result struct {
	d      Delivery
	answer Answer
}

// weakAfter is the number of failures in a row after which a lane sends one
// delivery at a time until something gets through.
const weakAfter = 5

// outboxPause is the time to wait when the outbox itself fails.
const outboxPause = time.Second

// errCut is why a try ends early; its row stays as it is.
var errCut = errors.New("the program is stopping")

// NewWorker returns a Worker; Run starts it.
func NewWorker(c WorkerConfig) (*Worker, error) {
	if c.Outbox == nil || c.Sender == nil || c.Lane.Kind == "" {
		return nil, errors.New("crm: a worker needs a lane, an outbox and a sender")
	}
	if c.Clock == nil {
		c.Clock = RealClock{}
	}
	if c.Parallel <= 0 {
		c.Parallel = 8
	}
	if c.Grace <= 0 {
		c.Grace = 5 * time.Second
	}
	if c.Random == nil {
		c.Random = rand.Float64
	}
	if c.Tried == nil {
		c.Tried = func(Lane, string) {}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	c.Retry = c.Retry.withDefaults()
	c.Log = c.Log.With("lane", string(c.Lane.Kind), "endpoint", c.Lane.Endpoint)
	return &Worker{c: c, poke: make(chan struct{}, 1), flush: make(chan flusher),
		results: make(chan result, c.Parallel), busy: map[dialer.LeadID]bool{}, recheck: true}, nil
}

// Poke says that the outbox may hold new rows, or that an endpoint was turned
// on again. It never blocks.
func (w *Worker) Poke() {
	select {
	case w.poke <- struct{}{}:
	default:
	}
}

// Flush returns once nothing is due and no try is under way; deliveries that
// wait for another try are left to their time. It needs Run to be running.
func (w *Worker) Flush(ctx context.Context) error { return w.FlushUntil(ctx, time.Time{}) }

// FlushUntil is Flush, and waits too for the further tries of failed
// deliveries that fall due until then.
func (w *Worker) FlushUntil(ctx context.Context, until time.Time) error {
	f := flusher{done: make(chan struct{}), until: until}
	select {
	case w.flush <- f:
	case <-ctx.Done():
		return fmt.Errorf("deliveries to %s %s: %w", w.c.Lane.Kind, w.c.Lane.Endpoint, ctx.Err())
	}
	select {
	case <-f.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("deliveries to %s %s: %w", w.c.Lane.Kind, w.c.Lane.Endpoint, ctx.Err())
	}
}

// Run delivers until ctx ends. It returns when no try is under way any more.
func (w *Worker) Run(ctx context.Context) error {
	tries, cut := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cut(errCut)
	for ctx.Err() == nil {
		w.pass(ctx, tries)
	}
	w.leave(ctx, cut)
	return nil
}

// pass saves what has ended, starts what is due, and waits for the next cause
// to act.
func (w *Worker) pass(ctx, tries context.Context) {
	next := w.work(ctx, tries)
	var wake <-chan time.Time
	if !next.IsZero() {
		c, stop := w.c.Clock.After(max(0, next.Sub(w.c.Clock.Now())))
		defer stop()
		wake = c
	}
	select {
	case <-ctx.Done():
	case <-wake:
	case <-w.poke:
		w.recheck = true
	case f := <-w.flush:
		w.waiting = append(w.waiting, f)
	case r := <-w.results:
		w.collect(r)
	}
}

// collect takes a result and all others that have arrived with it.
func (w *Worker) collect(r result) {
	for {
		w.unsaved = append(w.unsaved, r)
		select {
		case r = <-w.results:
		default:
			return
		}
	}
}

// work returns the moment of the next wake-up; zero if only an event can
// bring work.
func (w *Worker) work(ctx, tries context.Context) time.Time {
	if now := w.c.Clock.Now(); now.Before(w.holdTill) && len(w.unsaved) == 0 {
		w.settle(true, w.holdTill)
		return w.holdTill
	}
	if err := w.save(ctx); err != nil {
		return w.outboxFailed(ctx, "a delivery's end could not be recorded", err)
	}
	if now := w.c.Clock.Now(); now.Before(w.holdTill) { // a saved result asked for quiet
		w.settle(true, w.holdTill)
		return w.holdTill
	}
	if err := w.readSwitch(ctx); err != nil {
		return w.outboxFailed(ctx, "the endpoint's switch could not be read", err)
	}
	if w.off {
		w.settle(true, time.Time{})
		return time.Time{}
	}
	next, err := w.start(ctx, tries)
	if err != nil {
		return w.outboxFailed(ctx, "the outbox could not be read", err)
	}
	return next
}

func (w *Worker) outboxFailed(ctx context.Context, what string, err error) time.Time {
	if ctx.Err() == nil {
		w.c.Log.Error(what+"; tried again in "+outboxPause.String(), "error", err)
	}
	return w.c.Clock.Now().Add(outboxPause)
}

func (w *Worker) readSwitch(ctx context.Context) error {
	if !w.recheck || w.c.Switches == nil {
		return nil
	}
	off, err := w.c.Switches.EndpointsOff(ctx)
	if err != nil {
		return fmt.Errorf("crm: %w", err)
	}
	_, w.off = off[w.c.Lane.Endpoint]
	w.recheck = false
	return nil
}

// room is the number of tries that may be started now.
func (w *Worker) room() int {
	if w.failures >= weakAfter {
		return 1 - len(w.busy)
	}
	return w.c.Parallel - len(w.busy)
}

// start begins a try for each due delivery that there is room for.
func (w *Worker) start(ctx, tries context.Context) (time.Time, error) {
	room := w.room()
	if room <= 0 {
		return time.Time{}, nil // a result comes, and with it the next pass
	}
	now := w.c.Clock.Now()
	due, next, err := w.c.Outbox.Pending(ctx, w.c.Lane, now, room+len(w.busy))
	if err != nil {
		return time.Time{}, fmt.Errorf("crm: %w", err)
	}
	started := 0
	for _, d := range due {
		if started == room || w.busy[d.Lead] {
			continue
		}
		w.busy[d.Lead] = true
		started++
		go func() { w.results <- result{d, w.c.Sender.Send(tries, d)} }()
	}
	w.settle(len(w.busy) == 0, next)
	return next, nil
}

// settle tells those who flush that nothing is left to do now, nor, as the
// next try falls due at next (zero: none), within the time they give it.
func (w *Worker) settle(idle bool, next time.Time) {
	if !idle || len(w.busy) > 0 {
		return
	}
	w.waiting = slices.DeleteFunc(w.waiting, func(f flusher) bool {
		if !next.IsZero() && !next.After(f.until) {
			return false
		}
		close(f.done)
		return true
	})
}
