package siptest

import (
	"crypto/md5" //nolint:gosec // the scheme of RFC 3261 22
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"hash"
	"strings"

	sipgo "github.com/emiago/sipgo/sip"
)

// Credentials make the server challenge its callers with digest
// authentication (RFC 3261 22, RFC 8760 for SHA-256).
type Credentials struct {
	User, Password string
	Realm          string // empty: "siptest"
	Algorithm      string // "MD5" (also when empty) or "SHA-256"
	Proxy          bool   // 407 and Proxy-Authenticate in place of 401
	InDialog       bool   // challenge BYE, INFO and re-INVITE too
}

func (c *Credentials) realm() string {
	if c.Realm == "" {
		return "siptest"
	}
	return c.Realm
}

func (c *Credentials) algorithm() string {
	if strings.EqualFold(c.Algorithm, "SHA-256") {
		return "SHA-256"
	}
	return "MD5"
}

// headers returns the names of the challenge and of its answer, and the code.
func (c *Credentials) headers() (ask, answer string, code int, reason string) {
	if c.Proxy {
		return "Proxy-Authenticate", "Proxy-Authorization", 407, "Proxy Authentication Required"
	}
	return "WWW-Authenticate", "Authorization", 401, "Unauthorized"
}

// challenged answers a request that has no valid credentials, and says so.
func (s *Server) challenged(req *sipgo.Request, tx *sipgo.ServerTx) bool {
	c := s.cfg.Auth
	if c == nil {
		return false
	}
	ask, answer, code, reason := c.headers()
	if h := req.GetHeader(answer); h != nil && c.accepts(string(req.Method), h.Value(), s.nonce) {
		return false
	}
	if req.Method == sipgo.INVITE {
		e := entryOf(req, Challenged)
		e.Code = code
		s.desk.note(e)
	}
	s.respond(req, tx, code, reason, sipgo.NewHeader(ask, c.challenge(s.nonce)))
	return true
}

func (c *Credentials) challenge(nonce string) string {
	return `Digest realm="` + c.realm() + `", nonce="` + nonce + `", algorithm=` + c.algorithm() + `, qop="auth"`
}

// accepts checks an Authorization value (RFC 7616 3.4.1).
func (c *Credentials) accepts(method, value, nonce string) bool {
	scheme, rest, _ := strings.Cut(strings.TrimSpace(value), " ")
	if !strings.EqualFold(scheme, "Digest") {
		return false
	}
	p := digestParams(rest)
	if p["nonce"] != nonce || p["username"] != c.User || p["realm"] != c.realm() {
		return false
	}
	if a := p["algorithm"]; a != "" && !strings.EqualFold(a, c.algorithm()) {
		return false
	}
	sum := c.sum()
	ha1 := sum(c.User + ":" + c.realm() + ":" + c.Password)
	ha2 := sum(method + ":" + p["uri"])
	want := sum(ha1 + ":" + nonce + ":" + ha2)
	if p["qop"] != "" {
		want = sum(strings.Join([]string{ha1, nonce, p["nc"], p["cnonce"], p["qop"], ha2}, ":"))
	}
	return subtle.ConstantTimeCompare([]byte(want), []byte(strings.ToLower(p["response"]))) == 1
}

// sum returns the hash of the algorithm as lower-case hexadecimal digits.
func (c *Credentials) sum() func(string) string {
	h := md5.New
	if c.algorithm() == "SHA-256" {
		h = sha256.New
	}
	return func(s string) string { return hexSum(h(), s) }
}

func hexSum(h hash.Hash, s string) string {
	h.Write([]byte(s))
	return hex.EncodeToString(h.Sum(nil))
}

// digestParams splits name=value pairs, quoted or not, at commas.
func digestParams(s string) map[string]string {
	p := map[string]string{}
	for s != "" {
		name, rest, ok := strings.Cut(s, "=")
		if !ok {
			break
		}
		name = strings.ToLower(strings.Trim(name, ", \t"))
		rest = strings.TrimLeft(rest, " \t")
		if strings.HasPrefix(rest, `"`) {
			p[name], rest, _ = strings.Cut(rest[1:], `"`)
		} else {
			end := strings.IndexByte(rest, ',')
			if end < 0 {
				end = len(rest)
			}
			p[name], rest = strings.TrimSpace(rest[:end]), rest[end:]
		}
		s = strings.TrimLeft(rest, ", \t")
	}
	return p
}

func newNonce() string { return hex.EncodeToString([]byte(rand.Text())) }
