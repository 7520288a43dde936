package sip

import (
	gosip "github.com/emiago/sipgo/sip"

	"dozvon/media"
)

// onOffer handles a re-INVITE (RFC 3261 section 14.2) or an UPDATE (RFC 3311)
// of the far end: a new description, a wish for one, or a session refresh.
// Whatever is refused leaves the session as it was.
func (m *machine) onOffer(q *request) {
	if m.refuseOffer(q) {
		return
	}
	invite := q.method == "INVITE"
	body, remote, err := "", media.Remote{}, error(nil)
	e := m.earlyOf(q.fromTag)
	switch {
	case len(q.body) > 0 && m.state != confirmed:
		body, remote, err = m.reply(e, q.body)
	case len(q.body) > 0:
		body, remote, err = m.talk.reply(q.body)
	case invite:
		body = m.talk.anew()
	}
	if err != nil {
		m.answer(q, 488, "Not Acceptable Here")
		return
	}
	m.retarget(q, e)
	headers := []gosip.Header{&gosip.ContactHeader{Address: m.id.contactURI(m.transport)}, m.allow()}
	if m.state == confirmed {
		headers = append(headers, m.timer.reply(q)...)
		m.schedule()
	}
	m.do(answer{ticket: q.ticket, code: 200, reason: "OK", headers: headers, body: body})
	if invite {
		m.reoffer = reoffer{ticket: q.ticket, cseq: q.cseq, late: len(q.body) == 0, wait: t1, until: m.now.Add(t164)}
		m.due.repeat = m.now.Add(t1)
	}
	switch {
	case len(q.body) == 0:
	case m.state == confirmed:
		m.moved(remote, nil)
	case e != nil:
		m.plays(e, remote, 0)
	}
}

// refuseOffer answers an offer that can't be taken now, or at all.
func (m *machine) refuseOffer(q *request) bool {
	invite, offers := q.method == "INVITE", len(q.body) > 0
	switch {
	case m.state == ending:
		m.answer(q, 481, "Call/Transaction Does Not Exist")
	case m.state != confirmed && (invite || offers && !m.settledEarly(q)),
		(invite || offers) && (m.waits(gosip.INVITE) || m.awaitsAnswer()):
		m.answer(q, 491, "Request Pending") // an offer of our own is open (RFC 3311 section 5.2)
	case offers && q.kind != "application/sdp":
		m.answer(q, 415, "Unsupported Media Type", gosip.NewHeader("Accept", "application/sdp"))
	case m.state == confirmed && m.timer.tooShort(q):
		m.answer(q, 422, "Session Interval Too Small", gosip.NewHeader("Min-SE", "90"))
	default:
		return false
	}
	return true
}

// settledEarly reports whether our offer has its answer in the early dialog of
// a request, so that the far end may offer anew there.
func (m *machine) settledEarly(q *request) bool {
	e := m.earlyOf(q.fromTag)
	return m.state != cancelling && e != nil && e.fixed && !e.over
}

// awaitsAnswer reports whether an offer of ours, in a 2xx, waits for the ACK
// that answers it.
func (m *machine) awaitsAnswer() bool { return m.reoffer.late && !m.due.repeat.IsZero() }

// retarget takes the far end's new address (RFC 3261 section 12.2.2).
func (m *machine) retarget(q *request, e *early) {
	switch {
	case q.contact == nil:
	case m.dlg != nil:
		m.dlg.target = *q.contact
	case e != nil:
		e.d.target = *q.contact
	}
}

// anew returns a whole offer of ours in the place of the description in use,
// which may be narrowed or on hold (RFC 6337 section 5.2.5).
func (p *parley) anew() string {
	p.last = ""
	return p.offer()
}
