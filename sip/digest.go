package sip

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"
)

// challenge is one WWW-Authenticate or Proxy-Authenticate header (RFC 3261
// section 22, RFC 7616, RFC 8760).
type challenge struct {
	proxy     bool
	realm     string
	nonce     string
	opaque    string
	algorithm string // as sent, for the answer; "" means MD5
	qop       bool   // auth is offered
	integrity bool   // only kinds of protection are offered that we lack: auth-int
	stale     bool
}

// known reports whether we can answer the challenge.
func (c challenge) known() bool { return c.nonce != "" && !c.integrity && c.newHash() != nil }

func (c challenge) newHash() func() hash.Hash {
	switch strings.ToUpper(c.algorithm) {
	case "", "MD5":
		return md5.New
	case "SHA-256":
		return sha256.New
	}
	return nil
}

// best picks, for the proxy and for the far end each, the strongest challenge
// that we can answer: SHA-256 before MD5 (RFC 8760 section 2.4), else the
// first one.
func best(all []challenge) []challenge {
	var picked []challenge
	for _, proxy := range []bool{false, true} {
		var top *challenge
		for i := range all {
			c := &all[i]
			if c.proxy != proxy || !c.known() {
				continue
			}
			if top == nil || strings.EqualFold(c.algorithm, "SHA-256") && !strings.EqualFold(top.algorithm, "SHA-256") {
				top = c
			}
		}
		if top != nil {
			picked = append(picked, *top)
		}
	}
	return picked
}

// answer returns the value of the (Proxy-)Authorization header.
func (c challenge) answer(user, password, method, uri, cnonce string, nc uint32) string {
	count := fmt.Sprintf("%08x", nc)
	response := c.response(user, password, method, uri, cnonce, count)
	var b strings.Builder
	fmt.Fprintf(&b, `Digest username="%s", realm="%s", nonce="%s", uri="%s"`,
		quoted(user), quoted(c.realm), quoted(c.nonce), uri)
	if c.qop {
		fmt.Fprintf(&b, `, response="%s", qop=auth, nc=%s, cnonce="%s"`, response, count, cnonce)
	} else {
		fmt.Fprintf(&b, `, response="%s"`, response)
	}
	if c.algorithm != "" {
		fmt.Fprintf(&b, `, algorithm=%s`, c.algorithm)
	}
	if c.opaque != "" {
		fmt.Fprintf(&b, `, opaque="%s"`, quoted(c.opaque))
	}
	return b.String()
}

// response is the digest that proves the password (RFC 7616 section 3.4.1).
func (c challenge) response(user, password, method, uri, cnonce, count string) string {
	h := func(parts ...string) string {
		d := c.newHash()()
		d.Write([]byte(strings.Join(parts, ":")))
		return hex.EncodeToString(d.Sum(nil))
	}
	ha1, ha2 := h(user, c.realm, password), h(method, uri)
	if c.qop {
		return h(ha1, c.nonce, count, cnonce, "auth", ha2)
	}
	return h(ha1, c.nonce, ha2)
}

// quoted escapes the inside of a quoted string and drops what would end the
// line.
func quoted(s string) string {
	if !strings.ContainsAny(s, "\"\\\r\n\x00") {
		return s
	}
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\r", "", "\n", "", "\x00", "").Replace(s)
}

// parseChallenge reads the value of a WWW-Authenticate or Proxy-Authenticate
// header. It reports false if it is no Digest challenge.
func parseChallenge(value string, proxy bool) (challenge, bool) {
	c := challenge{proxy: proxy}
	scheme, rest, _ := strings.Cut(strings.TrimSpace(value), " ")
	if !strings.EqualFold(scheme, "Digest") || len(value) > 4096 {
		return c, false
	}
	for rest != "" {
		var key, val string
		key, val, rest = nextParam(rest)
		switch strings.ToLower(key) {
		case "realm":
			c.realm = val
		case "nonce":
			c.nonce = val
		case "opaque":
			c.opaque = val
		case "algorithm":
			if !isToken(val, 32) {
				return c, false
			}
			c.algorithm = val
		case "stale":
			c.stale = strings.EqualFold(val, "true")
		case "qop":
			for _, q := range strings.Split(val, ",") {
				c.qop = c.qop || strings.EqualFold(strings.TrimSpace(q), "auth")
			}
			c.integrity = !c.qop && strings.TrimSpace(val) != ""
		}
	}
	return c, c.nonce != ""
}

// nextParam cuts one key=value or key="value" and its comma off a list.
func nextParam(s string) (key, val, rest string) {
	s = strings.TrimLeft(s, " \t,")
	eq := strings.IndexByte(s, '=')
	if eq < 0 {
		return "", "", ""
	}
	key = strings.TrimSpace(s[:eq])
	s = strings.TrimLeft(s[eq+1:], " \t")
	if !strings.HasPrefix(s, `"`) {
		val, rest, _ = strings.Cut(s, ",")
		return key, strings.TrimSpace(val), rest
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case s[i] == '"':
			return key, b.String(), s[i+1:]
		default:
			b.WriteByte(s[i])
		}
	}
	return key, b.String(), ""
}
