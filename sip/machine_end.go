package sip

import (
	"errors"
	"fmt"
	"time"

	gosip "github.com/emiago/sipgo/sip"

	"dozvon/dialer"
)

var errNoAck = errors.New("the far end never acknowledged the answer to its re-INVITE")

// finish tells Ended, once.
func (m *machine) finish(d dialer.Disposition, c dialer.Cause, err error) {
	if m.told {
		return
	}
	m.told = true
	if m.ways.reached { // somebody has the INVITE: no other trunk may have it
		c.Failed = dialer.TrunkOK
	}
	m.due.grace = time.Time{}
	m.tell(Event{Kind: Ended, Code: c.SIP, Cause: c, Disposition: d, Err: err})
}

// finishQuit tells the end of a call that we gave up or hung up. code is the
// far end's last word; 0: none.
func (m *machine) finishQuit(code int) {
	c := dialer.Cause{SIP: code, Local: true, Text: m.quit.why}
	switch {
	case m.talk.agreed.Addr.IsValid():
		c.SIP = 200
		m.finish(dialer.Answered, c, nil)
	case m.quit.ring && !m.provisional:
		c.Failed, c.Text = dialer.TrunkUnreachable, "no response"
		m.finish(dialer.Failed, c, fmt.Errorf("call through %s: no response to the INVITE within the ring time of %s: check the address, the transport (udp, tcp, tls) and the firewall",
			m.plan.route, m.plan.ring))
	case m.quit.ring:
		c.Text = "nobody answered"
		m.finish(dialer.NoAnswer, c, nil)
	case m.provisional:
		m.finish(dialer.NoAnswer, c, nil)
	default:
		m.finish(dialer.Failed, c, nil)
	}
}

// refused tells the end of a call that the network refused.
func (m *machine) refused(r *response) {
	d, words := interpret(r.code, r.q850, m.rang)
	c := dialer.Cause{SIP: r.code, Q850: r.q850, Text: firstOf(r.said, r.reason, words), RetryAfter: r.retryAfter,
		Failed: trunkFailure(r.code, r.q850, m.provisional, len(m.auth) > 0)}
	var err error
	if d == dialer.Failed || c.Failed != dialer.TrunkOK {
		err = fmt.Errorf("call through %s: %d %s: %s", m.plan.route, r.code, r.reason, m.creds.advise(r, m.talk.advise(r.code, words)))
	}
	m.finish(d, c, err)
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// explainLost puts the end of a transaction without an answer into words.
func explainLost(l lost) error {
	if l.timeout || l.err == nil {
		return errors.New("no response: check the address, the transport (udp, tcp, tls) and the firewall")
	}
	if errors.Is(l.err, gosip.ErrTransactionTransport) {
		return fmt.Errorf("%w: the connection failed; is the trunk up?", l.err)
	}
	return l.err
}
