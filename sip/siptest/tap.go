package siptest

import (
	"bytes"
	"strconv"
	"strings"

	sipgo "github.com/emiago/sipgo/sip"
)

// tap notes what comes on the wire, before any transaction absorbs a
// retransmission. It sees datagrams only: on TCP there are no
// retransmissions, and the transactions' users note what comes.
func (s *Server) tap(props sipgo.TransportReadProps, data []byte) ([]byte, error) {
	if props.Transport == "UDP" {
		if e, ok := glance(data); ok {
			s.desk.note(e)
		}
	}
	return data, nil
}

// glance reads of a SIP request what the journal wants to know. It is no
// parser: a message it does not understand is left to the parser's judgement.
func glance(data []byte) (Entry, bool) {
	line, rest, ok := bytes.Cut(data, []byte("\n"))
	if !ok {
		return Entry{}, false
	}
	method, uri, ok := strings.Cut(string(line), " ")
	if !ok {
		return Entry{}, false
	}
	what, ok := tapped[method]
	if !ok {
		return Entry{}, false
	}
	e := Entry{What: what, Number: userOf(uri)}
	inDialog := e.readHeaders(rest)
	if method == "INVITE" && inDialog {
		return Entry{}, false // a re-INVITE is noted by its call
	}
	return e, e.Call != ""
}

var tapped = map[string]What{"INVITE": Invited, "ACK": Acked, "CANCEL": Cancelled, "BYE": ByeCame}

// readHeaders fills e from the header fields and says whether To has a tag.
func (e *Entry) readHeaders(rest []byte) (inDialog bool) {
	for len(rest) > 0 {
		var line []byte
		line, rest, _ = bytes.Cut(rest, []byte("\n"))
		line = bytes.TrimRight(line, "\r")
		if len(line) == 0 {
			break
		}
		name, value, ok := strings.Cut(string(line), ":")
		if !ok {
			continue
		}
		value = strings.TrimSpace(value)
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "call-id", "i":
			e.Call = value
		case "cseq":
			seq, _, _ := strings.Cut(value, " ")
			n, _ := strconv.ParseUint(seq, 10, 32)
			e.CSeq = uint32(n)
		case "via", "v":
			if e.Branch == "" {
				e.Branch = param(value, "branch")
			}
		case "from", "f":
			e.From = userOf(value)
		case "to", "t":
			_, params, _ := strings.Cut(value, ">")
			inDialog = param(params, "tag") != ""
		}
	}
	return inDialog
}

// userOf returns the user part of the SIP URI that stands in s, or "".
func userOf(s string) string {
	_, s, ok := strings.Cut(s, "sip:")
	if !ok {
		return ""
	}
	if i := strings.IndexAny(s, "@>;? "); i >= 0 && s[i] == '@' {
		return s[:i]
	}
	return ""
}

// param returns the value of a header parameter, or "".
func param(s, name string) string {
	for part := range strings.SplitSeq(s, ";") {
		k, v, ok := strings.Cut(part, "=")
		if ok && strings.EqualFold(strings.TrimSpace(k), name) {
			v, _, _ = strings.Cut(v, ",")
			return strings.TrimSpace(v)
		}
	}
	return ""
}
