package sip

import (
	"strconv"
	"strings"
	"time"

	gosip "github.com/emiago/sipgo/sip"
)

// This file reads the header fields and bodies of the extensions that the
// dialog knows. Each function takes what a hostile far end wrote and gives
// back a bounded value, or nothing.

// The options that we know (RFC 3261 section 20.32): a request that requires
// any other is refused.
const (
	optReliable = "100rel"     // RFC 3262
	optTimer    = "timer"      // RFC 4028
	optEnded    = "199"        // RFC 6228
	optNoSub    = "norefersub" // RFC 4488
	maxList     = 32           // entries read of one list
	maxInterval = 24 * 60 * 60 // longest session interval taken, seconds
	minInterval = 90           // shortest session interval allowed, seconds (RFC 4028 section 4)
	maxRetry    = 24 * 60 * 60 // longest Retry-After taken, seconds
	maxContacts = 16           // taken of one 3xx
	maxFragment = 4096         // bytes read of a sipfrag
)

// hasOption reports whether a Supported or Require value names an option.
func hasOption(value, option string) bool {
	for rest := value; rest != ""; {
		var one string
		one, rest, _ = strings.Cut(rest, ",")
		if strings.EqualFold(strings.TrimSpace(one), option) {
			return true
		}
	}
	return false
}

// unknownOptions returns those options of a Require value that we don't know,
// cleaned, as Unsupported has them; "" if there are none.
func unknownOptions(value string) string {
	var out []string
	for i, one := range strings.Split(value, ",") {
		one = strings.TrimSpace(one)
		switch strings.ToLower(one) {
		case "", optReliable, optTimer, optEnded, optNoSub:
			continue
		}
		if i == maxList || !isToken(one, 64) {
			return cleanText(value, 128)
		}
		out = append(out, one)
	}
	return strings.Join(out, ", ")
}

// parseNumber reads the digits at the front of a value, at most limit; ok is
// false if there are none. What follows must not be part of the number.
func parseNumber(value string, limit uint64) (n uint64, rest string, ok bool) {
	value = strings.TrimSpace(value)
	i := 0
	for i < len(value) && '0' <= value[i] && value[i] <= '9' {
		n = min(n*10+uint64(value[i]-'0'), limit)
		i++
	}
	if i == 0 || i < len(value) && isAlnum(value[i]) {
		return 0, "", false
	}
	return n, value[i:], true
}

// parseRSeq reads RSeq (RFC 3262 section 7.1); 0: there is none that counts.
func parseRSeq(value string) uint32 {
	n, err := strconv.ParseUint(strings.TrimSpace(value), 10, 32)
	if err != nil {
		return 0
	}
	return uint32(n)
}

// parseInterval reads Session-Expires or Min-SE (RFC 4028 sections 4 and 5):
// seconds, and who refreshes: uac, uas or "". 0: there is none that counts.
func parseInterval(value string) (seconds int, refresher string) {
	n, params, ok := parseNumber(value, maxInterval)
	if !ok || n == 0 {
		return 0, ""
	}
	switch who := strings.ToLower(paramOf(params, "refresher")); who {
	case "uac", "uas":
		refresher = who
	}
	return int(n), refresher
}

// paramOf returns the value of one of ;key=value;key=value.
func paramOf(params, key string) string {
	for rest := params; rest != ""; {
		var one string
		one, rest, _ = strings.Cut(rest, ";")
		k, v, _ := strings.Cut(one, "=")
		if strings.EqualFold(strings.TrimSpace(k), key) {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

// parseRetry reads Retry-After (RFC 3261 section 20.33): seconds, perhaps
// with a comment and a duration, which are left aside. At most a day.
func parseRetry(value string) time.Duration {
	n, _, ok := parseNumber(value, maxRetry)
	if !ok {
		return 0
	}
	return time.Duration(n) * time.Second
}

// contact is one entry of a 3xx.
type contact struct {
	uri gosip.Uri
	q   float64 // preference, 0 to 1 (RFC 3261 section 20.10)
}

func readContact(h *gosip.ContactHeader) (contact, bool) {
	if !safeURI(&h.Address) {
		return contact{}, false
	}
	c := contact{uri: h.Address, q: 1}
	if v, ok := h.Params.Get("q"); ok {
		q, err := strconv.ParseFloat(v, 64)
		if err != nil || !(q >= 0 && q <= 1) { // NaN as well
			return contact{}, false
		}
		c.q = q
	}
	return c, true
}

// subscription is a Subscription-State (RFC 6665 section 8.2.3).
type subscription struct {
	over    bool // terminated
	expires time.Duration
}

func parseSubscription(value string) subscription {
	state, params, _ := strings.Cut(value, ";")
	s := subscription{over: strings.EqualFold(strings.TrimSpace(state), "terminated")}
	if n, _, ok := parseNumber(paramOf(params, "expires"), maxInterval); ok {
		s.expires = time.Duration(n) * time.Second
	}
	return s
}

// parseFragment reads the status code at the front of a message/sipfrag body
// (RFC 3420; RFC 3515 section 2.4.5); 0: there is none.
func parseFragment(body []byte) int {
	if len(body) > maxFragment {
		body = body[:maxFragment]
	}
	line, _, _ := strings.Cut(strings.TrimLeft(string(body), "\r\n "), "\n")
	version, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	if !strings.EqualFold(version, "SIP/2.0") {
		return 0
	}
	n, _, ok := parseNumber(rest, 1000)
	if !ok || n < 100 || n > 699 {
		return 0
	}
	return int(n)
}
