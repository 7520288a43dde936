package sip

import (
	"fmt"
	"time"

	gosip "github.com/emiago/sipgo/sip"

	"dozvon/dialer"
)

// ways is the failover of one call over the addresses of its next hop (RFC
// 3263 section 4.3): what was tried, and what is left to try. A call moves on
// only while nobody has given a sign of having received the INVITE: after 503,
// a refused datagram, a failed connection or silence, and never after a 1xx.
// The INVITE keeps Call-ID, From tag and CSeq and gets a new branch, so that a
// far end which did receive both knows them for one (RFC 3261 section
// 8.2.2.2).
type ways struct {
	more    int       // addresses not tried yet
	since   time.Time // when the INVITE first left
	past    []past
	reached bool // an address that was given up has spoken after all
}

// past is an INVITE whose address was given up.
type past struct {
	way       int // the how many-th address
	uri       gosip.Uri
	seq       uint32
	n         int
	branch    string
	transport string
	until     time.Time // responses may come until then
	cancelled bool
	over      bool // it had its final response
}

// now describes the INVITE that is out.
func (w *ways) now(m *machine) *past {
	return &past{way: len(w.past), uri: m.uri(), seq: m.seq, n: m.inviteN, branch: m.branch, transport: m.transport, until: m.now.Add(t164)}
}

// openUntil tells until when an address that was given up may still answer.
func (w *ways) openUntil() time.Time {
	var last time.Time
	for _, p := range w.past {
		if !p.over && p.until.After(last) {
			last = p.until
		}
	}
	return last
}

// tried tells in words how many addresses were tried, if more than one.
func (w *ways) tried() string {
	if len(w.past) == 0 {
		return ""
	}
	return fmt.Sprintf(" (%d addresses were tried)", len(w.past)+1)
}

// launch sends the INVITE of the current CSeq to the address that connect
// found.
func (m *machine) launch() {
	m.n++
	m.branch, m.inviteN, m.heard = m.id.branch(m.n), m.n, false
	m.branches, m.playing = nil, nil // early dialogs end with the INVITE that made them
	m.due.silence = m.now.Add(m.share())
	m.do(send{req: m.newInvite(), first: true, way: len(m.ways.past), tx: true})
}

// share is how long the current address may stay silent: NoResponse if it is
// the only one, else its part of what is left of it, but a quarter if there is
// as much: of 8 s that is enough for UDP to send the INVITE three times.
func (m *machine) share() time.Duration {
	all := m.plan.noResponse
	if m.ways.more == 0 && len(m.ways.past) == 0 {
		return all
	}
	left := all - m.now.Sub(m.ways.since)
	return max(left/time.Duration(m.ways.more+1), min(left, all/4), all/8)
}

// moveOn gives the current address up and asks for the next one. It reports
// false if there is none, or if somebody may have received the INVITE. The
// address counts as dead for that long.
func (m *machine) moveOn(dead time.Duration) bool {
	if m.ways.more == 0 && len(m.ways.past) == 0 || m.state != calling || m.provisional {
		return false
	}
	if dead > 0 {
		m.do(shun{min(dead, 10*shunFor)})
	}
	if m.ways.more == 0 || m.ways.reached {
		return false
	}
	m.ways.past = append(m.ways.past, *m.ways.now(m))
	m.set(waiting)
	m.due.ring, m.due.silence = time.Time{}, time.Time{}
	m.do(connect{})
	return true
}

// onNextWay sends the INVITE to the next address. Credentials belong to the
// one that asked for them. Should an address given up have spoken meanwhile,
// nobody else is called.
func (m *machine) onNextWay() {
	if m.ways.reached {
		m.finish(dialer.Failed, dialer.Cause{Local: true, Text: "answered too late"},
			fmt.Errorf("call through %s: the first address answered only after it was given up", m.plan.route))
		m.set(gone)
		return
	}
	m.asked, m.creds.held = asks{}, nil
	m.launch()
}

// onPast handles a response to an INVITE whose address was given up: ringing
// is cancelled, an answer acknowledged and ended at once, a refusal
// acknowledged. It reports false if the response is no such.
func (m *machine) onPast(r *response) bool {
	for i := range m.ways.past {
		p := &m.ways.past[i]
		if p.branch != r.branch {
			continue
		}
		switch {
		case r.code/100 == 2:
			p.over, m.ways.reached = true, true
			m.release(r)
		case r.final():
			p.over = true
			m.acknowledge(p, r)
		case !p.cancelled:
			p.cancelled, m.ways.reached = true, true
			m.cancel(p)
		}
		return true
	}
	return false
}

// cancel sends a CANCEL: the INVITE's own Request-URI, branch, tags and Route
// (RFC 3261 section 9.1), to where the INVITE went.
func (m *machine) cancel(p *past) {
	req := m.id.outside(gosip.CANCEL, p.uri, m.plan.preload, p.seq, p.n, p.transport)
	setBody(req, "", "")
	m.do(send{req: req, first: true, way: p.way, tx: true})
}

// acknowledge sends the ACK of a refusal whose transaction has ended (RFC
// 3261 section 17.1.1.3).
func (m *machine) acknowledge(p *past, r *response) {
	req := m.id.outside(gosip.ACK, p.uri, m.plan.preload, p.seq, p.n, p.transport)
	if r.tag != "" {
		req.To().Params = gosip.HeaderParams{{K: "tag", V: r.tag}}
	}
	setBody(req, "", "")
	m.do(send{req: req, first: true, way: p.way})
}
