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
	staff  []string // every address, as first named; never changes
	orders *mailbox.Box[any]
	end    sync.Once
	done   chan struct{}
}

// wish is a call's wish for operators of a group. grant is called once, from
// the desk's goroutine, with at least one address. What is granted belongs to
// the call until Release or Forget.
type wish struct {
	call   dialer.AttemptID
	group  string
	all    bool     // everybody who is free, not the first
	except []string // who was tried already
	grant  func(addresses []string)
}

// held is an operator who was granted to a call.
type held struct {
	call    dialer.AttemptID
	address string
}

type (
	forgetOrder  struct{ call dialer.AttemptID }
	talkOrder    struct{ held }
	releaseOrder struct{ held }
	claimOrder   struct {
		held
		aside  bool // to listen in
		answer func(ok bool)
	}
	reachOrder struct {
		address string
		on      bool
	}
	statusOrder struct{ answer chan []dialer.OperatorStatus }
)

// NewOperators starts a desk with these groups; everybody is ready. Close
// ends it.
func NewOperators(groups ...dialer.Group) *Operators {
	o := &Operators{sizes: map[string]int{}, orders: mailbox.New[any](), done: make(chan struct{})}
	for _, g := range groups {
		o.sizes[g.Name] = len(g.Addresses)
		for _, a := range g.Addresses {
			if !o.Has(a) {
				o.staff = append(o.staff, a)
			}
		}
	}
	go o.run(dialer.NewDesk(groups...))
	return o
}

// Size returns how many operators a group has.
func (o *Operators) Size(group string) int { return o.sizes[group] }

// Has reports whether an address is of any group.
func (o *Operators) Has(address string) bool { return slices.Contains(o.staff, address) }

// Staff returns every operator's address, in the order in which the groups
// name them.
func (o *Operators) Staff() []string { return o.staff }

// Reachable says that an operator has a phone, or has none any more: one
// without is passed over until they have one again. It changes nothing else:
// who says it twice has said it once, and a wrap-up goes on.
func (o *Operators) Reachable(address string, on bool) { o.orders.Put(reachOrder{address, on}) }

// Claim takes this very operator for a call, if they are ready now. answer is
// called once, from the desk's goroutine; who was granted belongs to the call
// until Release or Forget.
func (o *Operators) Claim(call dialer.AttemptID, address string, answer func(ok bool)) {
	o.orders.Put(claimOrder{held{call, address}, false, answer})
}

// ClaimAside is Claim for somebody who listens in on a call: no call of their
// own reaches them meanwhile, and they need no rest afterwards.
func (o *Operators) ClaimAside(call dialer.AttemptID, address string, answer func(ok bool)) {
	o.orders.Put(claimOrder{held{call, address}, true, answer})
}

// Want asks for operators; the wish waits until one is free or Forget.
func (o *Operators) Want(w wish) { o.orders.Put(w) }

// Forget withdraws what a call still waits for and gives back whoever is
// granted to it, also where the grant has not reached the call yet.
func (o *Operators) Forget(call dialer.AttemptID) { o.orders.Put(forgetOrder{call}) }

// Talking says that an operator granted to a call took it.
func (o *Operators) Talking(call dialer.AttemptID, address string) {
	o.orders.Put(talkOrder{held{call, address}})
}

// Release gives an operator back. It does nothing to one whom the call does
// not hold.
func (o *Operators) Release(call dialer.AttemptID, address string) {
	o.orders.Put(releaseOrder{held{call, address}})
}

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
	b := book{desk: desk, holders: map[string]dialer.AttemptID{}, away: map[string]bool{}}
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
			if _, over := order.(closeOrder); over {
				return
			}
			b.take(now, order)
		}
		b.serve(now)
		if next := b.nextRested(now); !next.IsZero() {
			rested.Reset(next.Sub(now))
		}
	}
}

// book is what the desk's goroutine owns.
type book struct {
	desk    *dialer.Desk
	holders map[string]dialer.AttemptID // the call that holds an operator, by address
	waiting []wish                      // in the order in which they came
	away    map[string]bool             // who has no phone
}

func (b *book) take(now time.Time, order any) {
	switch order := order.(type) {
	case wish:
		b.waiting = append(b.waiting, order)
	case forgetOrder:
		b.waiting = slices.DeleteFunc(b.waiting, func(w wish) bool { return w.call == order.call })
		for address, call := range b.holders {
			if call == order.call {
				b.release(now, held{call, address})
			}
		}
	case talkOrder:
		if b.holds(order.held) {
			b.desk.Take(now, order.address)
		}
	case releaseOrder:
		b.release(now, order.held)
	case claimOrder:
		reserve := b.desk.ReserveOne
		if order.aside {
			reserve = b.desk.ReserveAside
		}
		ok := reserve(now, order.address)
		if ok {
			b.holders[order.address] = order.call
		}
		order.answer(ok)
	case reachOrder:
		if b.away[order.address] == order.on {
			b.away[order.address] = !order.on
			b.desk.SetReady(now, order.address, order.on)
		}
	case statusOrder:
		order.answer <- b.desk.Operators(now)
	}
}

func (b *book) holds(h held) bool {
	call, ok := b.holders[h.address]
	return ok && call == h.call
}

func (b *book) release(now time.Time, h held) {
	if b.holds(h) {
		delete(b.holders, h.address)
		b.desk.Release(now, h.address)
	}
}

// serve grants what can be granted, first come first served.
func (b *book) serve(now time.Time) {
	b.waiting = slices.DeleteFunc(b.waiting, func(w wish) bool {
		mode := dialer.ReserveInOrder
		if w.all {
			mode = dialer.ReserveAll
		}
		got := b.desk.Reserve(now, w.group, mode, w.except...)
		if len(got) == 0 {
			return false
		}
		for _, address := range got {
			b.holders[address] = w.call
		}
		w.grant(got)
		return true
	})
}

// nextRested is when a waiting wish may be granted without any message.
func (b *book) nextRested(now time.Time) time.Time {
	var next time.Time
	for _, w := range b.waiting {
		if _, at := b.desk.Free(now, w.group); !at.IsZero() && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	return next
}
