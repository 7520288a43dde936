package sip

import (
	"time"

	gosip "github.com/emiago/sipgo/sip"

	"dozvon/dialer"
	"dozvon/media"
)

// reoffer is our 2xx to a re-INVITE until its ACK comes (RFC 3261 section
// 13.3.1.4 and 14.2).
type reoffer struct {
	ticket int
	cseq   uint32
	late   bool // our 2xx carried the offer; the ACK brings the answer
	wait   time.Duration
	until  time.Time
}

// onRequest handles a request of the far end.
func (m *machine) onRequest(q *request) {
	if q.method == "ACK" {
		m.onAck(q)
		return
	}
	if !m.mine(q) {
		m.answer(q, 481, "Call/Transaction Does Not Exist")
		return
	}
	if !m.ordered(q) {
		m.answer(q, 500, "Out of Order")
		return
	}
	if unknown := unknownOptions(q.require); unknown != "" {
		m.answer(q, 420, "Bad Extension", gosip.NewHeader("Unsupported", unknown))
		return
	}
	switch q.method {
	case "BYE":
		m.onBye(q)
	case "INVITE", "UPDATE":
		m.onOffer(q)
	case "INFO":
		m.onInfo(q)
	case "OPTIONS":
		m.answer(q, 200, "OK", capabilities()...)
	case "REFER":
		m.onRefer(q)
	case "NOTIFY":
		m.onNotify(q)
	case "PRACK": // we send no 1xx that could be acknowledged
		m.answer(q, 481, "Call/Transaction Does Not Exist")
	default:
		code, reason, headers := unwanted(q.method)
		m.answer(q, code, reason, headers...)
	}
}

// mine reports whether a request belongs to a dialog that is up: ours, or any
// early one while there is none.
func (m *machine) mine(q *request) bool {
	switch m.state {
	case calling, proceeding, cancelling:
		return true
	case confirmed, ending:
		return m.dlg != nil && q.fromTag == m.dlg.tag
	}
	return false
}

// ordered keeps the far end's CSeq growing (RFC 3261 section 12.2.2).
func (m *machine) ordered(q *request) bool {
	d := m.dlg
	if e := m.earlyOf(q.fromTag); d == nil && e != nil {
		d = e.d
	}
	if d == nil {
		return true
	}
	if d.remote != 0 && q.cseq <= d.remote {
		return false
	}
	d.remote = q.cseq
	return true
}

func (m *machine) answer(q *request, code int, reason string, headers ...gosip.Header) {
	m.do(answer{ticket: q.ticket, code: code, reason: reason, headers: headers})
}

// capabilities are the headers of an answer to OPTIONS (RFC 3261 section 11.2).
func capabilities() []gosip.Header {
	return []gosip.Header{
		gosip.NewHeader("Allow", allow),
		gosip.NewHeader("Accept", "application/sdp, application/dtmf-relay, application/dtmf"),
		gosip.NewHeader("Accept-Encoding", "identity"),
		gosip.NewHeader("Accept-Language", "en"),
	}
}

// unwanted is the answer to a method that we don't serve: 405 to those we
// know (RFC 3261 section 8.2.1), 501 to others (21.5.2).
func unwanted(method string) (int, string, []gosip.Header) {
	switch method {
	case "NOTIFY", "SUBSCRIBE", "MESSAGE", "PUBLISH", "REGISTER", "PRACK", "REFER":
		return 405, "Method Not Allowed", []gosip.Header{gosip.NewHeader("Allow", allow)}
	case "CANCEL":
		return 481, "Call/Transaction Does Not Exist", nil
	}
	return 501, "Not Implemented", []gosip.Header{gosip.NewHeader("Allow", allow)}
}

// onBye ends the leg. A BYE that overtook its 2xx is remembered.
func (m *machine) onBye(q *request) {
	m.answer(q, 200, "OK")
	switch m.state {
	case calling, proceeding, cancelling:
		m.farBye = true
	case confirmed:
		text := q.said
		if text == "" {
			text = "hung up by the far end"
		}
		m.finish(dialer.Answered, dialer.Cause{SIP: 200, Q850: q.q850, Text: text}, nil)
		m.linger()
	}
}

// onInfo takes a key (application/dtmf-relay or application/dtmf). An INFO
// without a body is a keep-alive.
func (m *machine) onInfo(q *request) {
	if len(q.body) == 0 {
		m.answer(q, 200, "OK")
		return
	}
	digit, known := readInfo(q.kind, q.body)
	switch {
	case !known:
		m.answer(q, 415, "Unsupported Media Type", gosip.NewHeader("Accept", "application/dtmf-relay, application/dtmf"))
	case digit == 0:
		m.answer(q, 400, "Bad Key")
	default:
		m.answer(q, 200, "OK")
		if m.state == confirmed {
			m.tell(Event{Kind: Digit, Digit: digit})
		}
	}
}

// moved tells where the far end's media is now, if that is news.
func (m *machine) moved(remote media.Remote, err error) {
	remote.Watch = true
	if err != nil || remote == m.talk.agreed {
		return
	}
	m.talk.agreed = remote
	m.tell(Event{Kind: Reoffered, Remote: remote})
}

// onAck ends the wait for the ACK of our 2xx; with a late offer it brings the
// answer.
func (m *machine) onAck(q *request) {
	if m.due.repeat.IsZero() || q.cseq != m.reoffer.cseq || m.state != confirmed {
		return
	}
	m.due.repeat = time.Time{}
	if !m.reoffer.late {
		return
	}
	remote, err := m.talk.answered(q.body)
	if err != nil {
		m.sessionDead(err)
		return
	}
	m.moved(remote, nil)
}

// repeatReoffer sends our 2xx again until its ACK comes; after 64*T1 the
// dialog ends.
func (m *machine) repeatReoffer() {
	if m.state != confirmed {
		return
	}
	if !m.now.Before(m.reoffer.until) {
		m.sessionDead(errNoAck)
		return
	}
	m.do(answer{ticket: m.reoffer.ticket, code: 200, again: true})
	m.reoffer.wait = min(2*m.reoffer.wait, t2)
	m.due.repeat = m.now.Add(m.reoffer.wait)
}
