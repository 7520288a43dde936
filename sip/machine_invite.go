package sip

import (
	"fmt"
	"net/netip"
	"time"

	gosip "github.com/emiago/sipgo/sip"

	"dozvon/dialer"
	"dozvon/media"
)

// onConnected sends the INVITE.
func (m *machine) onConnected(transport string) {
	if m.state != waiting {
		return
	}
	m.transport = transport
	m.set(calling)
	m.due.ring = m.now.Add(m.plan.ring)
	if len(m.ways.past) > 0 {
		m.onNextWay()
		return
	}
	m.sendInvite()
}

func (m *machine) onUnlinked(err error) {
	if m.state != waiting {
		return
	}
	m.finish(dialer.Failed, dialer.Cause{Failed: dialer.TrunkUnreachable, Text: "could not connect"},
		fmt.Errorf("call through %s: %w", m.plan.route, err))
	m.set(gone)
}

// sendInvite sends the INVITE, or the one that a refusal asks for, see again:
// the same Call-ID, To and From tag, the next CSeq (RFC 3261 section 22.2).
func (m *machine) sendInvite() {
	m.seq++
	m.ways.since = m.now
	m.launch()
}

// What we serve. REFER is served where a call allows it.
const (
	allow      = "INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE, PRACK, NOTIFY"
	allowRefer = allow + ", REFER"
)

func (m *machine) allow() gosip.Header {
	if m.plan.refer {
		return gosip.NewHeader("Allow", allowRefer)
	}
	return gosip.NewHeader("Allow", allow)
}

func (m *machine) newInvite() *gosip.Request {
	uri := m.uri()
	req := m.id.outside(gosip.INVITE, uri, m.plan.preload, m.seq, m.n, m.transport)
	req.AppendHeader(&gosip.ContactHeader{Address: m.id.contactURI(m.transport)})
	m.auth = m.authorise(gosip.INVITE, &uri)
	for _, h := range m.auth {
		req.AppendHeader(h)
	}
	req.AppendHeader(m.allow())
	m.options(req)
	for _, h := range m.plan.headers {
		req.AppendHeader(h)
	}
	setBody(req, "application/sdp", m.talk.offer())
	return req
}

// onResponse routes a response to what it answers.
func (m *machine) onResponse(r *response) {
	switch {
	case r.method == "INVITE" && m.onPast(r):
	case r.method == "INVITE" && r.code/100 == 2:
		m.onAnswer(r)
	case r.method == "INVITE" && r.branch == m.branch:
		m.onInvite(r)
	default:
		if p, ok := m.take(r); ok {
			m.onReply(p, r)
		}
	}
}

// onInvite handles a response to the INVITE that is not its answer.
func (m *machine) onInvite(r *response) {
	if m.state != calling && m.state != proceeding && m.state != cancelling {
		return
	}
	if r.final() {
		m.onRefusal(r)
		return
	}
	m.provisional, m.heard = true, true
	m.due.silence = time.Time{}
	if m.state == cancelling {
		m.sendCancel()
		return
	}
	m.set(proceeding)
	m.onProvisional(r)
}

// onRefusal handles a final response of 300 or more; its ACK is the
// transaction's.
func (m *machine) onRefusal(r *response) {
	if m.state == cancelling {
		m.finishQuit(r.code)
		m.set(gone)
		return
	}
	if m.again(r) {
		m.set(calling)
		m.sendInvite()
		return
	}
	if r.code == 503 && m.moveOn(r.retryAfter) {
		return
	}
	m.refused(r)
	m.set(gone)
}

// again reports whether the INVITE leaves once more, changed as its refusal
// asks. Apart from a challenge and a redirection nothing is repeated once the
// far end has rung.
func (m *machine) again(r *response) bool {
	switch {
	case r.code == 401 || r.code == 407:
		return m.creds.accept(r.challenges, &m.asked)
	case r.code == 421:
		return m.demanded(r)
	case r.code == 422:
		return !m.rang && m.timer.raise(r)
	case r.code/100 == 3:
		return m.redirected(r)
	case (r.code == 488 || r.code == 606) && !m.rang && m.talk.relent():
		return true
	}
	return m.otherDetour(r)
}

// onAnswer handles a 2xx to an INVITE: the first one, one repeated because
// our ACK was lost, a second one from a fork, or one to our own re-INVITE.
func (m *machine) onAnswer(r *response) {
	switch {
	case m.state == waiting || m.state == gone:
	case m.dlg == nil && m.state == lingering: // refused, and answered by a fork after all
		m.release(r)
	case m.dlg == nil:
		if r.cseq == m.seq {
			m.answered(r)
		}
	case r.tag == m.dlg.tag:
		if p, ok := m.take(r); ok {
			m.onReply(p, r)
			return
		}
		m.ack(m.dlg, r.cseq)
	default:
		m.release(r)
	}
}

// answered handles the 2xx that makes the dialog. A call that we gave up is
// acknowledged and ended at once: CANCEL may have crossed the 2xx (RFC 3261
// section 9.1), and an answered call is never left up.
func (m *machine) answered(r *response) {
	m.dlg = m.establish(r)
	m.due.linger = m.now.Add(t164)
	m.due.giveUp = time.Time{}
	m.ack(m.dlg, r.cseq)
	if m.state == cancelling {
		m.quitAnswered()
		return
	}
	remote, err := m.settle(r)
	switch {
	case err != nil:
		m.set(confirmed)
		m.bye(m.dlg)
		m.finish(dialer.Failed, dialer.Cause{SIP: r.code, Local: true, Text: misfit(err)},
			fmt.Errorf("call through %s was answered and had to be ended: %w", m.plan.route, err))
	case m.farBye:
		m.finish(dialer.Answered, dialer.Cause{SIP: r.code, Text: "hung up at once"}, nil)
		m.linger()
	default:
		m.set(confirmed)
		m.timer.agree(r)
		m.schedule()
		m.tell(Event{Kind: Answered, Code: r.code, Remote: remote})
	}
}

// settle takes the answer from the 2xx, or from the early dialog that it
// confirms: there it may have come already, and a later one does not count
// (RFC 3261 section 13.2.1).
func (m *machine) settle(r *response) (media.Remote, error) {
	var remote media.Remote
	var err error
	e := m.earlyOf(r.tag)
	m.branches, m.playing = nil, nil
	if e != nil && e.remote.Addr.IsValid() && (e.fixed || len(r.sdp) == 0) {
		remote = e.remote
		if e.talk != nil {
			made := m.talk.vault.made
			m.talk = *e.talk
			m.talk.vault.made = made
		}
	} else if remote, err = m.talk.answered(r.sdp); err != nil {
		return remote, err
	}
	remote.Watch = true
	m.talk.agreed = remote
	return remote, nil
}

// quitAnswered ends a call that was answered after we gave up on it.
func (m *machine) quitAnswered() {
	if m.farBye {
		m.finishQuit(200)
		m.linger()
		return
	}
	m.bye(m.dlg)
}

// release ends the dialog of a second 2xx (RFC 3261 section 13.2.2.4).
func (m *machine) release(r *response) {
	for _, f := range m.forks {
		if f.tag == r.tag {
			m.ack(f, r.cseq)
			return
		}
	}
	if len(m.forks) == maxForks || r.tag == "" {
		return
	}
	f := m.establish(r)
	m.forks = append(m.forks, f)
	m.ack(f, r.cseq)
	m.request(f, gosip.BYE, "", "")
}

// maxForks bounds how many second answers one call releases.
const maxForks = 16

// ack acknowledges a 2xx. It has the credentials of its INVITE (RFC 3261
// section 22.1).
func (m *machine) ack(d *dialog, seq uint32) {
	m.n++
	_, _, hop := d.hops()
	req := m.id.within(d, gosip.ACK, seq, m.n, nextTransport(&hop, m.transport))
	for _, h := range d.auth {
		req.AppendHeader(h)
	}
	setBody(req, "", "")
	m.do(send{req: req, hop: hop})
}

// giveUp ends a call that was not answered: CANCEL now if a provisional
// response has come, else as soon as one comes (RFC 3261 section 9.1).
func (m *machine) giveUp(q quitting) {
	if m.state != calling && m.state != proceeding {
		return
	}
	m.quit = q
	m.set(cancelling)
	m.due.ring, m.due.silence = time.Time{}, time.Time{}
	m.due.grace = m.now.Add(m.plan.grace)
	if m.heard {
		m.sendCancel()
	}
}

// sendCancel sends the CANCEL: the INVITE's own Request-URI, branch, tags and
// Route (RFC 3261 section 9.1), once.
func (m *machine) sendCancel() {
	if m.cancelSent {
		return
	}
	m.cancelSent = true
	m.due.giveUp = m.now.Add(t164)
	m.cancel(m.ways.now(m))
}

// onSilence gives up on a trunk that says nothing. The transaction goes on:
// should anything come, it is cancelled or released.
func (m *machine) onSilence() {
	if m.moveOn(shunFor) {
		return
	}
	m.finish(dialer.Failed, dialer.Cause{Local: true, Failed: dialer.TrunkUnreachable, Text: "no response"},
		fmt.Errorf("call through %s: no response to the INVITE within %s%s: check the address, the transport (udp, tcp, tls) and the firewall",
			m.plan.route, m.plan.noResponse, m.ways.tried()))
	m.giveUp(quitting{why: "no response"})
}

// onRefusedDatagram: nobody listens where the INVITE went. As with silence,
// the transaction goes on, in case the trunk is only restarting.
func (m *machine) onRefusedDatagram(addr netip.AddrPort) {
	if m.state != calling || m.provisional || m.transport != "udp" {
		return
	}
	if m.moveOn(shunFor) {
		return
	}
	m.finish(dialer.Failed, dialer.Cause{Local: true, Failed: dialer.TrunkUnreachable, Text: "refused"},
		fmt.Errorf("call through %s: nobody listens on UDP at %s: check port and transport, and that the trunk is up", m.plan.route, addr))
	m.giveUp(quitting{why: "refused"})
}

// onLost handles the end of a transaction without a final response.
func (m *machine) onLost(l lost) {
	if l.method != "INVITE" || l.branch != m.branch || m.dlg != nil {
		m.onLostRequest(l)
		return
	}
	switch {
	case m.state == cancelling:
		m.finishQuit(0)
	case m.state == calling && !m.provisional && m.moveOn(shunFor):
		return
	case m.state == calling && !m.provisional:
		m.finish(dialer.Failed, dialer.Cause{Failed: dialer.TrunkUnreachable, Text: "no response"},
			fmt.Errorf("call through %s: %w", m.plan.route, explainLost(l)))
	case m.state == calling || m.state == proceeding:
		m.finish(dialer.Congestion, dialer.Cause{Text: "connection lost"},
			fmt.Errorf("call through %s was lost before an answer: %w", m.plan.route, explainLost(l)))
	default:
		return
	}
	m.set(gone)
}
