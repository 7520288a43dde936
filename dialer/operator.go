package dialer

import (
	"slices"
	"time"
)

// OperatorState is the state of an operator; the word is stored and shown.
//
//	offline → ready → reserved → on_call → wrap_up → ready
type OperatorState string

// Operator states.
const (
	OperatorOffline  OperatorState = "offline"
	OperatorReady    OperatorState = "ready"
	OperatorReserved OperatorState = "reserved" // being rung for a call
	OperatorOnCall   OperatorState = "on_call"
	OperatorWrapUp   OperatorState = "wrap_up" // writing up the last call
)

// OperatorEvent is what can happen to an operator.
type OperatorEvent string

// Events of an operator.
const (
	OperatorArrives OperatorEvent = "arrives" // says ready
	OperatorLeaves  OperatorEvent = "leaves"  // says not ready
	OperatorRung    OperatorEvent = "rung"    // reserved for a call
	OperatorTakes   OperatorEvent = "takes"   // answered
	OperatorFreed   OperatorEvent = "freed"   // the call or the ringing is over
	OperatorRested  OperatorEvent = "rested"  // wrap-up is over
)

var operatorTable = table[OperatorState, OperatorEvent]{
	OperatorOffline: {OperatorArrives: OperatorReady, OperatorLeaves: OperatorOffline},
	OperatorReady: {OperatorArrives: OperatorReady, OperatorLeaves: OperatorOffline,
		OperatorRung: OperatorReserved},
	OperatorReserved: {OperatorTakes: OperatorOnCall, OperatorFreed: OperatorReady, OperatorLeaves: OperatorOffline},
	OperatorOnCall:   {OperatorFreed: OperatorWrapUp},
	OperatorWrapUp: {OperatorRested: OperatorReady, OperatorArrives: OperatorReady,
		OperatorLeaves: OperatorOffline},
}

// On returns the state after an event, and false if the event is refused.
func (s OperatorState) On(e OperatorEvent) (OperatorState, bool) { return operatorTable.on(s, e) }

// ReserveMode says whom a call rings.
type ReserveMode string

// Modes of reserving.
const (
	ReserveInOrder ReserveMode = "in_order" // the first who is ready, in the group's order
	ReserveAll     ReserveMode = "all"      // everybody who is ready
)

// Group is a group of operators.
type Group struct {
	Name      string
	Addresses []string      // SIP addresses in order of preference; one may be in several groups
	WrapUp    time.Duration // rest after each call
}

// Desk knows the operators and who of them is free. It is pure: it has no
// clock, and one goroutine may use it at a time.
type Desk struct {
	groups    map[string]Group
	operators map[string]*operator
	order     []string // addresses as first named
}

type operator struct {
	state   OperatorState
	wrapUp  time.Duration // of the group whose call is at hand
	until   time.Time     // wrap-up ends
	leaving bool          // said not ready during a call
}

// OperatorStatus is how one operator stands.
type OperatorStatus struct {
	Address string
	State   OperatorState
	Until   time.Time // wrap_up: its end
}

// NewDesk returns a desk with these groups; everybody is ready.
func NewDesk(groups ...Group) *Desk {
	d := &Desk{groups: map[string]Group{}, operators: map[string]*operator{}}
	for _, g := range groups {
		g.Addresses = slices.Clone(g.Addresses)
		d.groups[g.Name] = g
		for _, a := range g.Addresses {
			if d.operators[a] == nil {
				d.operators[a] = &operator{state: OperatorReady}
				d.order = append(d.order, a)
			}
		}
	}
	return d
}

// Has reports whether there is such a group with anybody in it.
func (d *Desk) Has(group string) bool { return len(d.groups[group].Addresses) > 0 }

// at returns an operator as of now, or nil.
func (d *Desk) at(now time.Time, address string) *operator {
	o := d.operators[address]
	if o != nil && o.state == OperatorWrapUp && !o.until.After(now) {
		o.on(OperatorRested)
	}
	return o
}

func (o *operator) on(e OperatorEvent) bool {
	next, ok := o.state.On(e)
	o.state = next
	return ok
}

// Reserve takes ready operators of a group for a call: one or all. Those in
// skip (they did not answer this call before) are passed over. Each address
// returned must be given back with Release.
func (d *Desk) Reserve(now time.Time, group string, mode ReserveMode, skip ...string) []string {
	g := d.groups[group]
	var taken []string
	for _, a := range g.Addresses {
		o := d.at(now, a)
		if slices.Contains(skip, a) || !o.on(OperatorRung) {
			continue
		}
		o.wrapUp = g.WrapUp
		taken = append(taken, a)
		if mode != ReserveAll {
			break
		}
	}
	return taken
}

// ReserveOne takes one ready operator, whatever their groups, and reports
// whether they were ready. They must be given back with Release.
func (d *Desk) ReserveOne(now time.Time, address string) bool {
	o := d.at(now, address)
	if o == nil || !o.on(OperatorRung) {
		return false
	}
	o.wrapUp = 0
	for _, g := range d.groups {
		if slices.Contains(g.Addresses, address) {
			o.wrapUp = max(o.wrapUp, g.WrapUp)
		}
	}
	return true
}

// ReserveAside takes one ready operator for something that is no call of
// theirs, listening in on one: they need no rest after it. They must be given
// back with Release.
func (d *Desk) ReserveAside(now time.Time, address string) bool {
	o := d.at(now, address)
	if o == nil || !o.on(OperatorRung) {
		return false
	}
	o.wrapUp = 0
	return true
}

// Take says that a reserved operator answered; false if nobody had reserved them.
func (d *Desk) Take(now time.Time, address string) bool {
	o := d.at(now, address)
	return o != nil && o.on(OperatorTakes)
}

// Release gives back an operator: one who did not take the call is ready
// again, one who talked has the group's wrap-up time first.
func (d *Desk) Release(now time.Time, address string) {
	o := d.at(now, address)
	if o == nil || !o.on(OperatorFreed) {
		return
	}
	if o.state == OperatorWrapUp {
		o.until = now.Add(o.wrapUp)
	}
	if o.leaving {
		o.leaving = false
		o.on(OperatorLeaves)
	}
	d.at(now, address)
}

// SetReady lets an operator in or out; leaving during a call takes effect
// after it. Saying ready ends a wrap-up. False if there is no such operator.
func (d *Desk) SetReady(now time.Time, address string, ready bool) bool {
	o := d.at(now, address)
	if o == nil {
		return false
	}
	if ready {
		o.leaving = false
		o.on(OperatorArrives)
		return true
	}
	o.leaving = !o.on(OperatorLeaves)
	return true
}

// Free returns how many of a group are ready now, and when the next one's
// wrap-up ends; zero if nobody is in wrap-up.
func (d *Desk) Free(now time.Time, group string) (ready int, next time.Time) {
	for _, a := range d.groups[group].Addresses {
		switch o := d.at(now, a); o.state {
		case OperatorReady:
			ready++
		case OperatorWrapUp:
			next = earliest(next, o.until)
		}
	}
	return ready, next
}

// Operators lists everybody, in the order in which the groups name them.
func (d *Desk) Operators(now time.Time) []OperatorStatus {
	all := make([]OperatorStatus, 0, len(d.order))
	for _, a := range d.order {
		o := d.at(now, a)
		s := OperatorStatus{Address: a, State: o.state}
		if o.state == OperatorWrapUp {
			s.Until = o.until
		}
		all = append(all, s)
	}
	return all
}
