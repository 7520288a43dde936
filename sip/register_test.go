package sip

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"dozvon/dialer"
	"dozvon/internal/testports"
)

// loggedIn is a registration and its news.
type loggedIn struct {
	*Registration
	t    *testing.T
	news chan RegistrationEvent
}

func (n *near) register(t *Trunk) *loggedIn {
	n.t.Helper()
	l := &loggedIn{t: n.t, news: make(chan RegistrationEvent, 16)}
	var err error
	if l.Registration, err = n.Register(t, func(e RegistrationEvent) { l.news <- e }); err != nil {
		n.t.Fatal(err)
	}
	return l
}

func (l *loggedIn) want(s RegistrationState) RegistrationEvent {
	l.t.Helper()
	select {
	case e := <-l.news:
		if e.State != s {
			l.t.Errorf("%s (%v), want %s", e.State, e.Err, s)
		}
		return e
	case <-time.After(10 * time.Second):
		l.t.Fatalf("not %s", s)
	}
	return RegistrationEvent{}
}

// SIPp as the registrar challenges, is asked again in time and sees us leave
// when the endpoint closes.
func TestRegisterWithSIPp(t *testing.T) {
	s := startSIPp(t, "registrar", "udp")
	n := newNear(t)
	trunk := &Trunk{Name: "carrier", URI: "sip:robot@" + s.addr, Password: "secret", Register: true, Expires: time.Minute}
	l := n.register(trunk)
	if e := l.want(Registered); time.Until(e.Until) > time.Second {
		t.Errorf("until %s: the time of another's Contact was taken", e.Until)
	}
	n.awaitResponses(3) // 401, 200, and the refresh after four fifths of a second
	if err := n.Close(); err != nil {
		t.Error(err)
	}
	l.want(Unregistered)
	s.done(t)
	if _, err := n.Register(trunk, nil); err == nil {
		t.Error("a closed endpoint registers")
	}
}

// awaitResponses waits until so many responses have come.
func (n *near) awaitResponses(want uint64) {
	n.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(10 * time.Second); n.received.read().Responses < want; {
		select {
		case <-tick.C:
		case <-deadline:
			n.t.Fatalf("%d responses came", n.received.read().Responses)
		}
	}
}

// What a newcomer reads who has a trunk's settings wrong, by Ping, by
// Register and as Health.
func TestWordsForRefusals(t *testing.T) {
	const ask = "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n"
	for _, c := range []struct {
		name   string
		code   int
		extra  string
		secret string
		want   string
	}{
		{"no password", 401, ask, "", "asks for a password and none is set"},
		{"wrong password", 401, ask, "p", "user name or password is wrong"},
		{"unknown kind", 401, "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", algorithm=X\r\n", "p", "kind of authentication that is not supported"},
		{"forbidden", 403, "", "p", "forbids us to use it"},
		{"unknown user", 404, "", "p", "knows no user of this name"},
		{"no registrar", 405, "", "p", "turn registration off"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := newFar(t, func(f *far, m packet) { f.reply(m, c.code, "x", c.extra, "") })
			n := newNear(t)
			trunk := &Trunk{Name: "carrier", URI: "sip:robot@" + f.addr(), Password: c.secret, Register: true}
			err := n.Ping(t.Context(), trunk)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "REGISTER") || kindOf(err) != dialer.TrunkRejected {
				t.Errorf("ping: %v", err)
			}
			if strings.Contains(f.await("REGISTER", 1).raw, "Contact:") {
				t.Error("a ping changes the registration")
			}
			health := make(chan Health, 4)
			n.Watch(&Trunk{Name: "carrier", URI: trunk.URI}, time.Hour, func(h Health) { health <- h }) // the first question fails, which is not enough
			l := n.register(trunk)
			if e := l.want(Refused); !strings.Contains(e.Err.Error(), c.want) || e.Code != c.code {
				t.Errorf("register: %+v", e)
			}
			if h := <-health; h.Up && c.code < 404 || !h.Up && h.Why != dialer.TrunkRejected {
				t.Errorf("health %+v", h)
			}
		})
	}
}

// Two silences take a trunk out, one answer puts it back.
func TestWatch(t *testing.T) {
	t.Parallel()
	dumb := make(chan bool, 16) // what to do about each OPTIONS; none left: answer
	f := newFar(t, func(f *far, m packet) {
		select {
		case <-dumb:
		default:
			f.reply(m, 200, "x", "", "")
		}
	})
	n := newNear(t, func(c *Config) { c.NoResponse = 200 * time.Millisecond })
	for range 2 {
		dumb <- true
	}
	health := make(chan Health, 16)
	stop := n.Watch(&Trunk{Name: "w", URI: "sip:" + f.addr()}, time.Second, func(h Health) { health <- h })
	if h := <-health; h.Up || h.Why != dialer.TrunkUnreachable || h.Err == nil || f.count("OPTIONS") != 2 {
		t.Errorf("%+v after %d questions", h, f.count("OPTIONS"))
	}
	if h := <-health; !h.Up || h.Err != nil || h.Trunk != "w" {
		t.Errorf("%+v", h)
	}
	stop()
}

func TestVigil(t *testing.T) {
	no, refused := errors.New("no answer"), spoken{why: dialer.TrunkRejected, text: "403"}
	for _, c := range []struct {
		name string
		do   string // + a probe answered, - failed, r refused by the registrar, k taken
		want string // u or d where it is told, . where not
	}{
		{"up at once", "+++", "u.."},
		{"down after two", "--", ".d"},
		{"one failure is no news", "+-+-+", "u...."},
		{"two are", "+--+", "u.du"},
		{"refused by the registrar", "+rr+k", "ud..u"},
		{"refused and silent", "+r--k+", "ud...u"},
		{"refused before the first answer", "r+k", "d.u"},
		{"taken before the first answer", "k+", ".u"},
		{"not refused, still silent", "--rk+", ".d..u"},
	} {
		v, got := vigil{}, ""
		for _, b := range c.do {
			var news bool
			switch b {
			case '+':
				news = v.probed(nil)
			case '-':
				news = v.probed(no)
			case 'r':
				news = v.login(refused)
			case 'k':
				news = v.login(nil)
			}
			switch {
			case !news:
				got += "."
			case v.fault() == nil:
				got += "u"
			default:
				got += "d"
			}
		}
		if got != c.want {
			t.Errorf("%s: %s told %s, want %s", c.name, c.do, got, c.want)
		}
	}
}

// Keep-alives are what a registrar expects on each transport, and show that a
// connection is gone.
func TestPoke(t *testing.T) {
	a := newAuthority(t, "Test CA")
	secure := newTLSFar(t, a.issue(tomorrow(), "127.0.0.1"), func(*tlsFar, packet) []string { return []string{} })
	udp := newFar(t, func(*far, packet) {})
	n := newNear(t)
	if err := n.poke(path{way: way{"udp", netip.MustParseAddrPort(udp.addr())}}); err != nil {
		t.Error(err)
	}
	if m := udp.await("", 1); m.raw != "\r\n\r\n" {
		t.Errorf("%q", m.raw)
	}
	hop, _ := parseURI("sip:u@" + secure.addr + ";transport=tls")
	p, _, err := n.find(t.Context(), &hop, trust{name: "127.0.0.1", roots: a.pool()}, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := n.poke(p); err != nil {
		t.Error(err)
	}
	if m := <-secure.got; m.raw != "\r\n\r\n" {
		t.Errorf("%q", m.raw)
	}
	if err := n.poke(path{way: way{"tcp", netip.MustParseAddrPort("127.0.0.1:1")}}); err == nil {
		t.Error("a connection that is not there was kept alive")
	}
}

// A registration over TLS goes by one connection, keeps its Contact there, and
// is made anew over another connection when that one breaks.
func TestRegisterOverTLS(t *testing.T) {
	a := newAuthority(t, "Test CA")
	f := newTLSFar(t, a.issue(tomorrow(), "sip.carrier.test"), func(_ *tlsFar, m packet) []string {
		return []string{m.words(200, "Contact: "+m.header("Contact")+";expires=1\r\n", "")}
	})
	n := newNear(t)
	trunk := f.trunk(a, "sip.carrier.test")
	trunk.Register = true
	l := n.register(trunk)
	l.want(Registered)
	first := <-f.got
	if !strings.Contains(first.header("Contact"), ";transport=tls>") || !strings.HasPrefix(first.header("Via"), "SIP/2.0/TLS") {
		t.Errorf("%s", first.raw)
	}
	n.wires.mu.Lock()
	for _, w := range n.wires.by {
		_ = w.conn.Conn.Close()
	}
	n.wires.mu.Unlock()
	if again := <-f.got; again.header("Call-ID") != first.header("Call-ID") || !strings.HasPrefix(again.header("CSeq"), "2 ") || f.conns.Load() != 2 {
		t.Errorf("%s over connection %d", again.raw, f.conns.Load())
	}
	l.Close()
	l.want(Unregistered)
	if last := <-f.got; last.header("Expires") != "0" {
		t.Errorf("%s", last.raw)
	}
}

// Our registrations and our registrar agree, over every transport.
func TestRegisterWithOurOwnRegistrar(t *testing.T) {
	a := newAuthority(t, "Test CA")
	cert := a.issue(tomorrow(), "127.0.0.1")
	for _, network := range []string{"udp", "tcp", "tls"} {
		t.Run(network, func(t *testing.T) {
			registrar := newNear(t, asRegistrar, func(c *Config) { c.TCP, c.TLSPort, c.Certificate = true, testports.One(t), &cert })
			port := registrar.Addr().Port()
			if network == "tls" {
				port = uint16(registrar.conf.TLSPort)
			}
			n := newNear(t)
			trunk := &Trunk{Name: "pbx", URI: fmt.Sprintf("sip:ann@127.0.0.1:%d;transport=%s", port, network), Password: "secret-ann", Register: true, Roots: a.pool()}
			if err := n.Ping(t.Context(), trunk); err != nil {
				t.Error(err)
			}
			if got := registrar.Devices("ann"); len(got) != 0 {
				t.Errorf("a ping registered %+v", got)
			}
			l := n.register(trunk)
			l.want(Registered)
			if got := registrar.Devices("ann"); len(got) != 1 || got[0].Transport != network {
				t.Errorf("%+v", got)
			}
			l.Close()
			l.want(Unregistered)
			if got := registrar.Devices("ann"); len(got) != 0 {
				t.Errorf("still there: %+v", got)
			}
			wrong := *trunk
			wrong.Password = "guess"
			if err := n.Ping(t.Context(), &wrong); err == nil || !strings.Contains(err.Error(), "password is wrong") {
				t.Errorf("%v", err)
			}
		})
	}
}
