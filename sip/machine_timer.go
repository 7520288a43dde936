package sip

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	gosip "github.com/emiago/sipgo/sip"
)

// sessionTimer is the session timer of a call (RFC 4028): a call that nobody
// refreshes is one that a crash or a broken path has left over, and ends.
type sessionTimer struct {
	offer   int  // interval that we ask for, seconds; 0: none, and a far end's silence ends nothing
	least   int  // Min-SE that a 422 told us, seconds; 0: none
	raises  int  // times that a 422 was heeded
	seconds int  // agreed interval; 0: none
	ours    bool // we refresh
	update  bool // the far end takes UPDATE
}

// maxRaises bounds how often a 422 is heeded for one request.
const maxRaises = 2

// ask puts the wish for an interval into a request (sections 7.1 and 7.4).
func (t *sessionTimer) ask(req *gosip.Request) {
	value := strconv.Itoa(t.offer)
	if t.seconds > 0 {
		value = strconv.Itoa(t.seconds) + ";refresher=uas"
		if t.ours {
			value = strconv.Itoa(t.seconds) + ";refresher=uac"
		}
	}
	req.AppendHeader(gosip.NewHeader("Session-Expires", value))
	if t.least > 0 {
		req.AppendHeader(gosip.NewHeader("Min-SE", strconv.Itoa(t.least)))
	}
}

// raise takes a 422 and reports whether the request is worth repeating.
func (t *sessionTimer) raise(r *response) bool {
	interval := &t.offer
	if t.seconds > 0 {
		interval = &t.seconds
	}
	if *interval == 0 || r.minSE <= *interval || t.raises == maxRaises {
		return false
	}
	t.raises++
	t.least, *interval = r.minSE, r.minSE
	return true
}

// agree takes what a 2xx of the far end says (section 7.2). Without a word
// about it there is no timer; a refresh that we promised goes on all the same.
func (t *sessionTimer) agree(r *response) {
	t.update = t.update || r.updates
	t.raises = 0
	switch {
	case r.expires == 0:
		if !t.ours {
			t.seconds = 0
		}
	case r.refresher == "uas":
		t.seconds, t.ours = max(r.expires, minInterval), false
	default:
		t.seconds, t.ours = max(r.expires, minInterval), true
	}
}

// reply takes what a request of the far end says and returns what our 2xx
// says about it (section 9). Without a word about it there is no timer.
func (t *sessionTimer) reply(q *request) []gosip.Header {
	if t.offer == 0 || q.expires == 0 {
		if !t.ours {
			t.seconds = 0
		}
		return nil
	}
	t.seconds = max(q.expires, minInterval)
	switch {
	case q.refresher != "":
		t.ours = q.refresher == "uas"
	case !q.timers: // a proxy asks; the far end would not refresh
		t.ours = true
	}
	value := strconv.Itoa(t.seconds) + ";refresher=uac"
	if t.ours {
		return []gosip.Header{gosip.NewHeader("Session-Expires", strconv.Itoa(t.seconds)+";refresher=uas")}
	}
	if !q.timers {
		return []gosip.Header{gosip.NewHeader("Session-Expires", value)}
	}
	return []gosip.Header{gosip.NewHeader("Require", optTimer), gosip.NewHeader("Session-Expires", value)}
}

// tooShort reports whether a request asks for less than the least interval
// and must be refused by 422 (section 9). One whose sender does not know
// timers can't be: it would not understand.
func (t *sessionTimer) tooShort(q *request) bool {
	return t.offer > 0 && q.timers && q.expires > 0 && q.expires < minInterval
}

// schedule starts the interval anew: a refresh of ours at its half; the end
// of the call a third of it, at most 32 s, before it is over (section 10).
func (m *machine) schedule() {
	m.due.refresh, m.due.expire = time.Time{}, time.Time{}
	if m.timer.seconds == 0 {
		return
	}
	whole := time.Duration(m.timer.seconds) * time.Second
	if m.timer.ours {
		m.due.refresh = m.now.Add(whole / 2)
	}
	if m.timer.offer > 0 {
		m.due.expire = m.now.Add(whole - min(t164, whole/3))
	}
}

// refreshSession refreshes by UPDATE if the far end knows it, else by a
// re-INVITE with our unchanged description.
func (m *machine) refreshSession() {
	switch {
	case m.state != confirmed:
	case m.waits(gosip.INVITE) || m.waits(gosip.UPDATE):
	case m.awaitsAnswer(): // our own offer is open in the far end's re-INVITE
		m.due.refresh = m.now.Add(m.glare())
	case m.timer.update:
		m.request(m.dlg, gosip.UPDATE, "", "")
	default:
		m.request(m.dlg, gosip.INVITE, "application/sdp", m.talk.offer())
	}
}

// refreshed handles the final response to a refresh.
func (m *machine) refreshed(p pending, r *response) {
	if p.method == gosip.INVITE && r.code/100 == 2 {
		m.ack(p.d, r.cseq)
	}
	if m.state != confirmed {
		return
	}
	switch {
	case r.code/100 == 2:
		m.timer.agree(r)
		m.schedule()
		if len(r.sdp) > 0 {
			m.moved(m.talk.answered(r.sdp))
		}
	case r.code == 491:
		m.due.refresh = m.now.Add(m.glare())
	case r.code == 422 && m.timer.raise(r):
		m.refreshSession()
	case p.method == gosip.UPDATE && (r.code == 405 || r.code == 501):
		m.timer.update = false
		m.refreshSession()
	case r.code == 481 || r.code == 408:
		m.sessionDead(fmt.Errorf("a session refresh ended with %d: the far end has lost the call", r.code))
	default: // the old session stays; once more in good time before its end
		whole := time.Duration(m.timer.seconds) * time.Second
		m.due.refresh = m.now.Add(min(max(r.retryAfter, whole/8), whole/2))
	}
}

var errExpired = errors.New("the session was not refreshed in its time: the far end has lost the call")

// sessionExpired ends a call whose refresh did not come, or did not get
// through.
func (m *machine) sessionExpired() { m.sessionDead(errExpired) }

// glare is how long to wait before an offer that met the far end's own leaves
// again: the Call-ID is ours, so 2.1 to 4 s in steps of 10 ms (RFC 3261
// section 14.1).
func (m *machine) glare() time.Duration {
	return 2100*time.Millisecond + time.Duration(m.random(191))*10*time.Millisecond
}

// random returns a number from 0 to n-1. The machine is given its randomness
// once, as dice, and is pure from then on.
func (m *machine) random(n uint64) uint64 {
	m.dice += 0x9e3779b97f4a7c15 // splitmix64
	z := m.dice
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return (z ^ z>>31) % n
}
