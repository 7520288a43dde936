package sip

import (
	"strings"
	"time"

	gosip "github.com/emiago/sipgo/sip"
)

// refused is an answer that refuses a request.
type refused struct {
	code    int
	reason  string
	headers []gosip.Header
}

func bad(why string) refused { return refused{code: 400, reason: why} }

// order is a request of a stranger after inspection.
type order struct {
	*envelope
	method string
	uri    string
	seq    uint32
	via    via
	from   address
	to     address
	callID string
}

// inspect checks a request that belongs to no dialog of ours in the order of
// RFC 3261 section 8.2, so that what RFC 4475 calls invalid is answered as it
// says. ok is false if it must be refused.
func inspect(e *envelope) (o order, no refused, ok bool) {
	o.envelope = e
	for _, check := range []func(*order) (refused, bool){
		(*order).line, (*order).singles, (*order).path, (*order).parties, (*order).sizes,
		(*order).target, (*order).numbers, (*order).contacts, (*order).extensions, (*order).content,
	} {
		if no, ok = check(&o); !ok {
			return o, no, false
		}
	}
	return o, no, true
}

// line reads the request line: method SP Request-URI SP SIP/2.0 (section 7.1).
func (o *order) line() (refused, bool) {
	words := strings.Split(o.start, " ")
	if len(words) != 3 || !isToken(words[0], 128) || strings.ContainsAny(o.start, "\t") {
		return bad("Malformed Request-Line"), false
	}
	o.method, o.uri = words[0], words[1]
	version, isSIP := strings.CutPrefix(strings.ToUpper(words[2]), "SIP/")
	major, minor, dotted := strings.Cut(version, ".")
	_, first := readNumber(major, 1<<31)
	_, second := readNumber(minor, 1<<31)
	if !isSIP || !dotted || !first || !second {
		return bad("Malformed Request-Line"), false
	}
	if version != "2.0" {
		return refused{code: 505, reason: "Version Not Supported"}, false
	}
	return refused{}, true
}

// singles checks that headers which must be there are, once each.
func (o *order) singles() (refused, bool) {
	if !o.ended {
		return bad("Header Does Not End"), false
	}
	for _, name := range []string{"from", "to", "call-id", "cseq"} {
		if v, n := o.get(name); n != 1 || v == "" {
			return bad("Missing Or Repeated " + name), false
		}
	}
	for _, name := range []string{"max-forwards", "content-length", "content-type", "expires", "date"} {
		if _, n := o.get(name); n > 1 {
			return bad("Repeated " + name), false
		}
	}
	return refused{}, true
}

// path checks Via.
func (o *order) path() (refused, bool) {
	all := o.list("via")
	if len(all) == 0 {
		return bad("Missing Via"), false
	}
	for i, one := range all {
		v, ok := readVia(one)
		if !ok {
			return bad("Malformed Via"), false
		}
		if i == 0 {
			o.via = v
		}
	}
	return refused{}, true
}

// parties checks From, To and Call-ID.
func (o *order) parties() (refused, bool) {
	from, _ := o.get("from")
	to, _ := o.get("to")
	var fine bool
	if o.from, fine = readAddress(from); !fine {
		return bad("Malformed From"), false
	}
	if o.to, fine = readAddress(to); !fine {
		return bad("Malformed To"), false
	}
	if o.callID, _ = o.get("call-id"); !isWord(o.callID) {
		return bad("Malformed Call-ID"), false
	}
	return refused{}, true
}

// sizes checks CSeq, and Content-Length against what came (sections 18.3 and
// 20.14). What stands behind the body is dropped.
func (o *order) sizes() (refused, bool) {
	v, _ := o.get("cseq")
	seq, method, ok := readCSeq(v)
	if !ok || method != o.method {
		return bad("Malformed CSeq"), false
	}
	o.seq = seq
	v, n := o.get("content-length")
	if n == 0 {
		return refused{}, true
	}
	length, ok := readNumber(v, uint64(len(o.body)))
	if !ok {
		return bad("Wrong Content-Length"), false
	}
	o.body = o.body[:length]
	return refused{}, true
}

// target checks the Request-URI (section 8.2.2.1).
func (o *order) target() (refused, bool) {
	if !anyURI(o.uri) {
		return bad("Malformed Request-URI"), false
	}
	if s := uriScheme(o.uri); s != "sip" && s != "sips" {
		return refused{code: 416, reason: "Unsupported URI Scheme"}, false
	}
	// A question mark may stand in the user part; after it, it begins headers,
	// which have no place here (section 19.1.1).
	if strings.ContainsRune(o.uri[strings.LastIndexByte(o.uri, '@')+1:], '?') {
		return bad("Headers In Request-URI"), false
	}
	return refused{}, true
}

// plainURI reads a SIP URI without judging whether we would use it.
func plainURI(s string) (gosip.Uri, error) {
	var u gosip.Uri
	err := gosip.ParseUri(s, &u)
	return u, err
}

// numbers checks the scalar headers.
func (o *order) numbers() (refused, bool) {
	if v, n := o.get("max-forwards"); n > 0 {
		if _, ok := readNumber(v, 255); !ok {
			return bad("Malformed Max-Forwards"), false
		}
	}
	if v, n := o.get("expires"); n > 0 {
		if _, ok := readNumber(v, 1<<32-1); !ok {
			return bad("Malformed Expires"), false
		}
	}
	if v, n := o.get("date"); n > 0 {
		// Section 20.17: always GMT.
		if _, err := time.Parse("Mon, 02 Jan 2006 15:04:05 GMT", v); err != nil {
			return bad("Malformed Date"), false
		}
	}
	return refused{}, true
}

// contacts checks the form of Contact.
func (o *order) contacts() (refused, bool) {
	for _, one := range o.list("contact") {
		if one == "*" {
			continue
		}
		a, ok := readAddress(one)
		if !ok {
			return bad("Malformed Contact"), false
		}
		if v, has := a.param("expires"); has {
			if _, ok := readNumber(v, 1<<32-1); !ok {
				return bad("Malformed Contact Expires"), false
			}
		}
	}
	return refused{}, true
}

// served reports whether a method is one that we know (section 8.2.1).
func served(method string) bool {
	switch method {
	case "INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "INFO", "UPDATE", "PRACK", "REGISTER",
		"REFER", "NOTIFY", "SUBSCRIBE", "MESSAGE", "PUBLISH":
		return true
	}
	return false
}

// extensions refuses methods that nobody knows and extensions that we don't
// have (section 8.2.2.3).
func (o *order) extensions() (refused, bool) {
	if !served(o.method) {
		return refused{501, "Not Implemented", []gosip.Header{gosip.NewHeader("Allow", allow)}}, false
	}
	if o.method == "CANCEL" || o.method == "ACK" {
		return refused{}, true
	}
	var unknown []string
	for _, tag := range o.list("require") {
		if isToken(tag, 64) && len(unknown) < 16 {
			unknown = append(unknown, tag)
		}
	}
	if _, n := o.get("require"); n > 0 {
		no := refused{code: 420, reason: "Bad Extension"}
		if len(unknown) > 0 {
			no.headers = []gosip.Header{gosip.NewHeader("Unsupported", strings.Join(unknown, ", "))}
		}
		return no, false
	}
	return refused{}, true
}

// content refuses bodies of an INVITE that nobody here could read (section
// 8.2.3), and what only takes answers that we can't give (section 21.4.7).
func (o *order) content() (refused, bool) {
	if o.method != "INVITE" {
		return refused{}, true
	}
	kind, has := o.get("content-type")
	coding, coded := o.get("content-encoding")
	if len(o.body) > 0 && has > 0 && !takes([]string{kind}, "application", "sdp") && !takes([]string{kind}, "multipart", "mixed") ||
		coded > 0 && !strings.EqualFold(coding, "identity") {
		return refused{415, "Unsupported Media Type", []gosip.Header{
			gosip.NewHeader("Accept", "application/sdp"), gosip.NewHeader("Accept-Encoding", "identity")}}, false
	}
	if accept := o.list("accept"); len(accept) > 0 && !takes(accept, "application", "sdp") {
		return refused{code: 406, reason: "Not Acceptable"}, false
	}
	return refused{}, true
}

// takes reports whether a list of media ranges holds main/sub.
func takes(ranges []string, main, sub string) bool {
	for _, r := range ranges {
		kind, _, _ := strings.Cut(r, ";")
		m, s, _ := strings.Cut(strings.ToLower(strings.Trim(kind, " \t")), "/")
		m, s = strings.TrimSpace(m), strings.TrimSpace(s)
		if (m == main || m == "*") && (s == sub || s == "*") {
			return true
		}
	}
	return false
}
