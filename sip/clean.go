package sip

import (
	"strings"
	"unicode"
	"unicode/utf8"

	gosip "github.com/emiago/sipgo/sip"
)

// Everything that comes from a base, an API, a configuration file or the far
// end and goes into a SIP message passes through this file. sipgo writes
// header values, display names and user parts as they are, so that a line
// break in a person's name would forge a header.

// Longest values that are let into a message, in bytes.
const (
	maxValue   = 256
	maxDisplay = 64
	maxUser    = 96
	maxHost    = 253
	maxTag     = 128
	maxCallID  = 128
	maxURI     = 512
)

// cleanText drops control characters, line and paragraph separators and
// broken UTF-8, folds white space and cuts at max bytes between runes.
func cleanText(s string, max int) string {
	var b strings.Builder
	space := false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r) || r == '\u2028' || r == '\u2029' || r == '\u0085':
			space = b.Len() > 0
			continue
		case r == utf8.RuneError || unicode.IsControl(r) || unicode.Is(unicode.Cf, r):
			continue
		}
		need := utf8.RuneLen(r)
		if space {
			need++
		}
		if b.Len()+need > max {
			break
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(r)
	}
	return b.String()
}

// cleanValue makes a header value (RFC 3261 section 7.3.1) of any string.
func cleanValue(s string) string { return cleanText(s, maxValue) }

// cleanDisplay makes the inside of a quoted display name of any string:
// quotes and backslashes are escaped (RFC 3261 section 25.1, quoted-pair).
func cleanDisplay(s string) string {
	s = cleanText(s, maxDisplay)
	if !strings.ContainsAny(s, `"\`) {
		return s
	}
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s)
}

// cleanUser makes the user part of a URI of any string: characters that are
// neither unreserved nor user-unreserved (RFC 3261 section 25.1) are percent
// encoded; control characters are dropped. Escapes that are already there
// stay.
func cleanUser(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := 0; i < len(s) && b.Len() < maxUser; i++ {
		c := s[i]
		switch {
		case c < 0x20 || c == 0x7f:
		case isUserByte(c), c == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			b.WriteByte(c)
		default:
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		}
	}
	return b.String()
}

func isUserByte(c byte) bool {
	return isAlnum(c) || strings.IndexByte("-_.!~*'()&=+$,", c) >= 0
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func isAlnum(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// isToken reports whether s is a token (RFC 3261 section 25.1) of at most max
// bytes.
func isToken(s string, max int) bool {
	if s == "" || len(s) > max {
		return false
	}
	for i := 0; i < len(s); i++ {
		if !isAlnum(s[i]) && strings.IndexByte("-.!%*_+`'~", s[i]) < 0 {
			return false
		}
	}
	return true
}

// cleanTag returns a tag as the far end sent it if it can be repeated in a
// header without harm, and "" otherwise. It is kinder than token: carriers
// put colons, slashes and at signs into tags.
func cleanTag(s string) string {
	if !visible(s, maxTag, `";,<>?&`) {
		return ""
	}
	return s
}

// visible reports whether s has at most max bytes, all of them printable
// ASCII without spaces, and none of those in except.
func visible(s string, max int, except string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' || s[i] >= 0x7f || strings.IndexByte(except, s[i]) >= 0 {
			return false
		}
	}
	return len(s) <= max
}

// cleanCallID makes the local part of a Call-ID (RFC 3261 section 25.1, word)
// of any string by dropping what does not belong there.
func cleanCallID(s string) string {
	var b strings.Builder
	for i := 0; i < len(s) && b.Len() < maxCallID; i++ {
		if isAlnum(s[i]) || strings.IndexByte("-._~+", s[i]) >= 0 {
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// isHost reports whether s is a host name or an address that may stand in a
// URI.
func isHost(s string) bool {
	if s == "" || len(s) > maxHost {
		return false
	}
	for i := 0; i < len(s); i++ {
		if !isAlnum(s[i]) && strings.IndexByte("-._:[]", s[i]) < 0 {
			return false
		}
	}
	return true
}

// headerAllowed reports whether a call may carry a header of its own of this
// name: X-, P- headers and two that identify the caller. Headers that make up
// the dialog are never taken from outside.
func headerAllowed(name string) bool {
	if !isToken(name, 64) {
		return false
	}
	n := strings.ToLower(name)
	return strings.HasPrefix(n, "x-") || strings.HasPrefix(n, "p-") || n == "privacy" || n == "diversion"
}

// safeURI reports whether a URI of the far end can be repeated in our own
// messages: no white space, no control characters, nothing that ends a line
// or an angle bracket, and not too long.
func safeURI(u *gosip.Uri) bool {
	if u.Wildcard || !isHost(u.Host) || (u.Scheme != "sip" && u.Scheme != "sips" && u.Scheme != "") {
		return false
	}
	return visible(u.String(), maxURI, `<>"`)
}

// maskNumber hides the middle of what may be a phone number, for logs and
// errors: +79161234567 becomes +791***4567. Words stay as they are.
func maskNumber(s string) string {
	digits := 0
	for i := 0; i < len(s); i++ {
		if '0' <= s[i] && s[i] <= '9' {
			digits++
		}
	}
	if digits < 7 {
		return cleanText(s, maxUser)
	}
	var b strings.Builder
	seen := 0
	for _, r := range cleanText(s, maxUser) {
		if r < '0' || r > '9' {
			b.WriteRune(r)
			continue
		}
		seen++
		switch {
		case seen <= 3 || seen > digits-4:
			b.WriteRune(r)
		case seen == 4:
			b.WriteString("***")
		}
	}
	return b.String()
}
