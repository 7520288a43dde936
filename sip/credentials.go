package sip

import (
	"fmt"
	"slices"

	gosip "github.com/emiago/sipgo/sip"
)

// credentials answers the challenges of one leg (RFC 3261 section 22). A
// proxy and the far end may challenge both; each has its own header.
type credentials struct {
	user, password string
	held           []inUse // answered in every request from now on, at most one per kind
	n              uint32  // answers so far, makes cnonces unique
}

// inUse is a challenge and how often its nonce was used (RFC 7616 section 3.4).
type inUse struct {
	challenge
	nc uint32
}

// asks counts the challenges to one request.
type asks struct {
	n    int
	seen []string // kinds and realms that were answered
}

// maxAsks bounds the challenges to one request: two hops and a stale nonce
// for each.
const maxAsks = 4

// accept takes the challenges to a request. It reports false if there is none
// that we can answer, or if the same realm asks again and the nonce is not
// merely stale: then the password is wrong, and trying on would lock the
// account.
func (c *credentials) accept(all []challenge, a *asks) bool {
	picked := best(all)
	a.n++
	if len(picked) == 0 || c.password == "" || a.n > maxAsks {
		return false
	}
	for _, p := range picked {
		key := fmt.Sprint(p.proxy, p.realm)
		if slices.Contains(a.seen, key) && !p.stale {
			return false
		}
		a.seen = append(a.seen, key)
		c.hold(p)
	}
	return true
}

// hold puts a challenge in the place of the one of its kind. A nonce that is
// only said again goes on being counted.
func (c *credentials) hold(p challenge) {
	fresh := inUse{challenge: p}
	c.held = slices.DeleteFunc(c.held, func(h inUse) bool {
		if h.proxy == p.proxy && h.nonce == p.nonce {
			fresh.nc = h.nc
		}
		return h.proxy == p.proxy
	})
	c.held = append(c.held, fresh)
}

// headers returns the credentials for a request. seed makes the cnonce.
func (c *credentials) headers(method gosip.RequestMethod, uri, seed string) []gosip.Header {
	var out []gosip.Header
	for i := range c.held {
		h := &c.held[i]
		h.nc++
		c.n++
		name := "Authorization"
		if h.proxy {
			name = "Proxy-Authorization"
		}
		cnonce := fmt.Sprintf("%s%08x", seed, c.n)
		out = append(out, gosip.NewHeader(name, h.answer(c.user, c.password, string(method), uri, cnonce, h.nc)))
	}
	return out
}

// none reports whether nothing has been asked for yet.
func (c *credentials) none() bool { return len(c.held) == 0 }

// advise says what to do about a refusal, given what the table says about it.
func (c *credentials) advise(r *response, words string) string {
	switch {
	case r.code != 401 && r.code != 407:
		return words
	case c.password == "":
		return "the trunk asks for a password and none is set: set user and password"
	case len(best(r.challenges)) == 0:
		return "the trunk asks for a kind of authentication that is not supported (digest with MD5 or SHA-256 and qop auth is)"
	}
	return "user name or password is wrong, or this caller ID may not be used"
}
