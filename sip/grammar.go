package sip

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// What follows reads the few constructions of RFC 3261 section 25.1 that a
// request from nobody we know must get right before it is answered with
// anything but 400.

// address is a name-addr or addr-spec with its header parameters.
type address struct {
	uri    string // without angle brackets
	angled bool
	params []param
}

// param is one ;name or ;name=value; the name is in lower case, quotes are
// taken off.
type param struct{ name, value string }

func (a *address) param(name string) (string, bool) {
	for _, p := range a.params {
		if p.name == name {
			return p.value, true
		}
	}
	return "", false
}

// readAddress reads From, To, or one element of Contact.
func readAddress(s string) (address, bool) {
	s = strings.Trim(s, " \t")
	var a address
	var rest string
	if name, after, found := cutOutside(s, '<'); found {
		end := strings.IndexByte(after, '>')
		if end < 0 || !isDisplay(strings.Trim(name, " \t")) {
			return a, false
		}
		a.uri, rest, a.angled = after[:end], strings.Trim(after[end+1:], " \t"), true
		if rest != "" && rest[0] != ';' {
			return a, false
		}
		rest = strings.TrimPrefix(rest, ";")
		if rest == "" && strings.HasSuffix(s, ";") {
			return a, false
		}
	} else {
		// Without brackets all parameters are the header's (section 20.10),
		// and the URI may hold no comma, question mark or semicolon.
		a.uri, rest, _ = strings.Cut(s, ";")
		a.uri = strings.TrimRight(a.uri, " \t")
		if strings.ContainsAny(a.uri, `?,"`) {
			return a, false
		}
	}
	var ok bool
	if a.params, ok = readParams(rest); !ok {
		return a, false
	}
	return a, anyURI(a.uri)
}

// cutOutside cuts at the first sep outside of quotes.
func cutOutside(s string, sep byte) (before, after string, found bool) {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case quoted && s[i] == '\\':
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == sep && !quoted:
			return s[:i], s[i+1:], true
		}
	}
	return s, "", false
}

// isDisplay reports whether s can stand before <: nothing, tokens, or one
// quoted string.
func isDisplay(s string) bool {
	if strings.HasPrefix(s, `"`) {
		end := quoteEnd(s)
		return end == len(s)-1
	}
	for _, word := range strings.Fields(s) {
		if !isToken(word, len(word)) {
			return false
		}
	}
	return true
}

// quoteEnd returns where the quoted string at the beginning of s ends, -1 if
// it does not.
func quoteEnd(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}

// readParams reads name, name=value and name="value" with semicolons between.
func readParams(s string) ([]param, bool) {
	if strings.Trim(s, " \t") == "" {
		return nil, true
	}
	var out []param
	for _, one := range splitOutside(s, ';') {
		name, value, has := strings.Cut(one, "=")
		name, value = strings.Trim(name, " \t"), strings.Trim(value, " \t")
		if !isToken(name, 128) || has && value == "" {
			return nil, false
		}
		if strings.HasPrefix(value, `"`) {
			if quoteEnd(value) != len(value)-1 {
				return nil, false
			}
			value = unquote(value)
		} else if strings.ContainsAny(value, " \t\",<>") {
			return nil, false
		}
		out = append(out, param{strings.ToLower(name), value})
	}
	return out, true
}

// unquote takes off the quotes and the escapes of a quoted string.
func unquote(s string) string {
	var b strings.Builder
	for i := 1; i < len(s)-1; i++ {
		if s[i] == '\\' && i+1 < len(s)-1 {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// anyURI reports whether s looks like a URI of any scheme (RFC 2396): a scheme,
// a colon and visible characters.
func anyURI(s string) bool {
	scheme := uriScheme(s)
	return scheme != "" && len(s) > len(scheme)+1 && visible(s, maxHead, `<>"`)
}

// uriScheme returns the scheme in lower case, "" if there is none.
func uriScheme(s string) string {
	scheme, _, ok := strings.Cut(s, ":")
	if !ok || scheme == "" || !isAlnum(scheme[0]) {
		return ""
	}
	for i := 0; i < len(scheme); i++ {
		if !isAlnum(scheme[i]) && strings.IndexByte("+-.", scheme[i]) < 0 {
			return ""
		}
	}
	return strings.ToLower(scheme)
}

// via is one element of Via (section 20.42).
type via struct {
	transport string
	host      string
	port      int // 0: none is written
	params    []param
}

func (v *via) param(name string) (string, bool) {
	a := address{params: v.params}
	return a.param(name)
}

// readVia reads "SIP/2.0/UDP host:port;params", with white space wherever the
// grammar lets it be.
func readVia(s string) (via, bool) {
	var v via
	head, rest, more := strings.Cut(s, ";")
	protocol, head, ok := strings.Cut(head, "/")
	if !ok {
		return v, false
	}
	version, head, ok := strings.Cut(head, "/")
	if !ok || !strings.EqualFold(strings.Trim(protocol, " \t"), "SIP") || strings.Trim(version, " \t") != "2.0" {
		return v, false
	}
	words := strings.Fields(head)
	if len(words) < 2 || !isToken(words[0], 32) {
		return v, false
	}
	v.transport = strings.ToUpper(words[0])
	if v.host, v.port, ok = readHostPort(strings.Join(words[1:], "")); !ok {
		return v, false
	}
	if v.params, ok = readParams(rest); !ok || more && strings.Trim(rest, " \t") == "" {
		return v, false
	}
	return v, true
}

// readHostPort reads host, host:port and [IPv6]:port.
func readHostPort(s string) (host string, port int, ok bool) {
	host = s
	if i := strings.LastIndexByte(s, ':'); i >= 0 && !strings.HasSuffix(s, "]") {
		n, err := strconv.ParseUint(s[i+1:], 10, 16)
		if err != nil || n == 0 {
			return "", 0, false
		}
		host, port = s[:i], int(n)
	}
	if strings.HasPrefix(host, "[") != strings.HasSuffix(host, "]") {
		return "", 0, false
	}
	return host, port, isHost(host)
}

// readNumber reads digits up to a limit; leading zeros are allowed.
func readNumber(s string, limit uint64) (uint64, bool) {
	if s == "" || len(s) > 32 {
		return 0, false
	}
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
	}
	n, err := strconv.ParseUint(s, 10, 64)
	return n, err == nil && n <= limit
}

// readCSeq reads "number method" (section 20.16).
func readCSeq(s string) (seq uint32, method string, ok bool) {
	words := strings.Fields(s)
	if len(words) != 2 || !isToken(words[1], 64) {
		return 0, "", false
	}
	n, ok := readNumber(words[0], 1<<31-1)
	return uint32(n), words[1], ok
}

// isWord reports whether s can be a Call-ID: word or word@word (section 25.1).
func isWord(s string) bool {
	return s != "" && len(s) <= 256 && visible(s, 256, ",;") && utf8.ValidString(s)
}
