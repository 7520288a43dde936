package calls

import (
	"context"

	"dozvon/dialer"
	"dozvon/media"
	"dozvon/sip"
)

// start has the call performed, unless it is hung up by now.
func (c *call) start() {
	c.k.calls.Add(1)
	c.box.Put(begin{})
}

// work handles what has come. What comes after the call's end is nobody's.
func (c *call) work(batch []any) {
	for _, m := range batch {
		if !c.ended {
			c.handle(m)
			if c.ended {
				c.over()
			}
		}
	}
}

// begin prepares the call, which may take as long as a speech engine takes, and
// dials.
func (c *call) begin() {
	if c.prepare() && !c.withdrawn() {
		c.dial()
		return
	}
	c.ended = true
}

// over releases what the call held and reports its end.
func (c *call) over() {
	defer c.k.calls.Done()
	close(c.done)
	c.release()
	c.cfg.Post(dialer.Ended{Attempt: c.attempt.ID, At: c.cfg.Now(), Result: c.result})
	c.k.orders.Put(overOrder{c.attempt.ID})
}

// prepare gets everything ready that must be there before a phone rings: the
// scenario, this lead's prompts, a port. It reports whether to go on.
func (c *call) prepare() bool {
	c.scenario = c.cfg.Scenario(c.attempt.Campaign)
	if c.scenario == nil {
		return c.fail("the campaign " + c.attempt.Campaign + " has no scenario")
	}
	if !c.collect() {
		return false
	}
	m, err := c.cfg.Media.Open(media.Options{
		Sink:      func(ev media.Event) { c.box.Put(personMedia{ev}) },
		DeadAfter: c.scenario.Call.SilentAfter,
		InBand:    true,
		Voice:     c.scenario.HearsVoice(),
	})
	if err != nil {
		return c.fail(err.Error())
	}
	c.media = m
	c.session = c.scenario.NewSession(c.lead)
	c.watch()
	return true
}

// fail ends a call that can't be prepared. Nobody was called: the lead keeps
// its attempt.
func (c *call) fail(detail string) bool {
	c.result.Disposition = dialer.Failed
	c.result.Detail = detail
	c.result.Cause = dialer.Cause{Local: true, Text: detail, NeverLeft: true}
	c.finished = true
	return false
}

// withdrawn reports whether the call was hung up before it was dialled.
func (c *call) withdrawn() bool {
	if c.ctx.Err() == nil {
		return false
	}
	why := context.Cause(c.ctx).Error()
	c.result.Disposition = dialer.Interrupted
	c.result.Cause = dialer.Cause{Local: true, Text: why, NeverLeft: true}
	c.finished = true
	return true
}

func (c *call) dial() {
	c.state, c.since = dialer.AttemptPlaced, c.cfg.Now()
	c.show()
	trunk := c.cfg.Trunks[c.attempt.Trunk]
	params := sip.Call{
		ID:    callID(c.attempt),
		Trunk: trunk,
		To:    c.lead.Phone,
		Ring:  c.scenario.Call.Ring,
		Local: c.media.Local(),
		Sink:  func(ev sip.Event) { c.box.Put(personSIP{ev}) },
	}
	if trunk != nil {
		params.From, params.Display = c.cfg.CallerIDs[c.attempt.Trunk].For(c.lead), trunk.Display
		if params.From == "" {
			params.From = trunk.CallerID
		}
		c.result.CallerID = params.From
		params.Permit = detour(c.lead.Phone, trunk)
	}
	if c.scenario.Call.Label != "" {
		params.Display = c.scenario.Call.Label
	}
	c.leg = c.cfg.Phone.Invite(params)
	if c.cfg.Dialled != nil {
		c.cfg.Dialled(c.attempt, c.cfg.Now())
	}
}

func (c *call) release() {
	c.cancel(nil)
	for _, t := range c.timers {
		t.Stop()
	}
	c.endBridge()
	c.deafen()
	c.unheed()
	if c.tape != nil {
		c.tape.stop()
	}
	c.measure()
	if c.media != nil {
		c.media.Close()
		c.dropEarly()
	}
}
