package calls

import (
	"fmt"
	"time"

	"dozvon/dialer"
	"dozvon/media"
	"dozvon/scenarios"
	"dozvon/sip"
)

// bridge is a person waiting for, or talking with, an operator.
type bridge struct {
	want   scenarios.Bridge
	hunt   *hunt
	legs   map[string]*operatorLeg // by address
	joined *media.Joined
	talk   *operatorLeg // the one who is joined
	tick   *time.Timer
}

// operatorLeg is one operator being called for this person.
type operatorLeg struct {
	address string
	leg     *sip.Leg
	media   *media.Session
	whisper media.PlayID
	dropped bool
}

// acceptWithin is how long after the whisper an operator may take to press
// the accept key. Without one it bounds a whisper that never ends because the
// operator's phone holds the call.
const acceptWithin = 10 * time.Second

func (c *call) startBridge(want scenarios.Bridge) {
	c.endBridge()
	c.bridge = &bridge{want: want, legs: map[string]*operatorLeg{}}
	c.startMusic(want.Music)
	if len(c.ready(want.Whisper)) < len(want.Whisper) {
		c.render(0, want.Whisper)
	}
	h, moves := newHunt(time.Now(), want.Ring, want.Mode == scenarios.BridgeAll, c.cfg.Desk.Size(want.Group))
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
	case operatorSIP:
		c.operatorSIP(m.op, m.ev)
	case operatorMedia:
		c.operatorMedia(m.op, m.ev)
	case notTaken:
		if b := c.bridge; b != nil && !m.op.dropped && b.talk != m.op {
			c.move(b.hunt.gone(time.Now(), m.op.address))
		}
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
			c.whisper(b.legs[m.address])
		case moveJoin:
			c.join(b.legs[m.address])
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

func (c *call) ring(address string) {
	op := &operatorLeg{address: address}
	c.rung++
	c.bridge.legs[address] = op
	m, err := c.cfg.Media.Open(media.Options{
		Sink:      func(ev media.Event) { c.box.Put(operatorMedia{op, ev}) },
		DeadAfter: c.scenario.Call.SilentAfter,
		InBand:    c.bridge.want.AcceptKey != "",
	})
	if err != nil {
		c.cfg.Log.Error("an operator could not be called", "attempt", c.attempt.ID, "error", err)
		c.box.Put(operatorSIP{op, sip.Event{Kind: sip.Ended}})
		return
	}
	op.media = m
	op.leg = c.cfg.Phone.Invite(sip.Call{
		ID:      fmt.Sprintf("%s-op%d", callID(c.attempt), c.rung),
		Trunk:   c.cfg.Behind(address),
		To:      address,
		From:    c.lead.Phone,
		Display: c.lead.Phone,
		Ring:    time.Until(c.bridge.hunt.until) + time.Second, // the hunt ends it sooner
		Local:   m.Local(),
		Sink:    func(ev sip.Event) { c.box.Put(operatorSIP{op, ev}) },
	})
}

func (c *call) operatorSIP(op *operatorLeg, ev sip.Event) {
	b := c.bridge
	if op.dropped || b == nil {
		return
	}
	switch ev.Kind {
	case sip.Answered:
		op.media.SetRemote(ev.Remote)
		c.move(b.hunt.answered(op.address))
	case sip.Reoffered:
		op.media.SetRemote(ev.Remote)
	case sip.Digit:
		c.accept(op, ev.Digit)
	case sip.Ended:
		c.operatorGone(op)
	}
}

// operatorGone: the operator hung up, never came, or fell silent for good.
func (c *call) operatorGone(op *operatorLeg) {
	if c.bridge.talk == op {
		c.endBridge()
		c.decide(scenarios.BridgeEnded{Outcome: scenarios.BridgeEndedByOperator, Operator: op.address})
		return
	}
	c.move(c.bridge.hunt.gone(time.Now(), op.address))
}

func (c *call) operatorMedia(op *operatorLeg, ev media.Event) {
	if op.dropped || c.bridge == nil {
		return
	}
	switch {
	case ev.Kind == media.Digit:
		c.accept(op, ev.Digit)
	case ev.Kind == media.PlayDone && ev.Play == op.whisper:
		if c.bridge.want.AcceptKey == "" {
			c.move(c.bridge.hunt.whispered())
		}
	case ev.Kind == media.Dead:
		c.operatorGone(op)
	}
}

// accept joins at once when the operator presses the key asked for.
func (c *call) accept(op *operatorLeg, digit byte) {
	if c.bridge.want.AcceptKey == string(rune(digit)) {
		c.move(c.bridge.hunt.whispered())
	}
}

// whisper tells the operator who is waiting.
func (c *call) whisper(op *operatorLeg) {
	clips := c.ready(c.bridge.want.Whisper)
	if missing := len(c.bridge.want.Whisper) - len(clips); missing > 0 {
		c.cfg.Log.Warn("an operator was not told everything: the whisper was not rendered in time", "attempt", c.attempt.ID, "missing", missing)
	}
	limit := c.k.accept
	for _, clip := range clips {
		limit += clip.Duration()
	}
	op.whisper = op.media.Play(media.PlayOptions{}, clips...)
	c.timers = append(c.timers, time.AfterFunc(limit, func() { c.box.Put(notTaken{op}) }))
}

func (c *call) join(op *operatorLeg) {
	c.silence()
	op.media.StopPlay()
	c.bridge.talk = op
	c.bridge.joined = media.Bridge(c.media, op.media)
	c.cfg.Desk.Talking(c.attempt.ID, op.address)
	c.result.Operator, c.result.Bridged = op.address, true
	c.result.Verdict = dialer.VerdictHuman
	c.decide(scenarios.Bridged{Operator: op.address})
}

// startMusic plays to the person who waits. Music is a recorded file shared by
// all calls; without it they wait in silence.
func (c *call) startMusic(file string) {
	if file == "" {
		return
	}
	music, ok := c.clip(scenarios.Prompt{File: file})
	if !ok {
		c.cfg.Log.Warn("no music while the person waits: the file was not there at the start", "attempt", c.attempt.ID, "file", file)
		return
	}
	c.saying = 0
	clear(c.plays)
	c.media.Play(media.PlayOptions{Loop: true}, music)
}

// drop ends an operator's leg and gives the operator back.
func (c *call) drop(address string) {
	if op := c.bridge.legs[address]; op != nil && !op.dropped {
		op.dropped = true
		if op.leg != nil {
			op.leg.HangUp("not needed")
		}
		if op.media != nil {
			op.media.Close()
		}
		delete(c.bridge.legs, address)
	}
	c.cfg.Desk.Release(c.attempt.ID, address)
}

// endBridge releases every operator of this call.
func (c *call) endBridge() {
	b := c.bridge
	if b == nil {
		return
	}
	if b.tick != nil {
		b.tick.Stop()
	}
	if b.joined != nil {
		b.joined.Close()
	}
	for _, m := range b.hunt.abort() {
		c.drop(m.address)
	}
	c.cfg.Desk.Forget(c.attempt.ID)
	c.bridge = nil
}
