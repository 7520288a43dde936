package calls

import (
	"fmt"
	"time"

	"dozvon/dialer"
	"dozvon/media"
)

// Mode is what a supervisor does in a call: they hear both others in each.
type Mode string

// Modes of supervision.
const (
	Listen  Mode = "listen"  // heard by nobody
	Whisper Mode = "whisper" // heard by the operator only
	Barge   Mode = "barge"   // heard by both
)

// Modes returns every mode.
func Modes() []Mode { return []Mode{Listen, Whisper, Barge} }

// audience is who hears a supervisor: the person is the first of the bridge,
// the operator the second.
func (m Mode) audience() (media.Audience, bool) {
	switch m {
	case Listen:
		return media.NobodyHears, true
	case Whisper:
		return media.SecondHears, true
	case Barge:
		return media.FirstHears | media.SecondHears, true
	}
	return media.NobodyHears, false
}

// third is a supervisor in a call. It stays through transfers and ends with
// the talk; whatever happens to it, the call goes on.
//
// What a supervisor says in a whisper reaches the operator's line only. The
// call's recording holds what the person says and hears, so it has a barge on
// its right channel and never a whisper.
type third struct {
	party  *party
	mode   Mode
	joined *media.Third // nil until they answered
}

// claimedThird is the desk's answer to whether a supervisor is free.
type claimedThird struct {
	of *third
	ok bool
}

// superviseRing is how long a supervisor's phone rings.
const superviseRing = 30 * time.Second

// Supervise calls a supervisor into a call whose person talks with an
// operator. The address must be one of the desk's, or an account; only one
// supervisor at a time is in a call.
func (k *Caller) Supervise(id dialer.AttemptID, address string, mode Mode) error {
	if _, ok := mode.audience(); !ok {
		return fmt.Errorf("%w: there is no mode %q; take listen, whisper or barge", ErrState, mode)
	}
	return k.askFor(id, func(c *call, answer func(error)) {
		if err := c.supervise(address, mode, answer); err != nil {
			answer(err)
		}
	})
}

// SetMode changes what the supervisor of a call does.
func (k *Caller) SetMode(id dialer.AttemptID, mode Mode) error {
	if _, ok := mode.audience(); !ok {
		return fmt.Errorf("%w: there is no mode %q; take listen, whisper or barge", ErrState, mode)
	}
	return k.ask(id, func(c *call) error {
		if c.bridge == nil || c.bridge.third == nil {
			return fmt.Errorf("%w: nobody supervises it; call a supervisor first", ErrState)
		}
		c.bridge.third.mode = mode
		c.attendAgain()
		c.show()
		return nil
	})
}

// Leave takes the supervisor out of a call.
func (k *Caller) Leave(id dialer.AttemptID) error {
	return k.ask(id, func(c *call) error {
		if c.bridge == nil || c.bridge.third == nil {
			return fmt.Errorf("%w: nobody supervises it", ErrState)
		}
		c.endThird()
		return nil
	})
}

// supervise begins to call a supervisor. One who is an operator too is
// reserved at the desk, so that no person is sent to them meanwhile; one who is
// there already gets the mode. told hears whether they are called, unless an
// error is returned.
func (c *call) supervise(address string, mode Mode, told func(error)) error {
	b := c.bridge
	switch {
	case b == nil || b.joined == nil:
		return fmt.Errorf("%w: nobody talks with the person; wait until an operator does", ErrState)
	case b.third != nil && b.third.party.address == address: // they want another mode
		b.third.mode = mode
		c.attendAgain()
		c.show()
		told(nil)
		return nil
	case b.third != nil:
		return fmt.Errorf("%w: %s supervises it already; take them out first", ErrState, b.third.party.address)
	case b.parties[address] != nil:
		return fmt.Errorf("%w: %s is in the call already", ErrState, address)
	}
	if err := c.known(address); err != nil {
		return err
	}
	t := &third{party: &party{role: supervisor, address: address, told: told}, mode: mode}
	b.third = t
	if c.cfg.Desk.Has(address) {
		c.cfg.Desk.ClaimAside(c.attempt.ID, address, func(ok bool) { c.box.Put(claimedThird{t, ok}) })
	} else {
		c.callSupervisor(t)
	}
	c.show()
	return nil
}

// claimedThird takes the desk's word on whether a supervisor is free.
func (c *call) claimedThird(m claimedThird) {
	switch b := c.bridge; {
	case b == nil || b.third != m.of: // whoever ended it has given them back after they were claimed
	case !m.ok:
		if told := m.of.party.told; told != nil {
			m.of.party.told = nil
			told(fmt.Errorf("%w: %s is not free: in another call, resting after one, or without a phone", ErrState, m.of.party.address))
		}
		c.endThird()
	default:
		c.callSupervisor(m.of)
	}
}

func (c *call) callSupervisor(t *third) {
	c.callOut(t.party, superviseRing, media.Options{DeadAfter: c.scenario.Call.SilentAfter})
}

// known refuses an address that nobody has configured: a token of the API
// must not be able to call the world.
func (c *call) known(address string) error {
	switch {
	case kindOf(address) == account && len(c.cfg.Devices(address)) == 0:
		return fmt.Errorf("%w: no phone of %q is registered", ErrAddress, address)
	case kindOf(address) == account, c.cfg.Desk.Has(address):
		return nil
	}
	return fmt.Errorf("%w: %q stands in no group of operators; add it to one in the configuration", ErrAddress, address)
}

// supervisorCame lets in a supervisor who has answered.
func (c *call) supervisorCame(p *party) {
	if t := c.bridge.third; t != nil && t.party == p {
		c.cfg.Desk.Talking(c.attempt.ID, p.address)
		c.attend()
	}
}

// attend lets a supervisor who is there into the bridge as it is now.
func (c *call) attend() {
	t := c.bridge.third
	if t == nil || t.party.won == nil {
		return
	}
	heard, _ := t.mode.audience()
	before := t.joined
	t.joined = c.bridge.joined.Third(t.party.won.media, heard)
	if before != nil {
		before.Close()
	}
}

// attendAgain brings the supervisor's mode into effect.
func (c *call) attendAgain() {
	if t := c.bridge.third; t.joined != nil {
		heard, _ := t.mode.audience()
		t.joined.Heard(heard)
	}
}

// endThird takes the supervisor out, if there is one.
func (c *call) endThird() {
	t := c.bridge.third
	if t == nil {
		return
	}
	c.bridge.third = nil
	if t.joined != nil {
		t.joined.Close()
	}
	t.party.hangUp()
	c.cfg.Desk.Release(c.attempt.ID, t.party.address)
	c.show()
}
