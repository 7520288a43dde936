package calls

import (
	"errors"
	"time"

	"dozvon/dialer"
)

// Errors of steering a call that is up. They are wrapped with what to do.
var (
	ErrNoCall  = errors.New("there is no such call up")
	ErrState   = errors.New("the call is not in a state for it")
	ErrAddress = errors.New("the address cannot be called")
)

// Up is a call that is up.
type Up struct {
	Attempt    dialer.AttemptID
	Lead       dialer.LeadID
	Campaign   string
	Phone      string
	State      dialer.AttemptState
	Since      time.Time // of the state
	Operator   string    // who talks with the person; empty: nobody
	Held       bool      // the person hears music: the operator's phone holds, or a transfer is under way
	Transfer   string    // who is being called to take over; empty: nobody
	Supervisor string    // empty: nobody listens in
	Mode       Mode      // of the supervisor
}

// request is an order of somebody outside for a call.
type request struct {
	do     func(c *call, answer func(error)) // answers once, now or later
	answer chan error                        // takes one
}

type (
	findOrder struct {
		attempt dialer.AttemptID
		found   chan *call // takes one; nil if the call is not up
	}
	listOrder struct{ found chan []*call }
)

// ask has a call do something, and waits for its word. A call
// answers at once, or has ended.
func (k *Caller) ask(id dialer.AttemptID, do func(c *call) error) error {
	return k.askFor(id, func(c *call, answer func(error)) { answer(do(c)) })
}

// askFor is ask for what takes a while; a call that ends meanwhile answers too.
func (k *Caller) askFor(id dialer.AttemptID, do func(c *call, answer func(error))) error {
	found := make(chan *call, 1)
	k.orders.Put(findOrder{id, found})
	var c *call
	select {
	case c = <-found:
	case <-k.done:
	}
	if c == nil {
		return ErrNoCall
	}
	answer := make(chan error, 1)
	c.box.Put(request{do, answer})
	select {
	case err := <-answer:
		return err
	case <-c.done:
		return ErrNoCall
	}
}

// Up lists the calls that are up, in no order.
func (k *Caller) Up() []Up {
	found := make(chan []*call, 1)
	k.orders.Put(listOrder{found})
	var all []Up
	select {
	case list := <-found:
		for _, c := range list {
			if s := c.shown.Load(); s != nil {
				all = append(all, s.of(c))
			}
		}
	case <-k.done:
	}
	return all
}

// standing is what changes of an Up. It is never changed itself: each state has
// one of its own, so it is small.
type standing struct {
	state dialer.AttemptState
	since time.Time
	with  *company // nil: nobody is called for the person, or talks with them
}

// company is who else is in the call, as Up has it.
type company struct {
	operator, transfer, supervisor string
	held                           bool
	mode                           Mode
}

// of returns how a call stands. What it takes of the call never changes.
func (s *standing) of(c *call) Up {
	u := Up{Attempt: c.attempt.ID, Lead: c.lead.ID, Campaign: c.attempt.Campaign, Phone: c.lead.Phone, State: s.state, Since: s.since}
	if w := s.with; w != nil {
		u.Operator, u.Held, u.Transfer, u.Supervisor, u.Mode = w.operator, w.held, w.transfer, w.supervisor, w.mode
	}
	return u
}

// show publishes how the call stands.
func (c *call) show() {
	s := &standing{state: c.state, since: c.since}
	if b := c.bridge; b != nil && b.joined != nil {
		s.with = &company{held: b.onHold}
		if b.talk != nil {
			s.with.operator = b.talk.address
		}
		if b.transfer != nil {
			s.with.transfer = b.transfer.to.address
		}
		if b.third != nil {
			s.with.supervisor, s.with.mode = b.third.party.address, b.third.mode
		}
	}
	c.shown.Store(s)
}
