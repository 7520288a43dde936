package sip

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	gosip "github.com/emiago/sipgo/sip"
)

// refers is REFER (RFC 3515) in both directions of one call, at most one
// under way in each.
type refers struct {
	asked bool // ours was sent and its subscription may still bring news
	over  bool // how ours ended was told; what still comes is taken in silence
	code  int  // the last news of ours

	open  bool       // the far end's was taken: it hears how it goes
	event string     // Event of our NOTIFYs
	taken int        // the far end's so far
	until time.Time  // the end of its subscription
	queue []progress // NOTIFYs that wait for their turn
}

// Times of a transfer. The RFCs give none but the transaction's own.
const (
	newsWait   = t164            // for the first NOTIFY after a 202
	newsLimit  = 5 * time.Minute // at most between two NOTIFYs
	notifyTime = 3 * time.Minute // of the subscription that a far end's REFER makes
)

// onTransfer asks the far end to call somebody else in our place.
func (m *machine) onTransfer(target string) {
	if m.told {
		return
	}
	uri, err := m.transferURI(target)
	switch {
	case m.state != confirmed:
		err = errors.New("the call is not answered")
	case m.refers.asked && !m.refers.over:
		err = errors.New("another transfer is under way")
	}
	if err != nil {
		m.tell(Event{Kind: Transfer, Final: true, Err: fmt.Errorf("transfer through %s: %w", m.plan.route, err)})
		return
	}
	m.refers.asked, m.refers.over, m.refers.code = true, false, 0
	m.due.refer = m.now.Add(t164 + newsWait)
	m.dispatch(pending{method: gosip.REFER, d: m.dlg, headers: []gosip.Header{
		gosip.NewHeader("Refer-To", "<"+uri.String()+">"),
		gosip.NewHeader("Referred-By", "<"+m.id.from.String()+">"),
		gosip.NewHeader("Supported", optNoSub),
	}})
}

// transferURI makes a URI of a target: a SIP URI, or a number at the far
// end's own host.
func (m *machine) transferURI(target string) (gosip.Uri, error) {
	if isURI(strings.TrimSpace(target)) {
		u, err := parseURI(target)
		return requestURI(u), err
	}
	u := gosip.Uri{Scheme: m.plan.uri.Scheme, User: cleanUser(rewrite(m.plan.rewrite, target)), Host: m.plan.uri.Host, Port: m.plan.uri.Port}
	if u.User == "" {
		return u, errors.New("there is no number to transfer to")
	}
	return u, nil
}

// onReferred handles the final response to our REFER. 2xx: the far end tries,
// and NOTIFYs tell how it goes, unless it says that none will come (RFC 4488).
func (m *machine) onReferred(r *response) {
	switch {
	case !m.refers.asked || m.refers.over:
	case r.code/100 == 2 && !r.unrefer:
		if m.refers.code == 0 { // no NOTIFY has overtaken it
			m.due.refer = m.now.Add(newsWait)
		}
	default:
		m.transferred(r.code, true)
		m.refers.asked, m.due.refer = false, time.Time{}
	}
}

// transferred tells news of our transfer.
func (m *machine) transferred(code int, final bool) {
	m.refers.code, m.refers.over = code, final
	m.tell(Event{Kind: Transfer, Code: code, Final: final})
}

// transferSilent: no more news came.
func (m *machine) transferSilent() {
	if m.refers.asked && !m.refers.over {
		m.transferred(408, true)
	}
	m.refers.asked = false
}

// onNotify takes news of our transfer (RFC 3515 section 2.4.4); there is no
// other subscription of ours.
func (m *machine) onNotify(q *request) {
	pkg, _, _ := strings.Cut(q.event, ";")
	switch {
	case m.state != confirmed || !m.refers.asked:
		m.answer(q, 481, "Subscription Does Not Exist")
		return
	case !strings.EqualFold(strings.TrimSpace(pkg), "refer"):
		m.answer(q, 489, "Bad Event", gosip.NewHeader("Allow-Events", "refer"))
		return
	case len(q.body) > 0 && q.kind != "message/sipfrag":
		m.answer(q, 415, "Unsupported Media Type", gosip.NewHeader("Accept", "message/sipfrag"))
		return
	}
	m.answer(q, 200, "OK")
	code := parseFragment(q.body)
	if code == 0 {
		code = m.refers.code
	}
	if !m.refers.over {
		m.transferred(code, code >= 200 || q.state.over)
	}
	switch {
	case q.state.over:
		m.refers.asked, m.due.refer = false, time.Time{}
	case m.refers.over: // its end is only a formality now
		m.due.refer = m.now.Add(newsWait)
	default:
		wait := newsLimit
		if q.state.expires > 0 {
			wait = min(max(q.state.expires, newsWait), newsLimit)
		}
		m.due.refer = m.now.Add(wait)
	}
}

// onRefer handles the far end's wish to be transferred. It is taken only if
// the call allows it, and nothing is called here: the user hears of it.
func (m *machine) onRefer(q *request) {
	u := q.referTo
	switch {
	case !m.plan.refer || m.state != confirmed:
		m.answer(q, 603, "Transfers Are Not Taken")
	case q.refers != 1 || u.Scheme == "":
		m.answer(q, 400, "One Refer-To Is Needed")
	case u.Scheme != "sip" && u.Scheme != "sips":
		m.answer(q, 416, "Unsupported URI Scheme")
	case u.Host == "" || u.User == "":
		m.answer(q, 400, "Bad Refer-To")
	case len(u.Headers) > 0 || u.UriParams.Has("method"):
		m.answer(q, 603, "Only Plain Transfers Are Taken") // Replaces: attended transfer
	case m.refers.open:
		m.answer(q, 491, "Request Pending")
	default:
		m.takeRefer(q)
	}
}

func (m *machine) takeRefer(q *request) {
	u := requestURI(q.referTo)
	headers := []gosip.Header{&gosip.ContactHeader{Address: m.id.contactURI(m.transport)}}
	if q.unrefer {
		headers = append(headers, gosip.NewHeader("Refer-Sub", "false"))
	}
	m.answer(q, 202, "Accepted", headers...)
	m.refers.taken++
	if !q.unrefer {
		m.refers.event = "refer"
		if m.refers.taken > 1 { // RFC 3515 section 2.4.6
			m.refers.event += ";id=" + strconv.FormatUint(uint64(q.cseq), 10)
		}
		m.refers.open, m.refers.until = true, m.now.Add(notifyTime)
		m.due.notify = m.refers.until
		m.onProgress(100, false)
	}
	m.tell(Event{Kind: Referred, Target: u.String()})
}

// onProgress tells the far end how its transfer goes, one NOTIFY at a time so
// that they keep their order.
func (m *machine) onProgress(code int, final bool) {
	if m.state != confirmed || !m.refers.open || code < 100 || code > 699 {
		return
	}
	if m.refers.open = !final; final {
		m.due.notify = time.Time{}
	}
	m.refers.queue = append(m.refers.queue, progress{code: code, final: final})
	if !m.waits(gosip.NOTIFY) {
		m.nextProgress()
	}
}

func (m *machine) nextProgress() {
	if m.state != confirmed || len(m.refers.queue) == 0 {
		return
	}
	p := m.refers.queue[0]
	m.refers.queue = m.refers.queue[1:]
	state := "terminated;reason=noresource"
	if !p.final {
		left := max(m.refers.until.Sub(m.now)/time.Second, 1)
		state = "active;expires=" + strconv.Itoa(int(left))
	}
	m.dispatch(pending{method: gosip.NOTIFY, d: m.dlg, kind: "message/sipfrag;version=2.0", body: fragment(p.code),
		headers: []gosip.Header{gosip.NewHeader("Event", m.refers.event), gosip.NewHeader("Subscription-State", state)}})
}

// onNotified handles the final response to a NOTIFY of ours; 481 ends the
// subscription (RFC 6665 section 4.2.2).
func (m *machine) onNotified(r *response) {
	if r.code == 481 {
		m.refers.open, m.refers.queue, m.due.notify = false, nil, time.Time{}
	}
	m.nextProgress()
}

// fragment is the body of a NOTIFY about a transfer: a status line.
func fragment(code int) string {
	word, ok := map[int]string{100: "Trying", 180: "Ringing", 183: "Session Progress", 200: "OK", 403: "Forbidden", 404: "Not Found",
		408: "Request Timeout", 480: "Temporarily Unavailable", 486: "Busy Here", 487: "Request Terminated",
		503: "Service Unavailable", 603: "Decline"}[code]
	if !ok {
		word = "Result"
	}
	return fmt.Sprintf("SIP/2.0 %d %s\r\n", code, word)
}
