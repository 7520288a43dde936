package sip

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// login answers the challenge in p for a REGISTER that says want.
func login(p packet, algorithm, user, password string, nc uint32) string {
	for _, h := range p.headers("WWW-Authenticate") {
		if c, ok := parseChallenge(h, false); ok && c.algorithm == algorithm {
			return "Authorization: " + c.answer(user, password, "REGISTER", "sip:x@dozvon", "cafe", nc) + "\r\n"
		}
	}
	return ""
}

// register is a REGISTER for user; s.n makes CSeq and Call-ID new.
func (s *stranger) register(user, extra string) string {
	return strings.Replace(s.request("REGISTER", extra), "To: <sip:x@y>", "To: <sip:"+user+"@y>", 1)
}

// enrol registers a contact with digest and returns the last answer.
func (s *stranger) enrol(user, password, algorithm, contact string) packet {
	s.t.Helper()
	s.say(s.register(user, contact))
	p := s.hear()
	if status(p) != 401 {
		s.t.Fatalf("asked for nothing: %s", p.start)
	}
	s.say(s.register(user, contact+login(p, algorithm, user, password, 1)))
	return s.hear()
}

const contactOfAnn = "Contact: <sip:ann@10.0.0.9:5070;ob>;expires=120;q=0.5\r\nUser-Agent: desk phone\r\n"

func TestRegister(t *testing.T) {
	for _, network := range []string{"udp", "tcp"} {
		for _, algorithm := range []string{"MD5", "SHA-256"} {
			told := make(chan string, 8)
			n := newNear(t, asRegistrar, func(c *Config) {
				c.TCP = true
				c.Registrar.Changed = func(user string, n int) { told <- fmt.Sprint(user, n) }
			})
			s := newStranger(t, network, n.Endpoint, "127.0.0.1")
			p := s.enrol("ann", "secret-ann", algorithm, contactOfAnn)
			if status(p) != 200 || p.header("Contact") != "<sip:ann@10.0.0.9:5070;ob>;expires=120" {
				t.Fatalf("%s %s: %s", network, algorithm, p.raw)
			}
			if got := <-told; got != "ann1" {
				t.Errorf("told %s", got)
			}
			all := n.Devices("ann")
			if len(all) != 1 || all[0].Source.String() != s.conn.LocalAddr().String() || all[0].Transport != network || all[0].Agent != "desk phone" {
				t.Errorf("%s: %+v", network, all)
			}
			if network == "tcp" {
				s.conn.Close() // nobody can call it any more
			} else if p := s.enrol("ann", "secret-ann", algorithm, "Contact: *\r\nExpires: 0\r\n"); status(p) != 200 || p.header("Contact") != "" {
				t.Errorf("%s", p.raw)
			}
			if got := <-told; got != "ann0" || len(n.Devices("ann")) != 0 {
				t.Errorf("%s: told %s", network, got)
			}
		}
	}
}

// What a registration may not do.
func TestRegisterRefused(t *testing.T) {
	n := newNear(t, asRegistrar, asFriends)
	trunk := newFar(t, func(f *far, m packet) { f.reply(m, 200, "x", "", "") })
	if err := n.Ping(t.Context(), &Trunk{Name: "t", URI: "sip:u@" + trunk.addr()}); err != nil {
		t.Fatal(err)
	}
	s := newStranger(t, "udp", n.Endpoint, "127.0.0.1")
	for name, c := range map[string]struct {
		user, contact string
		code          int
	}{
		"a third party's":     {"bob", contactOfAnn, 403},
		"contact at a trunk":  {"ann", "Contact: <sip:+79161234567@" + trunk.addr() + ">\r\n", 403},
		"contact at us":       {"ann", "Contact: <sip:+79161234567@" + n.Addr().String() + ">\r\n", 403},
		"maddr":               {"ann", "Contact: <sip:ann@10.0.0.1;maddr=10.0.0.2>\r\n", 403},
		"a telephone number":  {"ann", "Contact: <tel:+79161234567>\r\n", 400},
		"no URI":              {"ann", "Contact: nonsense\r\n", 400},
		"headers in brackets": {"ann", "Contact: sip:ann@10.0.0.1?Route=x\r\n", 400},
		"brief":               {"ann", "Contact: <sip:ann@10.0.0.1>;expires=5\r\n", 423},
		"brief by header":     {"ann", "Contact: <sip:ann@10.0.0.1>\r\nExpires: 59\r\n", 423},
		"a star with time":    {"ann", "Contact: *\r\nExpires: 60\r\n", 400},
		"a star and more":     {"ann", "Contact: *, <sip:ann@10.0.0.1>\r\nExpires: 0\r\n", 400},
		"overflow":            {"ann", "Contact: <sip:ann@10.0.0.1>;expires=99999999999\r\n", 400},
	} {
		extra := c.contact
		s.say(s.register(c.user, "Contact: <sip:ok@10.0.0.1>\r\n"))
		p := s.hear()
		s.say(s.register(c.user, extra+login(p, "SHA-256", "ann", "secret-ann", 1)))
		if p := s.hear(); status(p) != c.code || c.code == 423 && p.header("Min-Expires") != "60" {
			t.Errorf("%s: %s", name, p.raw)
		}
	}
	if got, p := s.answer(s.register("ann", "Require: path\r\n")); got != 420 || p.header("Unsupported") != "path" {
		t.Errorf("path: %s", p.raw)
	}
	if n.Devices("ann") != nil || n.Devices("bob") != nil {
		t.Error("something was registered")
	}
}

// The messages of RFC 4475 that a registrar must take once the sender is
// known: unknown parameters and escaped headers in Contact.
func TestTortureContacts(t *testing.T) {
	n := newNear(t, asRegistrar, asFriends)
	s := newStranger(t, "udp", n.Endpoint, "127.0.0.1")
	for _, name := range []string{"cparam01", "cparam02", "regescrt"} {
		e, _ := cut([]byte(tortures(t, name)))
		contact, _ := e.get("contact")
		p := s.enrol("watson", "secret-watson", "MD5", "Contact: "+contact+"\r\n")
		if status(p) != 200 || p.header("Contact") == "" {
			t.Errorf("%s: %s", name, p.raw)
		}
	}
}

// Digest: each count serves once, a repeat of the request gets its answer
// again, an old or foreign nonce is stale, and nobody learns which accounts
// there are.
func TestDigest(t *testing.T) {
	n := newNear(t, asRegistrar, asFriends)
	s := newStranger(t, "udp", n.Endpoint, "127.0.0.1")
	s.say(s.register("ann", ""))
	ask := s.hear()
	first := s.register("ann", contactOfAnn+login(ask, "SHA-256", "ann", "secret-ann", 1))
	s.say(first)
	s.say(first)
	if a, b := s.hear(), s.hear(); status(a) != 200 || a.raw != b.raw {
		t.Errorf("a repeat: %s, then %s", a.raw, b.raw)
	}
	s.say(s.register("ann", contactOfAnn+login(ask, "SHA-256", "ann", "secret-ann", 2)))
	if p := s.hear(); status(p) != 200 {
		t.Errorf("the second count: %s", p.raw)
	}
	s.say(s.register("ann", contactOfAnn+login(ask, "SHA-256", "ann", "secret-ann", 2)))
	if p := s.hear(); status(p) != 401 || !strings.Contains(p.raw, "stale=true") {
		t.Errorf("the second count again: %s", p.raw)
	}
	other := newStranger(t, "udp", n.Endpoint, "127.0.0.1")
	other.say(first) // overheard
	if p := other.hear(); status(p) != 401 {
		t.Errorf("replayed from elsewhere: %s", p.raw)
	}
	forged := ask
	forged.raw = strings.ReplaceAll(ask.raw, `nonce="`, `nonce="ab`)
	s.say(s.register("ann", contactOfAnn+login(forged, "MD5", "ann", "secret-ann", 1)))
	if p := s.hear(); status(p) != 401 || !strings.Contains(p.raw, "stale=true") {
		t.Errorf("a foreign nonce: %s", p.raw)
	}
	var wrong []string
	for _, user := range []string{"ann", "nobody"} {
		s.say(s.register(user, login(ask, "MD5", user, "guess", 3)))
		p := s.hear()
		e, _ := cut([]byte(p.raw))
		for i := range e.fields {
			wrong = append(wrong, e.fields[i].name)
		}
		wrong = append(wrong, p.start)
	}
	if half := len(wrong) / 2; strings.Join(wrong[:half], ",") != strings.Join(wrong[half:], ",") {
		t.Errorf("%v", wrong)
	}
}

// order of one REGISTER with an Authorization header.
func ordered(t *testing.T, auth string) *order {
	t.Helper()
	e, ok := cut([]byte((&stranger{}).request("REGISTER", "Authorization: "+auth+"\r\n")))
	o, _, fine := inspect(&e)
	if !ok || !fine {
		t.Fatal("not a REGISTER")
	}
	return &o
}

// Failed log-ins on a timeline: five in a row and the source is not heard for
// a minute, then for two; other sources and other accounts are.
func TestFailedLogins(t *testing.T) {
	p := newPorter("r", func(user string) (string, bool) { return "right", true })
	src, now := netip.MustParseAddrPort("192.0.2.1:5060"), noon
	try := func(user, password string, from netip.AddrPort) (passport, bool) {
		c := challenge{realm: "r", nonce: p.newNonce(now), qop: true}
		pass, _, ok := p.check(now, ordered(t, c.answer(user, password, "REGISTER", "sip:x@dozvon", "c", 1)), from)
		return pass, ok
	}
	for range 4 {
		_, _ = try("ann", "wrong", src)
	}
	if _, ok := try("ann", "right", src); !ok {
		t.Error("the fifth try was right")
	}
	for i := range 5 {
		if pass, ok := try("ann", "wrong", src); ok || pass.silent {
			t.Errorf("try %d: %+v", i, pass)
		}
	}
	if pass, _ := try("ann", "right", src); !pass.silent {
		t.Error("still heard after five")
	}
	if _, ok := try("bob", "right", src); !ok {
		t.Error("another account behind the same address suffers")
	}
	if _, ok := try("ann", "right", netip.MustParseAddrPort("192.0.2.2:5060")); !ok {
		t.Error("another source suffers")
	}
	now = now.Add(firstBan)
	if pass, ok := try("ann", "wrong", src); ok || pass.silent {
		t.Error("not heard after a minute")
	}
	now = now.Add(firstBan)
	if pass, _ := try("ann", "right", src); !pass.silent {
		t.Error("the second time is no longer than the first")
	}
	now = now.Add(firstBan)
	if _, ok := try("ann", "right", src); !ok {
		t.Error("not heard after two minutes")
	}
	for i := range failsOfAll {
		_, _ = try(fmt.Sprint("guess", i), "wrong", src)
	}
	if pass, _ := try("bob", "right", src); !pass.silent {
		t.Error("one password for each account is never stopped")
	}
	now = now.Add(nonceLife)
	if len(p.fails) > maxFailures || len(p.nonces) > maxNonces {
		t.Error("unbounded")
	}
}

// A nonce dies of age.
func TestNonceAge(t *testing.T) {
	p := newPorter("r", func(string) (string, bool) { return "right", true })
	c := challenge{realm: "r", nonce: p.newNonce(noon), qop: true}
	o := ordered(t, c.answer("ann", "right", "REGISTER", "sip:x@dozvon", "c", 1))
	if _, no, ok := p.check(noon.Add(nonceLife+time.Second), o, netip.MustParseAddrPort("192.0.2.1:5060")); ok || !strings.Contains(no.headers[0].Value(), "stale=true") {
		t.Errorf("%+v", no)
	}
	if _, _, ok := p.check(noon.Add(nonceLife), o, netip.MustParseAddrPort("192.0.2.1:5060")); !ok {
		t.Error("died too soon")
	}
}

// A binding that nobody refreshes runs out by itself.
func TestBindingRunsOut(t *testing.T) {
	told := make(chan string, 8)
	n := newNear(t, asRegistrar, func(c *Config) {
		c.Registrar.MinExpires = time.Second
		c.Registrar.Changed = func(user string, n int) { told <- fmt.Sprint(user, n) }
	})
	s := newStranger(t, "udp", n.Endpoint, "127.0.0.1")
	if p := s.enrol("ann", "secret-ann", "MD5", "Contact: <sip:ann@10.0.0.9>;expires=1\r\n"); status(p) != 200 {
		t.Fatal(p.raw)
	}
	if a, b := <-told, <-told; a != "ann1" || b != "ann0" {
		t.Errorf("told %s, %s", a, b)
	}
}
