package sip

import (
	"strconv"
	"strings"
	"time"

	gosip "github.com/emiago/sipgo/sip"
)

// response is what the machine needs of a SIP response, checked and cleaned.
type response struct {
	code       int
	reason     string
	method     string // of the CSeq
	cseq       uint32
	tag        string // To tag
	branch     string // of our Via
	contact    *gosip.Uri
	routes     []gosip.Uri // Record-Route, in the order of the message
	sdp        []byte
	challenges []challenge
	q850       int    // from Reason, 0 if none
	said       string // text of Reason, cleaned
	expires    int    // Session-Expires in seconds, 0 if none
	refresher  string // uac, uas or ""
	minSE      int    // Min-SE in seconds, 0 if none
	updates    bool   // Allow names UPDATE
	rseq       uint32 // RSeq, 0 if none
	require    string // as it came
	retryAfter time.Duration
	unrefer    bool      // Refer-Sub: false
	contacts   []contact // of a 3xx, in the order of the message
}

// reliable reports whether the response must be acknowledged by PRACK (RFC
// 3262 section 4).
func (r *response) reliable() bool {
	return r.rseq != 0 && r.code > 100 && r.code < 200 && r.tag != "" && hasOption(r.require, optReliable)
}

// final reports whether the response ends its transaction.
func (r *response) final() bool { return r.code >= 200 }

// request is what the machine needs of a request of the far end.
type request struct {
	ticket  int // by which the shell knows the transaction to answer
	method  string
	cseq    uint32
	fromTag string
	contact *gosip.Uri
	kind    string // Content-Type without parameters, lower case
	body    []byte
	require string // as it came
	q850    int
	said    string

	expires   int    // Session-Expires in seconds, 0 if none
	refresher string // uac, uas or ""
	timers    bool   // Supported names timer
	event     string // Event, package and parameters
	state     subscription
	stated    bool // there is a Subscription-State
	refers    int  // Refer-To headers
	referTo   gosip.Uri
	unrefer   bool // Refer-Sub: false
}

// Limits on what is taken from one message.
const (
	maxRoutes     = 16
	maxChallenges = 8
)

// readResponse takes what the machine needs of a response. It reports false
// for a response that no dialog can use: without CSeq, Via, To or with a
// status outside 100-699.
func readResponse(m *gosip.Response) (response, bool) {
	cseq, via, to := m.CSeq(), m.Via(), m.To()
	if cseq == nil || via == nil || to == nil || m.StatusCode < 100 || m.StatusCode > 699 {
		return response{}, false
	}
	tag, _ := to.Params.Get("tag")
	branch, _ := via.Params.Get("branch")
	r := response{
		code:   m.StatusCode,
		reason: cleanText(m.Reason, 64),
		method: strings.TrimSpace(string(cseq.MethodName)),
		cseq:   cseq.SeqNo,
		tag:    cleanTag(tag),
		branch: branch,
	}
	if c := m.Contact(); c != nil && safeURI(&c.Address) {
		r.contact = &c.Address
	}
	if isSDP(m.ContentType()) {
		r.sdp = m.Body()
	}
	for _, h := range m.Headers() {
		r.header(h)
	}
	return r, true
}

// header reads the headers that sipgo has no field for.
func (r *response) header(h gosip.Header) {
	switch name := h.Name(); {
	case strings.EqualFold(name, "Record-Route"):
		if rr, ok := h.(*gosip.RecordRouteHeader); ok && len(r.routes) < maxRoutes && safeURI(&rr.Address) {
			r.routes = append(r.routes, rr.Address)
		}
	case strings.EqualFold(name, "WWW-Authenticate"), strings.EqualFold(name, "Proxy-Authenticate"):
		c, ok := parseChallenge(h.Value(), strings.EqualFold(name, "Proxy-Authenticate"))
		if ok && len(r.challenges) < maxChallenges {
			r.challenges = append(r.challenges, c)
		}
	case strings.EqualFold(name, "Reason"):
		if cause, said, ok := parseReason(h.Value()); ok {
			r.q850, r.said = cause, said
		}
	case strings.EqualFold(name, "Session-Expires"), strings.EqualFold(name, "x"):
		r.expires, r.refresher = parseInterval(h.Value())
	case strings.EqualFold(name, "Min-SE"):
		r.minSE, _ = parseInterval(h.Value())
	case strings.EqualFold(name, "Allow"):
		r.updates = r.updates || hasOption(h.Value(), "UPDATE")
	case strings.EqualFold(name, "RSeq"):
		r.rseq = parseRSeq(h.Value())
	case strings.EqualFold(name, "Require"):
		r.require = joined(r.require, h.Value())
	case strings.EqualFold(name, "Refer-Sub"):
		r.unrefer = isFalse(h.Value())
	case strings.EqualFold(name, "Retry-After"):
		r.retryAfter = parseRetry(h.Value())
	case r.code/100 == 3 && strings.EqualFold(name, "Contact"):
		if c, ok := h.(*gosip.ContactHeader); ok && len(r.contacts) < maxContacts {
			if one, ok := readContact(c); ok {
				r.contacts = append(r.contacts, one)
			}
		}
	}
}

// readRequest takes what the machine needs of a request. It reports false for
// a request that lacks what every request must have (RFC 3261 section 8.1.1).
func readRequest(m *gosip.Request) (request, bool) {
	cseq, from := m.CSeq(), m.From()
	if cseq == nil || from == nil || m.To() == nil || m.CallID() == nil || strings.TrimSpace(string(cseq.MethodName)) != string(m.Method) {
		return request{}, false
	}
	tag, _ := from.Params.Get("tag")
	q := request{method: string(m.Method), cseq: cseq.SeqNo, fromTag: tag, body: m.Body(), kind: mediaType(m.ContentType())}
	if c := m.Contact(); c != nil && safeURI(&c.Address) {
		q.contact = &c.Address
	}
	for _, h := range m.Headers() {
		q.header(h)
	}
	return q, true
}

// header reads the headers that sipgo has no field for, in their long and
// short forms.
func (q *request) header(h gosip.Header) {
	switch name := h.Name(); {
	case strings.EqualFold(name, "Require"):
		q.require = joined(q.require, h.Value())
	case strings.EqualFold(name, "Reason"):
		if cause, said, ok := parseReason(h.Value()); ok {
			q.q850, q.said = cause, said
		}
	case strings.EqualFold(name, "Session-Expires"), strings.EqualFold(name, "x"):
		q.expires, q.refresher = parseInterval(h.Value())
	case strings.EqualFold(name, "Supported"), strings.EqualFold(name, "k"):
		q.timers = q.timers || hasOption(h.Value(), optTimer)
	case strings.EqualFold(name, "Event"), strings.EqualFold(name, "o"):
		q.event = cleanText(h.Value(), 128)
	case strings.EqualFold(name, "Subscription-State"):
		q.state, q.stated = parseSubscription(h.Value()), true
	case strings.EqualFold(name, "Refer-To"), strings.EqualFold(name, "r"):
		q.referTo = readReferTo(h)
		q.refers++
	case strings.EqualFold(name, "Refer-Sub"):
		q.unrefer = isFalse(h.Value())
	}
}

// isFalse reads Refer-Sub (RFC 4488 section 4).
func isFalse(value string) bool {
	value, _, _ = strings.Cut(value, ";")
	return strings.EqualFold(strings.TrimSpace(value), "false")
}

// readReferTo returns the URI of a Refer-To header; one without a host if it
// can't be used.
func readReferTo(h gosip.Header) gosip.Uri {
	var u gosip.Uri
	if r, ok := h.(*gosip.ReferToHeader); ok {
		u = r.Address
	} else if one := splitList(cleanValue(h.Value())); len(one) > 1 {
		return gosip.Uri{}
	} else if _, err := gosip.ParseAddressValue(one[0], &u, nil); err != nil {
		return gosip.Uri{}
	}
	if !safeURI(&u) {
		return gosip.Uri{Scheme: u.Scheme}
	}
	return u
}

// joined puts the values of repeated headers together (RFC 3261 section 7.3),
// bounded.
func joined(a, b string) string {
	if len(a)+len(b) > 1024 {
		return a + ",?"
	}
	if a == "" {
		return b
	}
	return a + "," + b
}

func mediaType(h *gosip.ContentTypeHeader) string {
	if h == nil {
		return ""
	}
	t, _, _ := strings.Cut(h.Value(), ";")
	return strings.ToLower(strings.TrimSpace(t))
}

func isSDP(h *gosip.ContentTypeHeader) bool { return mediaType(h) == "application/sdp" }

// parseReason reads the Q.850 cause of a Reason header (RFC 3326), which may
// list several protocols.
func parseReason(value string) (cause int, said string, ok bool) {
	if len(value) > 1024 {
		return 0, "", false
	}
	for _, one := range splitList(value) {
		protocol, params, _ := strings.Cut(one, ";")
		if !strings.EqualFold(strings.TrimSpace(protocol), "Q.850") {
			continue
		}
		for _, p := range strings.Split(params, ";") {
			key, val, _ := strings.Cut(p, "=")
			switch strings.ToLower(strings.TrimSpace(key)) {
			case "cause":
				n, err := strconv.Atoi(strings.TrimSpace(val))
				if err == nil && n >= 1 && n <= 127 {
					cause, ok = n, true
				}
			case "text":
				said = cleanText(strings.Trim(strings.TrimSpace(val), `"`), 64)
			}
		}
		if ok {
			return cause, said, true
		}
	}
	return 0, "", false
}

// splitList splits at commas outside quotes.
func splitList(s string) []string {
	var out []string
	start, in := 0, false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
			in = !in
		case s[i] == ',' && !in:
			out = append(out, s[start:i])
			start = i + 1
		}
	}
	return append(out, s[start:])
}
