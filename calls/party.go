package calls

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"dozvon/media"
	"dozvon/sip"
)

// party is somebody whom this call calls for the person's sake: an operator,
// somebody to whom the person is transferred, a supervisor. One who has
// registered several phones has a line to each; the first that answers stays.
type party struct {
	role    role
	address string
	lines   []*line
	won     *line // who answered
	whisper media.PlayID
	held    bool // their phone holds us
	dropped bool
	free    func()          // gives back the trunk's lines that it has taken; nil: none
	told    func(err error) // the word to whoever asked for the party; nil: said, or nobody waits
}

// line is one phone of a party.
type line struct {
	of    *party
	leg   *sip.Leg
	media *media.Session
	over  bool
}

type role uint8

const (
	operator   role = iota // sought by the hunt
	successor              // the person is being transferred to them
	supervisor             // a third party
)

// target is where to call to reach an address.
type target struct {
	to     string
	trunk  *sip.Trunk
	device *sip.Device
}

// targets are the phones of an address: a SIP URI's, a number's through the
// call's own trunk, or those that an account has registered.
func (c *call) targets(address string) []target {
	switch kindOf(address) {
	case sipAddress:
		return []target{{to: address, trunk: c.cfg.Behind(address)}}
	case phoneNumber:
		return []target{{to: address, trunk: c.cfg.Trunks[c.attempt.Trunk]}}
	}
	var all []target
	for _, d := range c.cfg.Devices(address) {
		all = append(all, target{to: fmt.Sprintf("sip:%s@%s", address, c.cfg.Phone.Addr()), device: &d})
	}
	return all
}

// addressKind is what an address is.
type addressKind uint8

const (
	account addressKind = iota // registered here
	sipAddress
	phoneNumber // E.164 with +
)

func kindOf(address string) addressKind {
	switch {
	case strings.HasPrefix(address, "sip:"):
		return sipAddress
	case strings.HasPrefix(address, "+"):
		return phoneNumber
	}
	return account
}

// callOut rings every phone of a party for that long. What comes of it
// arrives as partySIP, also where no phone could be called. A number is asked
// for first.
func (c *call) callOut(p *party, ring time.Duration, o media.Options) {
	number, trunk, outside := c.network(p.address)
	if !outside {
		p.tell(nil)
		c.ringPhones(p, ring, o)
		return
	}
	c.inquire(p, number, trunk, func(err error) {
		switch {
		case p.dropped || c.bridge == nil:
		case err != nil:
			c.barred(p, err)
		default:
			c.ringPhones(p, ring, o)
		}
	})
}

func (c *call) ringPhones(p *party, ring time.Duration, o media.Options) {
	for _, t := range c.targets(p.address) {
		l := &line{of: p}
		p.lines = append(p.lines, l)
		o.Sink = func(ev media.Event) { c.box.Put(partyMedia{l, ev}) }
		m, err := c.cfg.Media.Open(o)
		if err != nil {
			c.cfg.Log.Error("somebody could not be called", "attempt", c.attempt.ID, "error", err)
			c.box.Put(partySIP{l, sip.Event{Kind: sip.Ended}})
			continue
		}
		l.media = m
		c.invite(l, t, ring)
	}
	if len(p.lines) == 0 { // no phone is registered
		l := &line{of: p}
		p.lines = append(p.lines, l)
		c.box.Put(partySIP{l, sip.Event{Kind: sip.Ended}})
	}
}

func (c *call) invite(l *line, t target, ring time.Duration) {
	c.rung++
	params := sip.Call{
		ID:     fmt.Sprintf("%s-op%d", callID(c.attempt), c.rung),
		Trunk:  t.trunk,
		Device: t.device,
		To:     t.to,
		Ring:   ring,
		Local:  l.media.Local(),
		Sink:   func(ev sip.Event) { c.box.Put(partySIP{l, ev}) },

		AllowRefer: l.of.role != supervisor && !c.cfg.Transfers(c.bridge.want.Group).Refuse,
	}
	if kindOf(l.of.address) != phoneNumber { // one's own staff see who is on the line; the network, who calls
		params.From, params.Display = c.lead.Phone, c.lead.Phone
	}
	if t.device != nil || t.trunk == nil {
		params.SRTP = c.cfg.Secure(l.of.address)
	}
	if t.trunk != nil {
		params.Permit = detour(userOf(t.to), t.trunk)
	}
	l.leg = c.cfg.Phone.Invite(params)
}

// partySIP is what happened on a party's line.
func (c *call) partySIP(l *line, ev sip.Event) {
	p := l.of
	if l.over || p.dropped || c.bridge == nil {
		return
	}
	switch ev.Kind {
	case sip.Ringing:
		c.bridge.transfer.ringing(p)
	case sip.Answered:
		l.media.SetRemote(ev.Remote)
		c.lineAnswered(l, ev.Remote.Inactive)
	case sip.Reoffered:
		l.media.SetRemote(ev.Remote)
		c.partyHolds(p, ev.Remote.Inactive)
	case sip.Digit:
		c.accept(p, ev.Digit)
	case sip.Referred:
		c.referred(p, ev.Target)
	case sip.Ended:
		c.lineOver(l, ev.Cause.SIP)
	}
}

// lineAnswered: the first phone of a party that answers stays, the others
// fall silent.
func (c *call) lineAnswered(l *line, held bool) {
	p := l.of
	p.won, p.held = l, held
	for _, other := range p.lines {
		if other != l {
			other.hangUp()
		}
	}
	p.lines = []*line{l}
	switch p.role {
	case operator:
		c.move(c.bridge.hunt.answered(p.address))
	case successor:
		c.succeeded(p)
	case supervisor:
		c.supervisorCame(p)
	}
}

// lineOver: a phone refused, hung up, or died. The party is gone with its
// last one.
func (c *call) lineOver(l *line, code int) {
	p := l.of
	l.hangUp()
	p.lines = slices.DeleteFunc(p.lines, func(other *line) bool { return other == l })
	if len(p.lines) > 0 {
		return
	}
	switch p.role {
	case operator:
		c.operatorGone(p)
	case successor:
		c.notSucceeded(code)
	case supervisor:
		c.endThird()
	}
}

func (c *call) partyMedia(l *line, ev media.Event) {
	p := l.of
	if l.over || p.dropped || c.bridge == nil {
		return
	}
	switch {
	case ev.Kind == media.Digit:
		c.accept(p, ev.Digit)
	case ev.Kind == media.PlayDone && ev.Play == p.whisper && p.role == operator:
		if c.bridge.want.AcceptKey == "" {
			c.move(c.bridge.hunt.whispered())
		}
	case ev.Kind == media.Dead:
		c.lineOver(l, 0)
	}
}

// hangUp ends a line, whatever its state.
func (l *line) hangUp() {
	if l.over {
		return
	}
	l.over = true
	if l.leg != nil {
		l.leg.HangUp("not needed")
	}
	if l.media != nil {
		l.media.Close()
	}
}

// hangUp ends every line of a party.
func (p *party) hangUp() {
	p.dropped = true
	p.giveBack()
	if p.told != nil {
		p.told(fmt.Errorf("%w: the talk is over", ErrState))
		p.told = nil
	}
	for _, l := range p.lines {
		l.hangUp()
	}
}
