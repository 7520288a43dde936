package calls

import (
	"slices"
	"sync"
	"time"

	"dozvon/dialer"
	"dozvon/internal/mailbox"
)

// Operators is the desk of a running program: it owns who is free, and serves
// the calls that wait for an operator in the order in which they came.
type Operators struct {
	sizes  map[string]int
	orders *mailbox.Box[any]
	end    sync.Once
	done   chan struct{}
}

// wish is a call's wish for operators of a group. grant is called once, from
// the desk's goroutine, with at least one address; each must be released.
type wish struct {
	call   dialer.AttemptID
	group  string
	all    bool     // everybody who is free, not the first
	except []string // who was tried already
	grant  func(addresses []string)
}

type (
	forgetOrder  struct{ call dialer.AttemptID }
	talkOrder    struct{ address string }
	releaseOrder struct{ address string }
	statusOrder  struct{ answer chan []dialer.OperatorStatus }
)

// NewOperators starts a desk with these groups; everybody is ready. Close
// ends it.
func NewOperators(groups ...dialer.Group) *Operators {
	o := &Operators{sizes: map[string]int{}, orders: mailbox.New[any](), done: make(chan struct{})}
	for _, g := range groups {
		o.sizes[g.Name] = len(g.Addresses)
	}
	go o.run(dialer.NewDesk(groups...))
	return o
}

// Size returns how many operators a group has.
func (o *Operators) Size(group string) int { return o.sizes[group] }

// Want asks for operators; the wish waits until one is free or Forget.
func (o *Operators) Want(w wish) { o.orders.Put(w) }

// Forget withdraws what a call still waits for.
func (o *Operators) Forget(call dialer.AttemptID) { o.orders.Put(forgetOrder{call}) }

// Talking says that a reserved operator took the call.
func (o *Operators) Talking(address string) { o.orders.Put(talkOrder{address}) }

// Release gives an operator back.
func (o *Operators) Release(address string) { o.orders.Put(releaseOrder{address}) }

// Status lists the operators and how they stand.
func (o *Operators) Status() []dialer.OperatorStatus {
	answer := make(chan []dialer.OperatorStatus, 1)
	o.orders.Put(statusOrder{answer})
	select {
	case s := <-answer:
		return s
	case <-o.done:
		return nil
	}
}

// Close ends the desk. Calls must be over.
func (o *Operators) Close() {
	o.end.Do(func() { o.orders.Put(closeOrder{}) })
	<-o.done
}

func (o *Operators) run(desk *dialer.Desk) {
	defer close(o.done)
	var waiting []wish
	var batch []any
	rested := time.NewTimer(0) // fires when somebody's wrap-up is over
	defer rested.Stop()
	for {
		select {
		case <-o.orders.Ready():
			batch = o.orders.Take(batch)
		case <-rested.C:
			batch = batch[:0]
		}
		now := time.Now()
		for _, order := range batch {
			switch order := order.(type) {
			case wish:
				waiting = append(waiting, order)
			case forgetOrder:
				waiting = slices.DeleteFunc(waiting, func(w wish) bool { return w.call == order.call })
			case talkOrder:
				desk.Take(now, order.address)
			case releaseOrder:
				desk.Release(now, order.address)
			case statusOrder:
				order.answer <- desk.Operators(now)
			case closeOrder:
				return
			}
		}
		waiting = serve(desk, now, waiting)
		if next := nextRested(desk, now, waiting); !next.IsZero() {
			rested.Reset(next.Sub(now))
		}
	}
}

// serve grants what can be granted, first come first served, and returns the
// wishes that go on waiting.
func serve(desk *dialer.Desk, now time.Time, waiting []wish) []wish {
	left := waiting[:0]
	for _, w := range waiting {
		mode := dialer.ReserveInOrder
		if w.all {
			mode = dialer.ReserveAll
		}
		if got := desk.Reserve(now, w.group, mode, w.except...); len(got) > 0 {
			w.grant(got)
			continue
		}
		left = append(left, w)
	}
	clear(waiting[len(left):])
	return left
}

// nextRested is when a waiting wish may be granted without any message.
func nextRested(desk *dialer.Desk, now time.Time, waiting []wish) time.Time {
	var next time.Time
	for _, w := range waiting {
		if _, at := desk.Free(now, w.group); !at.IsZero() && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	return next
}
