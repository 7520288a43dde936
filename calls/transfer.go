package calls

import (
	"fmt"
	"time"

	"dozvon/dialer"
	"dozvon/media"
)

// TransferRules say what the operators of a group may do with a call.
type TransferRules struct {
	Refuse  bool // a phone's REFER is refused, whatever it wants
	Numbers bool // to numbers too, of those that Config.Number lets pass
	ByRefer bool // the network is asked to connect the person with them (REFER); calls are bridged only if it does not
}

// transfer is a person being handed over. They hear music meanwhile; if
// nobody takes over they are back with whom they talked, if those are still
// there.
type transfer struct {
	to    *party
	by    *party // who asked by REFER and is told how it goes; nil: a supervisor did
	timer *time.Timer
}

type (
	// claimed is the desk's answer to whether the successor is free.
	claimed struct {
		of *transfer
		ok bool
	}
	transferTick struct{ of *transfer }
)

// Transfer hands the person of a call to another operator: an address of the
// desk, an account, or a number as far as the group's rules and the limits let
// numbers pass. It returns once it is known whether they are called; what comes
// of it is seen in Up.
func (k *Caller) Transfer(id dialer.AttemptID, address string) error {
	return k.askFor(id, func(c *call, answer func(error)) {
		b := c.bridge
		if b == nil || b.joined == nil || b.talk == nil {
			answer(fmt.Errorf("%w: nobody talks with the person; wait until an operator does", ErrState))
			return
		}
		to, err := c.successor(address)
		if err == nil {
			err = c.startTransfer(to, nil, answer)
		}
		if err != nil {
			answer(err)
		}
	})
}

// startTransfer begins to call the successor, once the desk has said that
// they are free. told, if there is one, hears whether they are called, unless
// an error is returned.
func (c *call) startTransfer(address string, by *party, told func(error)) error {
	b := c.bridge
	switch {
	case b.transfer != nil:
		return fmt.Errorf("%w: it is being transferred to %s already", ErrState, b.transfer.to.address)
	case b.parties[address] != nil, b.third != nil && b.third.party.address == address:
		return fmt.Errorf("%w: %s is in the call already", ErrState, address)
	}
	t := &transfer{to: &party{role: successor, address: address}, by: by}
	b.transfer = t
	t.timer = time.AfterFunc(b.want.Ring, func() { c.box.Put(transferTick{t}) })
	if _, _, outside := c.network(address); told != nil && !outside {
		told(nil) // whether they are free is seen in Up
	} else {
		t.to.told = told
	}
	c.hold()
	c.show()
	if !c.cfg.Desk.Has(address) {
		c.callSuccessor()
		return nil
	}
	c.cfg.Desk.Claim(c.attempt.ID, address, func(ok bool) { c.box.Put(claimed{t, ok}) })
	return nil
}

func (c *call) claimed(m claimed) {
	switch b := c.bridge; {
	case b == nil || b.transfer != m.of: // whoever ended it has given them back after they were claimed
	case !m.ok:
		c.notSucceeded(486)
	default:
		c.callSuccessor()
	}
}

func (c *call) callSuccessor() {
	t := c.bridge.transfer
	c.bridge.parties[t.to.address] = t.to
	c.callOut(t.to, c.bridge.want.Ring+time.Second, media.Options{DeadAfter: c.scenario.Call.SilentAfter})
}

// succeeded: the successor answered, and talks with the person from now on.
func (c *call) succeeded(p *party) {
	b := c.bridge
	t := b.transfer
	if t == nil || t.to != p {
		return
	}
	before := b.talk
	p.role = operator
	b.transfer = nil
	t.timer.Stop()
	c.talkWith(p)
	t.tell(200)
	c.silence()
	if before != nil {
		c.drop(before.address)
	}
	c.cfg.Log.Info("a call was transferred", "attempt", c.attempt.ID)
}

// notSucceeded: nobody took the transfer. code is the SIP status that says
// why; 0: unknown.
func (c *call) notSucceeded(code int) {
	b := c.bridge
	t := b.transfer
	if t == nil {
		return
	}
	if code < 300 {
		code = 480
	}
	c.endTransfer()
	t.tell(code)
	if b.talk == nil {
		c.operatorLeft()
		return
	}
	c.hold()
	c.show()
}

// endTransfer gives up calling the successor.
func (c *call) endTransfer() {
	t := c.bridge.transfer
	if t == nil {
		return
	}
	c.bridge.transfer = nil
	t.timer.Stop()
	t.to.hangUp()
	c.drop(t.to.address)
}

// referred: a phone asks for a transfer (REFER). Only the phone that talks with
// the person may, to whomever successor lets pass; it hears how it goes.
func (c *call) referred(p *party, target string) {
	err := fmt.Errorf("%w: the phone that asks does not talk with the person", ErrState)
	if c.bridge.talk == p {
		var to string
		if to, err = c.successor(target); err == nil {
			err = c.startTransfer(to, p, nil)
		}
	}
	if err != nil {
		c.cfg.Log.Info("a transfer was refused", "attempt", c.attempt.ID, "error", err)
		p.won.leg.Notify(603, true)
	}
}

// ringing tells the phone that asked for the transfer that it rings.
func (t *transfer) ringing(p *party) {
	if t != nil && t.to == p && t.by != nil && !t.by.dropped {
		t.by.won.leg.Notify(180, false)
	}
}

// tell lets the phone that asked for the transfer know how it ended.
func (t *transfer) tell(code int) {
	if t.by != nil && !t.by.dropped {
		t.by.won.leg.Notify(code, true)
	}
}
