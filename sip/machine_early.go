package sip

import (
	"fmt"

	gosip "github.com/emiago/sipgo/sip"

	"dozvon/media"
)

// early is an early dialog (RFC 3261 section 12.1): one branch of a forked
// INVITE before its answer. Each has its own acknowledgements and its own
// media; the media heard is that of the branch whose description came last,
// until one branch answers (RFC 3960 section 3.2 leaves the choice to us).
type early struct {
	d      *dialog
	rseq   uint32       // RSeq acknowledged last (RFC 3262); 0: none
	fixed  bool         // the answer to our offer came reliably: later ones don't count
	remote media.Remote // where its early media comes from; no address: none
	over   bool         // 199 ended it; what comes late does not count
	talk   *parley      // its own descriptions, once the far end offered anew in it; nil: the INVITE's
}

// earlyOf returns the early dialog of a tag; nil: there is none.
func (m *machine) earlyOf(tag string) *early {
	for _, e := range m.branches {
		if e.d.tag == tag {
			return e
		}
	}
	return nil
}

// openEarly returns the early dialog of a response, a new one if need be. One
// is kept only where it is of use: for acknowledgements or for media.
func (m *machine) openEarly(r *response) *early {
	e := m.earlyOf(r.tag)
	if e == nil && len(m.branches) < maxForks && (r.reliable() || len(r.sdp) > 0) {
		e = &early{d: newDialog(r, m.uri())}
		m.branches = append(m.branches, e)
	}
	return e
}

// reply answers an offer in an early dialog. Other branches may still answer
// the INVITE's offer, so this one gets descriptions of its own; keys are drawn
// from one source all the same, so that none is used twice.
func (m *machine) reply(e *early, body []byte) (string, media.Remote, error) {
	if e.talk == nil {
		own := m.talk
		e.talk = &own
	}
	e.talk.vault.made, e.talk.agreed = m.talk.vault.made, e.remote
	answer, remote, err := e.talk.reply(body)
	m.talk.vault.made = e.talk.vault.made
	return answer, remote, err
}

// onProvisional tells what a 1xx means. The same news is told once: far ends
// repeat 180 for as long as it rings.
func (m *machine) onProvisional(r *response) {
	e := m.openEarly(r)
	if e != nil && e.over {
		return
	}
	if r.reliable() && !m.prack(e, r) {
		return
	}
	switch {
	case r.code == 199:
		m.endEarly(e)
	case r.code == 180 || r.code == 183 || r.code > 100 && len(r.sdp) > 0:
		m.rings(e, r)
	case !m.trying && !m.rang:
		m.trying = true
		m.tell(Event{Kind: Trying, Code: r.code})
	}
}

// prack sends the PRACK of a reliable 1xx and reports whether the 1xx
// counts: one that was repeated does not, nor one that came before its
// predecessor, which the far end will send again (RFC 3262 section 4).
func (m *machine) prack(e *early, r *response) bool {
	if e == nil || e.rseq != 0 && r.rseq != e.rseq+1 {
		return false
	}
	e.rseq = r.rseq
	if r.contact != nil {
		e.d.target = *r.contact
	}
	m.dispatch(pending{method: gosip.PRACK, d: e.d,
		headers: []gosip.Header{gosip.NewHeader("RAck", fmt.Sprintf("%d %d INVITE", r.rseq, r.cseq))}})
	return true
}

// rings tells that it rings, or where the early media comes from.
func (m *machine) rings(e *early, r *response) {
	first := !m.rang
	m.rang, m.trying = true, true
	if len(r.sdp) > 0 && e != nil {
		if e.fixed {
			return
		}
		if remote, err := m.talk.answered(r.sdp); err == nil {
			e.fixed = r.reliable()
			m.plays(e, remote, r.code)
			return
		}
	}
	if first {
		m.tell(Event{Kind: Ringing, Code: r.code})
	}
}

// onRung tells that it rang before a final response that overtook its 180
// inside this program.
func (m *machine) onRung(branch string) {
	if branch != m.branch || m.rang || m.state != calling && m.state != proceeding {
		return
	}
	m.rang, m.trying, m.provisional, m.heard = true, true, true, true
	m.set(proceeding)
	m.tell(Event{Kind: Ringing, Code: 180})
}

// plays makes an early dialog the one whose media counts, if its media is
// news.
func (m *machine) plays(e *early, remote media.Remote, code int) {
	if remote == e.remote {
		return
	}
	e.remote, m.playing = remote, e
	m.tell(Event{Kind: Early, Code: code, Remote: remote})
}

// endEarly ends an early dialog by 199 (RFC 6228): its branch was refused.
// The media of another branch counts from now on, if there is one.
func (m *machine) endEarly(e *early) {
	if e == nil {
		return
	}
	e.over = true
	if m.playing != e {
		return
	}
	m.playing = nil
	for _, o := range m.branches {
		if !o.over && o.remote.Addr.IsValid() {
			m.playing = o
		}
	}
	if m.playing != nil {
		m.tell(Event{Kind: Early, Code: 199, Remote: m.playing.remote})
	}
}

// demanded takes a 421: the far end insists on an extension. If it is one
// that we have, the INVITE goes out once more with it required.
func (m *machine) demanded(r *response) bool {
	if m.demand || m.rang || m.plan.reliable == ReliableOff || !hasOption(r.require, optReliable) || unknownOptions(r.require) != "" {
		return false
	}
	m.demand = true
	return true
}

// options puts the extensions that we offer or require into the INVITE.
func (m *machine) options(req *gosip.Request) {
	supported := optEnded + ", " + optNoSub
	switch {
	case m.plan.reliable == ReliableOff:
	case m.demand || m.plan.reliable == ReliableRequired:
		req.AppendHeader(gosip.NewHeader("Require", optReliable))
	default:
		supported = optReliable + ", " + supported
	}
	if m.timer.offer > 0 {
		supported = optTimer + ", " + supported
		m.timer.ask(req)
	}
	req.AppendHeader(gosip.NewHeader("Supported", supported))
}
