package sip

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"dozvon/dialer"
)

// reserved returns an address on which nobody listens.
func reserved(t *testing.T) string {
	t.Helper()
	c, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return c.LocalAddr().String()
}

// Each way in which a trunk can be wrong is told in words, by Ping and by a
// call alike, and soon.
func TestTroubleInWords(t *testing.T) {
	quiet := newFar(t, func(*far, packet) {})
	fortress := newFar(t, func(f *far, m packet) {
		if !m.is("ACK") {
			f.reply(m, 401, "x", "WWW-Authenticate: Digest realm=\"r\", nonce=\"n"+m.header("CSeq")[:1]+"\"\r\n", "")
		}
	})
	forbidden := newFar(t, func(f *far, m packet) {
		if !m.is("ACK") {
			f.reply(m, 403, "x", "", "")
		}
	})
	n := newNear(t, func(c *Config) { c.NoResponse = 300 * time.Millisecond })
	for _, c := range []struct {
		name   string
		trunk  Trunk
		words  string
		failed dialer.TrunkFailure
	}{
		{"refused on TCP", Trunk{URI: "sip:u@" + reserved(t) + ";transport=tcp"}, "refused the TCP connection", dialer.TrunkUnreachable},
		{"refused on UDP", Trunk{URI: "sip:u@" + reserved(t)}, "", dialer.TrunkUnreachable},
		{"silent", Trunk{URI: "sip:u@" + quiet.addr()}, "no response", dialer.TrunkUnreachable},
		{"wrong password", Trunk{URI: "sip:u@" + fortress.addr(), Password: "guess"}, "password is wrong", dialer.TrunkRejected},
		{"no password", Trunk{URI: "sip:u@" + fortress.addr()}, "none is set", dialer.TrunkRejected},
		{"forbidden", Trunk{URI: "sip:u@" + forbidden.addr()}, "orbid", dialer.TrunkOK},
		{"no name", Trunk{URI: "sip:u@no-such-host.invalid"}, "name", dialer.TrunkUnreachable},
	} {
		c.trunk.Name = c.name
		err := n.Ping(context.Background(), &c.trunk)
		if err == nil || !strings.Contains(err.Error(), c.words) || !strings.Contains(err.Error(), c.name) {
			t.Errorf("%s: Ping says %v", c.name, err)
		}
		e := n.call(Call{To: "+79161234567", Trunk: &c.trunk}).until(Ended)
		if e.Disposition != dialer.Failed || e.Cause.Failed != c.failed || e.Err == nil || !strings.Contains(e.Err.Error(), c.words) {
			t.Errorf("%s: the call ended as %s, %+v, %v", c.name, e.Disposition, e.Cause, e.Err)
		}
		if strings.Contains(fmt.Sprint(err, e.Err), "guess") {
			t.Errorf("%s: the password is in the words", c.name)
		}
	}
}

// An ICMP refusal ends a call at once where the system reports it, and does
// not disturb calls to other trunks.
func TestRefusedDatagrams(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("this system does not report ICMP errors to UDP sockets")
	}
	f := newFar(t, func(f *far, m packet) {
		switch {
		case m.is("INVITE"):
			f.reply(m, 200, "a", f.contact(), sdpAt(4000))
		case m.is("BYE"):
			f.reply(m, 200, "", "", "")
		}
	})
	n := newNear(t)
	dead := reserved(t)
	start := time.Now()
	var bad, good []*placed
	for i := range 20 {
		bad = append(bad, n.call(Call{ID: fmt.Sprint("bad", i), To: "sip:1@" + dead}))
		good = append(good, n.call(Call{ID: fmt.Sprint("good", i), To: f.uri()}))
	}
	for i := range bad {
		if e := bad[i].until(Ended); e.Cause.Failed != dialer.TrunkUnreachable || !strings.Contains(e.Err.Error(), "nobody listens") {
			t.Errorf("%+v", e)
		}
		good[i].until(Answered)
		good[i].HangUp("")
		good[i].until(Ended)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("refusals took %s", took)
	}
}

func TestPingTakesAnyAnswer(t *testing.T) {
	for _, code := range []int{200, 404, 405, 501} {
		f := newFar(t, func(f *far, m packet) { f.reply(m, code, "x", "", "") })
		if err := newNear(t).Ping(context.Background(), &Trunk{Name: "t", URI: "sip:u@" + f.addr()}); err != nil {
			t.Errorf("%d: %v", code, err)
		}
	}
}

func TestPingWithPassword(t *testing.T) {
	f := newFar(t, func(f *far, m packet) {
		if m.header("Proxy-Authorization") == "" {
			f.reply(m, 407, "x", "Proxy-Authenticate: Digest realm=\"r\", nonce=\"n\", algorithm=MD5\r\nProxy-Authenticate: Digest realm=\"r\", nonce=\"m\", algorithm=SHA-256, qop=\"auth\"\r\n", "")
			return
		}
		f.reply(m, 200, "x", "", "")
	})
	if err := newNear(t).Ping(context.Background(), &Trunk{Name: "t", URI: "sip:u@" + f.addr(), Password: "p"}); err != nil {
		t.Fatal(err)
	}
	if v := f.await("OPTIONS", 2).header("Proxy-Authorization"); !strings.Contains(v, "SHA-256") || !strings.Contains(v, `nonce="m"`) {
		t.Errorf("SHA-256 is preferred, got %s", v)
	}
}

// What belongs to no call of ours is answered by the book and never becomes a
// call.
func TestStrangersAtTheDoor(t *testing.T) {
	n := newNear(t)
	for _, c := range []struct {
		method, tag string
		want        int
	}{
		{"OPTIONS", "", 200}, {"INVITE", "", 403}, {"INVITE", "x", 481}, {"BYE", "x", 481}, {"INFO", "x", 481},
		{"BYE", "", 481}, {"CANCEL", "", 481}, {"REFER", "", 603}, {"NOTIFY", "", 405}, {"SUBSCRIBE", "", 405},
		{"MESSAGE", "", 405}, {"REGISTER", "", 405}, {"FOO", "", 501},
	} {
		f := newFar(t, func(f *far, m packet) {
			if strings.HasPrefix(m.start, "SIP/2.0") && m.method == "INVITE" {
				f.ask(m.turned(n.Addr()), "", "ACK", 1, "", "")
			}
		})
		to := "<sip:x@y>"
		if c.tag != "" {
			to += ";tag=" + c.tag
		}
		target := packet{raw: "I\r\nTo: <sip:f@z>;tag=f\r\nFrom: " + to + "\r\nCall-ID: stranger\r\n\r\n", from: net.UDPAddrFromAddrPort(n.Addr())}
		f.ask(target, "", c.method, 1, "", "")
		if got := f.await("SIP/2.0 "+fmt.Sprint(c.want), 1); c.want == 200 && !strings.Contains(got.header("Allow"), "INVITE") {
			t.Errorf("OPTIONS: Allow %q", got.header("Allow"))
		}
	}
}

// turned makes a packet that ask can answer out of a response.
func (p packet) turned(to netip.AddrPort) packet {
	p.raw = "X\r\nFrom: " + p.header("To") + "\r\nTo: " + p.header("From") + "\r\nCall-ID: " + p.header("Call-ID") + "\r\n\r\n"
	p.from = net.UDPAddrFromAddrPort(to)
	return p
}

// A call that can't be placed ends like any other: once, with words.
func TestCallsThatCantBePlaced(t *testing.T) {
	n := newNear(t)
	local := netip.MustParseAddrPort("127.0.0.1:4000")
	ok := &Trunk{Name: "t", URI: "sip:u@127.0.0.1"}
	for name, c := range map[string]Call{
		"no id":       {To: "sip:a@b", Local: local},
		"no rtp":      {ID: "1", To: "sip:a@b"},
		"no number":   {ID: "1", Trunk: ok, Local: local},
		"bad uri":     {ID: "1", To: "+7916", Local: local},
		"bad trunk":   {ID: "1", To: "+7916", Trunk: &Trunk{URI: "tel:1"}, Local: local},
		"sips on UDP": {ID: "1", To: "sips:a@b;transport=udp", Local: local},
		"sips by UDP": {ID: "1", To: "sips:a@b", Trunk: ok, Local: local},
		"bad proxy":   {ID: "1", To: "+7916", Trunk: &Trunk{URI: "sip:u@127.0.0.1", Proxy: "proxy"}, Local: local},
		"sctp":        {ID: "1", To: "sip:a@b;transport=sctp", Local: local},
		"forged host": {ID: "1", To: "sip:a@b\r\nX: y", Local: local},
	} {
		events := make(chan Event, 2)
		c.Sink = func(e Event) { events <- e }
		n.Invite(c).HangUp("at once")
		if e := <-events; e.Kind != Ended || e.Disposition != dialer.Failed || e.Err == nil {
			t.Errorf("%s: %+v", name, e)
		}
	}
}

func TestSameIDTwice(t *testing.T) {
	f := newFar(t, func(*far, packet) {})
	n := newNear(t)
	n.call(Call{ID: "same", To: f.uri()})
	if e := n.call(Call{ID: "same", To: f.uri()}).until(Ended); !strings.Contains(e.Err.Error(), "never leaves twice") {
		t.Errorf("%v", e.Err)
	}
}

// Close ends every leg for its user, answered or not, and lets none come.
func TestClose(t *testing.T) {
	f := newFar(t, func(f *far, m packet) {
		switch {
		case m.is("INVITE") && strings.Contains(m.header("Call-ID"), "up"):
			f.reply(m, 200, "a", f.contact(), sdpAt(4000))
		case m.is("INVITE"):
			f.reply(m, 180, "a", f.contact(), "")
		case m.is("BYE"), m.is("CANCEL"):
			f.reply(m, 200, "a", "", "")
		}
	})
	n := newNear(t, func(c *Config) { c.Grace = 100 * time.Millisecond })
	var ended atomic.Int32
	var legs []*placed
	for i := range 10 {
		legs = append(legs, n.call(Call{ID: fmt.Sprint("up", i), To: f.uri()}), n.call(Call{ID: fmt.Sprint("ringing", i), To: f.uri()}))
	}
	for i, l := range legs {
		if i%2 == 0 {
			l.until(Answered)
		} else {
			l.until(Ringing)
		}
	}
	if err := n.Close(); err != nil {
		t.Error(err)
	}
	for _, l := range legs {
		l.until(Ended)
		ended.Add(1)
	}
	if n.Legs() != 0 || ended.Load() != 20 {
		t.Errorf("%d legs left, %d ended", n.Legs(), ended.Load())
	}
	if e := n.call(Call{To: f.uri()}).until(Ended); e.Err == nil {
		t.Error("a closed endpoint took a call")
	}
}

func TestListenNeedsAnAddress(t *testing.T) {
	for _, ip := range []netip.Addr{{}, netip.IPv4Unspecified()} {
		if _, err := Listen(context.Background(), Config{IP: ip}); err == nil {
			t.Errorf("%s was taken", ip)
		}
	}
	n := newNear(t)
	_, err := Listen(context.Background(), Config{IP: n.Addr().Addr(), Port: int(n.Addr().Port())})
	if err == nil || !strings.Contains(err.Error(), "another program") {
		t.Errorf("%v", err)
	}
}

func TestParseTrunk(t *testing.T) {
	tr, err := ParseTrunk("sip:robot@pbx.example.com:5080;transport=tcp")
	if err != nil || tr.User != "robot" || tr.Name != "robot@pbx.example.com" {
		t.Errorf("%+v, %v", tr, err)
	}
	for _, bad := range []string{"", "pbx", "sip:", "sips:a@b;transport=udp", "sip:a@b;transport=sctp", "sip:a@b:99999", "sip:a:secret@b", "sip:a@b c"} {
		if _, err := ParseTrunk(bad); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// The gate spaces calls evenly and lets no burst through after a pause.
func TestSpacer(t *testing.T) {
	s, now := newSpacer(10), time.Unix(0, 0)
	for i := range 5 {
		if got := s.reserve(now).Sub(now); got != time.Duration(i)*100*time.Millisecond {
			t.Errorf("%d. call after %s", i, got)
		}
	}
	later := now.Add(time.Hour)
	if a, b := s.reserve(later), s.reserve(later); a != later || b.Sub(a) != 100*time.Millisecond {
		t.Errorf("after a pause: %s, %s", a.Sub(later), b.Sub(later))
	}
	free := newSpacer(0)
	if first, second := free.reserve(now), free.reserve(now); first != now || second != now {
		t.Error("no limit still waits")
	}
}

func TestGateHoldsInvitesBack(t *testing.T) {
	f := newFar(t, func(f *far, m packet) {
		if m.is("INVITE") {
			f.reply(m, 486, "a", "", "")
		}
	})
	n := newNear(t)
	tr := &Trunk{Name: "slow", URI: "sip:u@" + f.addr(), CPS: 20}
	start := time.Now()
	var legs []*placed
	for i := range 6 {
		legs = append(legs, n.call(Call{ID: fmt.Sprint("cps", i), To: "+79161234567", Trunk: tr}))
	}
	waits := n.call(Call{ID: "cps-last", To: "+79161234567", Trunk: tr})
	waits.HangUp("no longer wanted")
	if e := waits.until(Ended); !e.Cause.Local || e.Err != nil {
		t.Errorf("%+v", e)
	}
	for _, l := range legs {
		l.until(Ended)
	}
	if took := time.Since(start); took < 250*time.Millisecond {
		t.Errorf("6 calls at 20 a second took only %s", took)
	}
	if got := f.count("INVITE"); got != 6 {
		t.Errorf("%d INVITEs left", got)
	}
}

// A leg keeps none of the messages that it has sent and of the events that it
// has told: a call is up for minutes.
func TestALegKeepsNoMessages(t *testing.T) {
	f := newFar(t, picksUp)
	n := newNear(t)
	p := n.call(Call{To: f.uri()})
	p.until(Answered)
	f.await("ACK", 1)
	if err := n.Close(); err != nil { // nobody works on the leg any more
		t.Fatal(err)
	}
	for i, c := range p.m.cmds[:cap(p.m.cmds)] {
		if c != nil {
			t.Errorf("command %d is kept: %T", i, c)
		}
	}
}
