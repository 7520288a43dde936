package sip

import (
	"bytes"
	"strings"
)

// envelope is a SIP message cut into its lines and nothing more: what a
// stranger sends is judged here, before the SIP library spends time and
// memory on it. Values are as they came, unfolded (RFC 3261 section 7.3.1).
type envelope struct {
	start  string
	fields []field
	body   []byte
	ended  bool // an empty line stands after the header
}

// field is one header line; name is in lower case and never the compact form.
type field struct{ name, value string }

// Limits on one message of a stranger. RFC 4475's longest request has 3.5 KB.
const (
	maxHead   = 16 << 10
	maxFields = 256
)

// compact are the short names of header fields (RFC 3261 section 7.3.3 and
// the registry of header fields).
var compact = map[string]string{
	"b": "referred-by", "c": "content-type", "e": "content-encoding", "f": "from", "i": "call-id",
	"k": "supported", "l": "content-length", "m": "contact", "o": "event", "r": "refer-to",
	"s": "subject", "t": "to", "u": "allow-events", "v": "via", "x": "session-expires",
}

// cut cuts a message. It reports false for what can't be a SIP message at
// all: no start line, lines that are no header, or too much of them.
func cut(b []byte) (envelope, bool) {
	b = bytes.TrimLeft(b, "\r\n")
	head, body, ended := cutHead(b)
	if len(head) > maxHead {
		return envelope{}, false
	}
	lines := strings.Split(string(head), "\n")
	e := envelope{start: strings.TrimSuffix(lines[0], "\r"), body: body, ended: ended}
	if e.start == "" || strings.ContainsRune(e.start, '\r') || len(lines) > 2*maxFields {
		return envelope{}, false
	}
	for _, line := range lines[1:] {
		line = strings.TrimSuffix(line, "\r")
		if line == "" {
			continue
		}
		if strings.ContainsRune(line, '\r') || !e.add(line) {
			return envelope{}, false
		}
	}
	return e, true
}

// cutHead splits at the empty line.
func cutHead(b []byte) (head, body []byte, ended bool) {
	if i := bytes.Index(b, []byte("\r\n\r\n")); i >= 0 {
		return b[:i], b[i+4:], true
	}
	if i := bytes.Index(b, []byte("\n\n")); i >= 0 {
		return b[:i], b[i+2:], true
	}
	return b, nil, false
}

// add takes one line: a header, or the continuation of the one before.
func (e *envelope) add(line string) bool {
	if line[0] == ' ' || line[0] == '\t' {
		if len(e.fields) == 0 {
			return false
		}
		last := &e.fields[len(e.fields)-1]
		last.value = strings.TrimSpace(last.value + " " + strings.Trim(line, " \t"))
		return true
	}
	name, value, ok := strings.Cut(line, ":")
	name = strings.ToLower(strings.TrimRight(name, " \t"))
	if !ok || !isToken(name, 128) || len(e.fields) == maxFields {
		return false
	}
	if long, short := compact[name]; short {
		name = long
	}
	e.fields = append(e.fields, field{name, strings.Trim(value, " \t")})
	return true
}

// get returns the first value of a header and how many lines it has.
func (e *envelope) get(name string) (value string, n int) {
	for i := range e.fields {
		if e.fields[i].name == name {
			if n++; n == 1 {
				value = e.fields[i].value
			}
		}
	}
	return value, n
}

// list returns the elements of a header that may be written as several lines
// or with commas.
func (e *envelope) list(name string) []string {
	var out []string
	for i := range e.fields {
		if e.fields[i].name == name {
			for _, one := range splitOutside(e.fields[i].value, ',') {
				out = append(out, strings.Trim(one, " \t"))
			}
		}
	}
	return out
}

// isResponse tells a response from a request by the start line.
func (e *envelope) isResponse() bool {
	return len(e.start) >= 4 && strings.EqualFold(e.start[:4], "SIP/")
}

// splitOutside splits at sep where it stands neither in quotes nor between
// angle brackets.
func splitOutside(s string, sep byte) []string {
	var out []string
	start, quoted, angle := 0, false, false
	for i := 0; i < len(s); i++ {
		switch {
		case quoted && s[i] == '\\':
			i++
		case s[i] == '"' && !angle:
			quoted = !quoted
		case quoted:
		case s[i] == '<':
			angle = true
		case s[i] == '>':
			angle = false
		case s[i] == sep && !angle:
			out = append(out, s[start:i])
			start = i + 1
		}
	}
	return append(out, s[start:])
}

// findCallID finds the Call-ID in a datagram without cutting it: most of what
// comes belongs to a call that is up and needs no more than this.
func findCallID(b []byte) string {
	for {
		i := bytes.IndexByte(b, '\n')
		if i < 0 || i+1 >= len(b) {
			return ""
		}
		b = b[i+1:]
		switch b[0] {
		case '\r', '\n':
			return ""
		case 'C', 'c', 'I', 'i':
			if v, ok := callIDOf(b); ok {
				return v
			}
		}
	}
}

// findBranch finds the branch of a response's topmost Via, which is ours,
// without cutting the message.
func findBranch(b []byte) string {
	_, v, _ := bytes.Cut(b, []byte("branch="))
	if end := bytes.IndexAny(v, ";, \t\r\n"); end >= 0 {
		v = v[:end]
	}
	return string(v)
}

func callIDOf(b []byte) (string, bool) {
	const longest = len("Call-ID") + 16 // some white space before the colon
	colon := bytes.IndexByte(b[:min(len(b), longest)], ':')
	if colon < 0 {
		return "", false
	}
	name := bytes.TrimRight(b[:colon], " \t")
	if !bytes.EqualFold(name, []byte("Call-ID")) && !bytes.EqualFold(name, []byte("i")) {
		return "", false
	}
	v := bytes.TrimLeft(b[colon+1:], " \t\r\n")
	if end := bytes.IndexAny(v, "\r\n"); end >= 0 {
		v = v[:end]
	}
	return string(bytes.TrimRight(v, " \t")), true
}
