package sip

import (
	"fmt"
	"time"

	gosip "github.com/emiago/sipgo/sip"

	"dozvon/dialer"
)

// pending is a request of ours in a dialog that waits for its final response.
type pending struct {
	branch string
	method gosip.RequestMethod
	d      *dialog
	kind   string
	body   string
	asked  asks

	headers []gosip.Header // of its own
}

// request sends a request in a dialog.
func (m *machine) request(d *dialog, method gosip.RequestMethod, kind, body string) {
	m.dispatch(pending{method: method, d: d, kind: kind, body: body})
}

// dispatch sends a pending request, for the first time or with credentials.
func (m *machine) dispatch(p pending) {
	m.n++
	p.d.seq++
	p.branch = m.id.branch(m.n)
	uri, _, hop := p.d.hops()
	req := m.id.within(p.d, p.method, p.d.seq, m.n, nextTransport(&hop, m.transport))
	auth := m.authorise(p.method, &uri)
	for _, h := range auth {
		req.AppendHeader(h)
	}
	switch p.method {
	case gosip.INVITE:
		p.d.auth = auth
		fallthrough
	case gosip.UPDATE:
		req.AppendHeader(&gosip.ContactHeader{Address: m.id.contactURI(m.transport)})
		req.AppendHeader(m.allow())
		req.AppendHeader(gosip.NewHeader("Supported", optTimer))
		if m.timer.seconds > 0 {
			m.timer.ask(req)
		}
	case gosip.REFER, gosip.NOTIFY:
		req.AppendHeader(&gosip.ContactHeader{Address: m.id.contactURI(m.transport)})
	}
	for _, h := range p.headers {
		req.AppendHeader(h)
	}
	setBody(req, p.kind, p.body)
	m.pending = append(m.pending, p)
	m.do(send{req: req, hop: hop, tx: true})
}

// authorise returns the credentials of a request, if any were asked for.
func (m *machine) authorise(method gosip.RequestMethod, uri *gosip.Uri) []gosip.Header {
	if m.creds.none() {
		return nil
	}
	return m.creds.headers(method, uri.String(), m.id.seed)
}

// take finds the pending request that a response answers, and removes it if
// the response is final.
func (m *machine) take(r *response) (pending, bool) {
	for i, p := range m.pending {
		if p.branch == r.branch && string(p.method) == r.method {
			if r.final() {
				m.pending = append(m.pending[:i], m.pending[i+1:]...)
			}
			return p, true
		}
	}
	return pending{}, false
}

// waits reports whether a request of this method waits for its response.
func (m *machine) waits(method gosip.RequestMethod) bool {
	for _, p := range m.pending {
		if p.method == method {
			return true
		}
	}
	return false
}

// onReply handles a response to a request in a dialog.
func (m *machine) onReply(p pending, r *response) {
	if !r.final() {
		return
	}
	if (r.code == 401 || r.code == 407) && m.creds.accept(r.challenges, &p.asked) {
		m.dispatch(p)
		return
	}
	switch p.method {
	case gosip.BYE:
		m.byeDone(p)
	case gosip.INFO:
		m.nextKey()
	case gosip.INVITE, gosip.UPDATE:
		m.refreshed(p, r)
	case gosip.REFER:
		m.onReferred(r)
	case gosip.NOTIFY:
		m.onNotified(r)
	}
}

// onLostRequest handles a request in a dialog that nobody answered: as if 408
// had come (RFC 3261 section 8.1.3.1).
func (m *machine) onLostRequest(l lost) {
	r := &response{code: 408, method: l.method, branch: l.branch}
	if p, ok := m.take(r); ok {
		m.onReply(p, r)
	}
}

// onHangUp ends the leg in whatever way its state needs.
func (m *machine) onHangUp(why string) {
	switch m.state {
	case waiting:
		m.finish(dialer.Failed, dialer.Cause{Local: true, Text: cleanText(why, 64)}, nil)
		m.set(gone)
	case calling, proceeding:
		m.giveUp(quitting{why: cleanText(why, 64)})
	case confirmed:
		m.quit = quitting{why: cleanText(why, 64)}
		m.bye(m.dlg)
	}
}

// bye ends the dialog. The user is told when the far end has confirmed it, or
// after the grace.
func (m *machine) bye(d *dialog) {
	m.set(ending)
	m.stopTimers()
	m.due.grace = m.now.Add(m.plan.grace)
	m.request(d, gosip.BYE, "", "")
}

// stopTimers ends what only a dialog that is up needs.
func (m *machine) stopTimers() {
	m.due.refresh, m.due.repeat, m.due.expire = time.Time{}, time.Time{}, time.Time{}
	m.due.refer, m.due.notify = time.Time{}, time.Time{}
	m.keys, m.refers = nil, refers{}
}

// byeDone: the far end confirmed a BYE of ours, refused it or said nothing;
// the dialog is over in every case (RFC 3261 section 15.1.1).
func (m *machine) byeDone(p pending) {
	if p.d != m.dlg || m.state != ending {
		return
	}
	m.finishQuit(200)
	m.linger()
}

// linger keeps the leg until no repeated or forked 2xx can come any more.
func (m *machine) linger() {
	m.stopTimers()
	m.due.grace = time.Time{}
	m.set(lingering)
	if m.waits(gosip.INVITE) { // a 2xx to our re-INVITE may be on its way
		m.due.linger = m.now.Add(t164)
	}
	if !m.due.linger.After(m.now) {
		m.set(gone)
	}
}

// onPress sends a key by INFO, one at a time so that keys keep their order.
func (m *machine) onPress(p press) {
	if m.state != confirmed || !isDigit(p.digit) || len(m.keys) == maxKeys {
		return
	}
	m.keys = append(m.keys, p)
	if !m.waits(gosip.INFO) {
		m.nextKey()
	}
}

// maxKeys bounds the keys that wait for their turn.
const maxKeys = 64

func (m *machine) nextKey() {
	if m.state != confirmed || len(m.keys) == 0 {
		return
	}
	k := m.keys[0]
	m.keys = m.keys[1:]
	m.request(m.dlg, gosip.INFO, "application/dtmf-relay",
		fmt.Sprintf("Signal=%c\r\nDuration=%d\r\n", k.digit, k.d.Milliseconds()))
}

// sessionDead ends a dialog whose far end no longer answers (RFC 3261 section
// 12.2.1.2).
func (m *machine) sessionDead(err error) {
	if m.state != confirmed {
		return
	}
	m.bye(m.dlg)
	m.finish(dialer.Answered, dialer.Cause{SIP: 200, Local: true, Text: "session lost"},
		fmt.Errorf("call through %s: %w", m.plan.route, err))
}
