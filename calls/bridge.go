package calls

import (
	"time"

	"dozvon/dialer"
	"dozvon/media"
	"dozvon/scenarios"
)

// bridge is a person waiting for, or talking with, an operator.
type bridge struct {
	want     scenarios.Bridge
	hunt     *hunt
	parties  map[string]*party // operators, by address
	joined   *media.Joined     // nil until somebody talks with the person
	talk     *party            // who does; nil too once they have left during a transfer
	third    *third            // nil: nobody listens in
	transfer *transfer         // nil: none is under way
	byRefer  bool              // the network may take the person over
	refer    string            // the operator whom it is asked to call now; empty: nobody
	handed   bool              // it has taken the person over
	onHold   bool              // the person hears music although somebody talks with them
	tick     *time.Timer
}

// acceptWithin is how long after the whisper an operator may take to press
// the accept key. Without one it bounds a whisper that never ends because the
// operator's phone holds the call.
const acceptWithin = 10 * time.Second

func (c *call) startBridge(want scenarios.Bridge) {
	c.endBridge()
	c.unheed()
	c.bridge = &bridge{want: want, parties: map[string]*party{}}
	c.startMusic(want.Music)
	if len(c.ready(want.Whisper)) < len(want.Whisper) {
		c.render(scenarios.Play{Prompts: want.Whisper})
	}
	c.bridge.byRefer = c.cfg.Transfers(want.Group).ByRefer
	all := want.Mode == scenarios.BridgeAll && !c.bridge.byRefer // a person can be handed to one at a time
	h, moves := newHunt(time.Now(), want.Ring, all, c.cfg.Desk.Size(want.Group))
	c.bridge.hunt = h
	c.move(moves)
}

// bridgeMessage handles what concerns operators.
func (c *call) bridgeMessage(m any) {
	switch m := m.(type) {
	case granted:
		if c.bridge == nil || c.bridge.hunt != m.hunt {
			return // Forget has given them back
		}
		c.move(m.hunt.granted(time.Now(), m.addresses))
	case huntTick:
		if c.bridge != nil {
			c.move(c.bridge.hunt.tick(time.Now()))
		}
	case partySIP:
		c.partySIP(m.line, m.ev)
	case partyMedia:
		c.partyMedia(m.line, m.ev)
	case notTaken:
		if b := c.bridge; b != nil && !m.op.dropped && b.talk != m.op {
			c.move(b.hunt.gone(time.Now(), m.op.address))
		}
	case claimed:
		c.claimed(m)
	case claimedThird:
		c.claimedThird(m)
	case transferTick:
		if c.bridge != nil && c.bridge.transfer == m.of {
			c.notSucceeded(408)
		}
	case request:
		m.do(c, func(err error) { m.answer <- err })
	case permitted:
		c.permitted(m)
	}
}

// move does what the hunt wants.
func (c *call) move(moves []huntMove) {
	b := c.bridge
	for _, m := range moves {
		switch m.kind {
		case moveWant:
			h := b.hunt
			c.cfg.Desk.Want(wish{
				group: b.want.Group, all: h.all, except: append([]string(nil), h.tried...), call: c.attempt.ID,
				grant: func(addresses []string) { c.box.Put(granted{h, addresses}) },
			})
		case moveRing:
			c.ring(m.address)
		case moveDrop:
			c.drop(m.address)
		case moveWhisper:
			c.whisper(b.parties[m.address])
		case moveJoin:
			c.join(b.parties[m.address])
		case moveNobody:
			c.silence()
			c.endBridge()
			c.decide(scenarios.BridgeEnded{Outcome: scenarios.BridgeNobody})
		}
		if c.bridge != b { // the scenario went on
			return
		}
	}
	c.armTick()
}

func (c *call) armTick() {
	b := c.bridge
	if b.tick != nil {
		b.tick.Stop()
	}
	if at := b.hunt.deadline(); !at.IsZero() {
		b.tick = time.AfterFunc(time.Until(at), func() { c.box.Put(huntTick{}) })
	}
}

// ring calls an operator. The hunt ends it sooner than the phone would.
func (c *call) ring(address string) {
	p := &party{role: operator, address: address}
	c.bridge.parties[address] = p
	if c.handOver(address) {
		return
	}
	c.ringParty(p)
}

func (c *call) ringParty(p *party) {
	c.callOut(p, time.Until(c.bridge.hunt.until)+time.Second, media.Options{
		DeadAfter: c.scenario.Call.SilentAfter,
		InBand:    c.bridge.want.AcceptKey != "",
	})
}

// operatorGone: the operator hung up, never came, or fell silent for good.
func (c *call) operatorGone(p *party) {
	b := c.bridge
	switch {
	case b.talk != p:
		c.move(b.hunt.gone(time.Now(), p.address))
	case b.transfer != nil: // they have handed the person over, and somebody rings
		c.drop(p.address)
		b.talk = nil
		c.show()
	default:
		c.operatorLeft()
	}
}

// operatorLeft ends the bridge: whoever talked with the person is gone.
func (c *call) operatorLeft() {
	c.silence()
	c.endBridge()
	c.decide(scenarios.BridgeEnded{Outcome: scenarios.BridgeEndedByOperator, Operator: c.result.Operator})
}

// accept joins at once when the operator presses the key asked for.
func (c *call) accept(p *party, digit byte) {
	if p.role == operator && c.bridge.want.AcceptKey == string(rune(digit)) {
		c.move(c.bridge.hunt.whispered())
	}
}

// whisper tells the operator who is waiting. With nothing to tell and no key
// to wait for, they are joined at once.
func (c *call) whisper(p *party) {
	clips := c.ready(c.bridge.want.Whisper)
	if missing := len(c.bridge.want.Whisper) - len(clips); missing > 0 {
		c.cfg.Log.Warn("an operator was not told everything: the whisper was not rendered in time", "attempt", c.attempt.ID, "missing", missing)
	}
	if len(clips) == 0 && c.bridge.want.AcceptKey == "" {
		c.move(c.bridge.hunt.whispered())
		return
	}
	limit := c.k.accept
	for _, clip := range clips {
		limit += clip.Duration()
	}
	p.whisper = p.won.media.Play(media.PlayOptions{}, clips...)
	c.timers = append(c.timers, time.AfterFunc(limit, func() { c.box.Put(notTaken{p}) }))
}

// join lets an operator and the person talk.
func (c *call) join(p *party) {
	c.silence()
	p.won.media.StopPlay()
	c.talkWith(p)
	c.result.Verdict = dialer.VerdictHuman
	c.decide(scenarios.Bridged{Operator: p.address})
}

// talkWith joins the person and somebody who has answered, in place of whom
// they talked with before. A supervisor comes along.
func (c *call) talkWith(p *party) {
	b := c.bridge
	before := b.joined
	b.talk, b.onHold = p, false
	b.joined = media.Bridge(c.media, p.won.media)
	if before != nil {
		before.Close()
	}
	c.cfg.Desk.Talking(c.attempt.ID, p.address)
	c.result.Operator, c.result.Bridged = p.address, true
	c.hold()
	c.attend()
	c.show()
}

// drop ends an operator's lines and gives the operator back.
func (c *call) drop(address string) {
	if p := c.bridge.parties[address]; p != nil {
		p.hangUp()
		delete(c.bridge.parties, address)
	}
	c.cfg.Desk.Release(c.attempt.ID, address)
}

// endBridge releases everybody whom this call has called.
func (c *call) endBridge() {
	b := c.bridge
	if b == nil {
		return
	}
	if b.tick != nil {
		b.tick.Stop()
	}
	c.endThird()
	c.endTransfer()
	if b.joined != nil {
		b.joined.Close()
	}
	b.hunt.abort()
	for address := range b.parties {
		c.drop(address)
	}
	c.cfg.Desk.Forget(c.attempt.ID)
	c.bridge = nil
	c.show()
}
