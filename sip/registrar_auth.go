package sip

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/netip"
	"strings"
	"time"

	gosip "github.com/emiago/sipgo/sip"
)

// porter checks who a REGISTER comes from: digest authentication (RFC 3261
// section 22, RFC 7616, RFC 8760), pure but for the nonces' randomness.
type porter struct {
	realm    string
	password func(user string) (string, bool)
	secret   []byte
	decoy    string // password of accounts that don't exist
	nonces   map[string]*nonceUse
	fails    map[culprit]*failure
}

// nonceUse is a nonce with which somebody has logged in.
type nonceUse struct {
	until    time.Time
	count    uint32 // highest nc
	response string // that came with it
	source   netip.AddrPort
	callID   string
	seq      uint32
	answer   refused // given to it, for a repeat
}

// culprit is who failed to log in: an account tried from a source, and the
// source as a whole (user empty).
type culprit struct {
	source netip.Addr
	user   string
}

// failure counts attempts in a row.
type failure struct {
	n     int
	until time.Time // ignored until then
	seen  time.Time
}

const (
	nonceLife   = 5 * time.Minute
	maxNonces   = 8192
	maxFailures = 8192
	failsOfUser = 5  // of one account from one source, in a row
	failsOfAll  = 50 // of all accounts from one source, in a row
	firstBan    = time.Minute
	longestBan  = time.Hour
)

func newPorter(realm string, password func(string) (string, bool)) *porter {
	return &porter{realm: realm, password: password, secret: randomBytes(32), decoy: hex.EncodeToString(randomBytes(16)),
		nonces: map[string]*nonceUse{}, fails: map[culprit]*failure{}}
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails, by its contract
	return b
}

// proof is the answer to a challenge, as an Authorization header has it.
type proof struct {
	user, realm, nonce, uri, response, algorithm, qop, cnonce, nc string
}

// passport is the outcome of a check.
type passport struct {
	user   string
	use    *nonceUse
	again  bool // a repeat of a request that was answered: use.answer is the answer
	silent bool // no answer at all: this source is ignored for a while
}

// check looks at a REGISTER's credentials. ok is false if it must be refused.
func (p *porter) check(now time.Time, o *order, src netip.AddrPort) (pass passport, no refused, ok bool) {
	pr, has := p.proofOf(o)
	if !has {
		pass.silent = p.ignored(now, culprit{source: sourceOf(src.Addr())})
		return pass, p.challenge(now, o, false), false
	}
	who := culprit{sourceOf(src.Addr()), pr.user}
	if p.ignored(now, who) || p.ignored(now, culprit{source: who.source}) {
		return passport{silent: true}, refused{}, false
	}
	if pr.uri != o.uri {
		return pass, bad("Digest URI Is Another"), false
	}
	if !p.right(&pr, o.method) {
		p.failed(now, who)
		return pass, p.challenge(now, o, false), false
	}
	use, fresh := p.use(now, &pr, o, src)
	if !fresh {
		return pass, p.challenge(now, o, true), false
	}
	delete(p.fails, who)
	delete(p.fails, culprit{source: who.source})
	pass = passport{user: pr.user, use: use, again: use.answer.code != 0}
	return pass, refused{}, true
}

// proofOf reads the credentials for our realm.
func (p *porter) proofOf(o *order) (proof, bool) {
	for _, f := range o.fields {
		scheme, rest, _ := strings.Cut(f.value, " ")
		if f.name != "authorization" || !strings.EqualFold(scheme, "Digest") || len(f.value) > 4096 {
			continue
		}
		var pr proof
		for rest != "" {
			var key, val string
			key, val, rest = nextParam(rest)
			pr.set(strings.ToLower(key), val)
		}
		if pr.realm == p.realm && pr.response != "" {
			return pr, true
		}
	}
	return proof{}, false
}

func (pr *proof) set(key, val string) {
	for name, at := range map[string]*string{"username": &pr.user, "realm": &pr.realm, "nonce": &pr.nonce, "uri": &pr.uri,
		"response": &pr.response, "algorithm": &pr.algorithm, "qop": &pr.qop, "cnonce": &pr.cnonce, "nc": &pr.nc} {
		if name == key {
			*at = val
		}
	}
}

// right verifies the response. An account that does not exist costs the same
// time and gets the same answer as a wrong password.
func (p *porter) right(pr *proof, method string) bool {
	password, exists := p.password(pr.user)
	if !exists {
		password = p.decoy
	}
	c := challenge{realm: pr.realm, nonce: pr.nonce, algorithm: pr.algorithm, qop: pr.qop != ""}
	if c.newHash() == nil {
		c.algorithm, exists = "", false
	}
	want := c.response(pr.user, password, method, pr.uri, pr.cnonce, pr.nc)
	match := subtle.ConstantTimeCompare([]byte(want), []byte(strings.ToLower(pr.response))) == 1
	return match && exists && password != ""
}

// use counts the use of a nonce (RFC 7616 section 3.4). It reports false if
// the nonce is not ours, too old, or if this count was used before: then a
// phone that knows the password tries again with a new one.
func (p *porter) use(now time.Time, pr *proof, o *order, src netip.AddrPort) (*nonceUse, bool) {
	made, ours := p.nonceTime(pr.nonce)
	if !ours || now.Sub(made) > nonceLife || now.Before(made) || pr.qop != "" && !strings.EqualFold(pr.qop, "auth") {
		return nil, false
	}
	count := uint32(1) // without qop, a nonce serves once
	if pr.qop != "" {
		n, ok := readHex(pr.nc)
		if !ok {
			return nil, false
		}
		count = n
	}
	u := p.nonces[pr.nonce]
	if u != nil && u.response == pr.response && u.source == src && u.callID == o.callID && u.seq == o.seq && u.answer.code != 0 {
		return u, true // the answer was lost
	}
	if u != nil && (count <= u.count || pr.qop == "") {
		return nil, false
	}
	if u == nil {
		makeRoom(p.nonces, maxNonces, func(u *nonceUse) bool { return now.After(u.until) })
		u = &nonceUse{until: made.Add(nonceLife)}
		p.nonces[pr.nonce] = u
	}
	u.count, u.response, u.source, u.callID, u.seq, u.answer = count, pr.response, src, o.callID, o.seq, refused{}
	return u, true
}

func readHex(s string) (uint32, bool) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != 4 {
		return 0, false
	}
	return binary.BigEndian.Uint32(b), true
}

// newNonce makes a nonce that we need not remember: its time, something
// random, and our signature.
func (p *porter) newNonce(now time.Time) string {
	b := binary.BigEndian.AppendUint64(nil, uint64(now.UnixNano()))
	b = append(b, randomBytes(8)...)
	return hex.EncodeToString(append(b, p.sign(b)...))
}

func (p *porter) sign(b []byte) []byte {
	mac := hmac.New(sha256.New, p.secret)
	mac.Write(b)
	return mac.Sum(nil)[:16]
}

// nonceTime returns when a nonce of ours was made.
func (p *porter) nonceTime(nonce string) (time.Time, bool) {
	b, err := hex.DecodeString(nonce)
	if err != nil || len(b) != 32 || !hmac.Equal(b[16:], p.sign(b[:16])) {
		return time.Time{}, false
	}
	return time.Unix(0, int64(binary.BigEndian.Uint64(b))), true
}

// challenge asks for credentials. MD5 comes first, against RFC 8760 section
// 2.3: who can do SHA-256 finds it, and older phones look at the first
// challenge only.
func (p *porter) challenge(now time.Time, o *order, stale bool) refused {
	no, nonce := refused{code: 401, reason: "Unauthorized"}, p.newNonce(now)
	for _, algorithm := range algorithms(o) {
		v := fmt.Sprintf(`Digest realm="%s", nonce="%s", algorithm=%s, qop="auth"`, quoted(p.realm), nonce, algorithm)
		if stale {
			v += ", stale=true"
		}
		no.headers = append(no.headers, gosip.NewHeader("WWW-Authenticate", v))
	}
	return no
}

// ignored reports whether somebody failed so often that he is not listened to
// for now.
func (p *porter) ignored(now time.Time, who culprit) bool {
	f := p.fails[who]
	return f != nil && now.Before(f.until)
}

// failed counts a wrong password. Each further one after the limit doubles
// the time of being ignored.
func (p *porter) failed(now time.Time, who culprit) {
	for c, limit := range map[culprit]int{who: failsOfUser, {source: who.source}: failsOfAll} {
		f := p.fails[c]
		if f == nil {
			makeRoom(p.fails, maxFailures, func(f *failure) bool { return now.Sub(f.seen) > longestBan })
			f = &failure{}
			p.fails[c] = f
		}
		f.n, f.seen = f.n+1, now
		if over := f.n - limit; over >= 0 {
			f.until = now.Add(min(firstBan<<min(over, 10), longestBan))
		}
	}
}

// algorithms are those offered to a phone. baresip before 2.0 does not log in
// at all where it sees one that it does not know.
func algorithms(o *order) []string {
	agent, _ := o.get("user-agent")
	if strings.HasPrefix(agent, "baresip v0.") || strings.HasPrefix(agent, "baresip v1.") {
		return []string{"MD5"}
	}
	return []string{"MD5", "SHA-256"}
}
