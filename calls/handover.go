package calls

import (
	"dozvon/dialer"
	"dozvon/scenarios"
	"dozvon/sip"
)

// handOver asks the network to connect the person with an operator by itself
// (REFER, RFC 3515), so that neither sound nor a line of ours is needed for
// their talk. It reports false if the operator is to be called by us: the
// group says so, it is a phone that only we can reach, or the network is busy
// with such a wish.
func (c *call) handOver(address string) bool {
	b := c.bridge
	if !b.byRefer || b.refer != "" || kindOf(address) == account {
		return false
	}
	b.refer = address
	number, ok := address, true
	if kindOf(address) == sipAddress {
		number, ok = dialer.Dialled(userOf(address))
	}
	if !ok { // a phone, not a number of the network
		c.leg.Refer(address)
		return true
	}
	p := b.parties[address]
	c.inquire(p, number, "", func(err error) {
		switch {
		case p.dropped || c.bridge != b:
			b.refer = ""
		case err != nil:
			b.refer = ""
			c.barred(p, err)
		default:
			c.leg.Refer(address)
		}
	})
	return true
}

// handedOver takes news of handing the person over. If the network did it,
// the call is theirs: it counts as talked through, and our leg ends. If it did
// not, the same operator is called by us.
func (c *call) handedOver(ev sip.Event) {
	b := c.bridge
	if b == nil || b.refer == "" || !ev.Final || c.quitting {
		return
	}
	address := b.refer
	b.refer = ""
	if ev.Code/100 != 2 || b.joined != nil {
		c.cfg.Log.Warn("the network did not connect the person with an operator; they are bridged", "attempt", c.attempt.ID, "code", ev.Code)
		if p := b.parties[address]; p != nil && len(p.lines) == 0 {
			c.ringParty(p)
		}
		return
	}
	c.cfg.Desk.Talking(c.attempt.ID, address)
	b.handed = true
	c.result.Operator, c.result.Bridged = address, true
	c.result.Verdict = dialer.VerdictHuman
	c.decide(scenarios.Bridged{Operator: address})
	c.quitting = true
	c.hungUp()
	c.leg.HangUp("the network has taken the call over")
}
