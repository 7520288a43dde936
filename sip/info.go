package sip

import "strings"

func isDigit(c byte) bool { return c != 0 && strings.IndexByte("0123456789*#ABCD", c) >= 0 }

// readInfo reads the key out of an INFO body: application/dtmf-relay has a
// Signal= line, application/dtmf has the key alone (both are conventions, no
// RFC; RFC 6086 describes INFO). known is false for other types; digit is 0
// if there is none.
func readInfo(kind string, body []byte) (digit byte, known bool) {
	if len(body) > 1024 {
		body = body[:1024]
	}
	switch kind {
	case "application/dtmf-relay":
		for line := range strings.Lines(string(body)) {
			key, val, ok := strings.Cut(line, "=")
			if ok && strings.EqualFold(strings.TrimSpace(key), "signal") {
				return keyOf(val), true
			}
		}
		return 0, true
	case "application/dtmf":
		return keyOf(string(body)), true
	}
	return 0, false
}

// keyOf reads one key; 10 and 11 are how some senders write * and #.
func keyOf(s string) byte {
	s = strings.ToUpper(strings.TrimSpace(s))
	switch {
	case s == "10":
		return '*'
	case s == "11":
		return '#'
	case len(s) == 1 && isDigit(s[0]):
		return s[0]
	}
	return 0
}
