package sip

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"dozvon/dialer"
	"dozvon/internal/testports"
)

// port is the port of a far end.
func (f *far) port() int { return f.conn.LocalAddr().(*net.UDPAddr).Port }

// taking answers every call and everything else.
func taking(f *far, m packet) {
	switch {
	case m.is("INVITE"):
		f.reply(m, 180, "a", f.contact(), "")
		f.reply(m, 200, "a", f.contact(), sdpAt(4000))
	case !m.is("ACK") && !strings.HasPrefix(m.start, "SIP/2.0"):
		f.reply(m, 200, "a", "", "")
	}
}

// twoWays is a near end that knows a domain with two addresses, in this order.
func twoWays(t *testing.T, transport string, first, second int, change ...func(*Config)) *near {
	t.Helper()
	change = append(change, func(c *Config) {
		c.Resolver = newZone(t, fmt.Sprintf("SRV _sip._%s.carrier.test 1 0 %d sbc.test", transport, first),
			fmt.Sprintf("SRV _sip._%s.carrier.test 2 0 %d sbc.test", transport, second), "A sbc.test 127.0.0.1")
	})
	return newNear(t, change...)
}

var carrier = &Trunk{Name: "carrier", URI: "sip:u@carrier.test", Password: "p"}

// talk places a call, sees it answered and hangs up.
func (n *near) talk() {
	n.t.Helper()
	p := n.call(Call{To: "+79161234567", Trunk: carrier})
	p.until(Answered)
	p.HangUp("done")
	if e := p.until(Ended); e.Disposition != dialer.Answered || e.Err != nil {
		n.t.Errorf("%+v", e)
	}
}

// Nobody listens at the first address: the call goes to the second at once,
// and the next call begins there.
func TestFailoverFromARefusal(t *testing.T) {
	for _, transport := range []string{"udp", "tcp"} {
		dead := testports.One(t)
		var n *near
		var invites func() int
		if transport == "udp" {
			f := newFar(t, taking)
			n = twoWays(t, transport, dead, f.port())
			invites = func() int { return f.count("INVITE") }
		} else {
			addr, got := tcpFar(t, 0, func(m packet) []string {
				switch {
				case m.is("INVITE"):
					return []string{m.words(200, "", sdpAt(4000))} // without Contact the URI called stays the target
				case m.is("BYE"):
					return []string{m.words(200, "", "")}
				}
				return []string{}
			})
			n = twoWays(t, transport, dead, int(netip.MustParseAddrPort(addr).Port()))
			invites = func() int { return min(2, len(got)/3) }
		}
		start := time.Now()
		n.talk()
		n.talk()
		if d := time.Since(start); d > 2*time.Second || invites() != 2 {
			t.Errorf("%s: two calls took %s, %d INVITEs at the second address", transport, d, invites())
		}
		hop, _ := parseURI(carrier.URI)
		if all, err := n.names.resolve(t.Context(), &hop, ""); err != nil || len(all) != 2 || int(all[1].addr.Port()) != dead {
			t.Errorf("%s: the dead address does not come last: %v, %v", transport, all, err)
		}
	}
}

// SIPp says 503 at the first address and sees its ACK; the second takes the
// call. The same INVITE came to both, with a new branch.
func TestFailoverFrom503OfSIPp(t *testing.T) {
	s := startSIPp(t, "trunk_unavailable", "udp")
	f := newFar(t, taking)
	var port int
	if _, err := fmt.Sscanf(s.addr, "127.0.0.1:%d", &port); err != nil {
		t.Fatal(err)
	}
	n := twoWays(t, "udp", port, f.port())
	n.talk()
	s.done(t)
	if cseq := f.await("INVITE", 1).header("CSeq"); cseq != "1 INVITE" {
		t.Errorf("CSeq %s at the second address", cseq)
	}
}

// The first address says nothing and then, when the second one rings, rings
// and answers after all: it is cancelled, acknowledged and released, and gets
// no repeat of the INVITE meanwhile.
func TestFailoverFromSilenceAndLateWords(t *testing.T) {
	silent := newFar(t, func(f *far, m packet) {
		if m.is("BYE") || m.is("CANCEL") {
			f.reply(m, 200, "late", "", "")
		}
	})
	second := newFar(t, func(f *far, m packet) {
		switch {
		case m.is("INVITE"):
			f.reply(m, 180, "a", f.contact(), "")
		case m.is("BYE"):
			f.reply(m, 200, "a", "", "")
		}
	})
	n := twoWays(t, "udp", silent.port(), second.port(), func(c *Config) { c.NoResponse = 800 * time.Millisecond })
	p := n.call(Call{To: "+79161234567", Trunk: carrier})
	p.until(Ringing)
	first, then := silent.await("INVITE", 1), second.await("INVITE", 1)
	for _, h := range []string{"Call-ID", "From", "CSeq"} {
		if first.header(h) != then.header(h) {
			t.Errorf("%s differs: %s, %s", h, first.header(h), then.header(h))
		}
	}
	branch := func(p packet) string {
		_, b, _ := strings.Cut(p.header("Via"), "branch=")
		b, _, _ = strings.Cut(b, ";")
		return b
	}
	if branch(first) == branch(then) {
		t.Error("both INVITEs have the same branch")
	}
	repeats := silent.count("INVITE")
	silent.reply(first, 180, "late", silent.contact(), "")
	if c := silent.await("CANCEL", 1); branch(c) != branch(first) {
		t.Errorf("the CANCEL has branch %s, the INVITE %s", branch(c), branch(first))
	}
	silent.reply(first, 200, "late", silent.contact(), sdpAt(4000))
	for _, want := range []string{"ACK", "BYE"} {
		if to := silent.await(want, 1).header("To"); !strings.Contains(to, "tag=late") {
			t.Errorf("%s: To %s", want, to)
		}
	}
	second.reply(then, 200, "a", second.contact(), sdpAt(4000))
	p.until(Answered)
	p.HangUp("done")
	p.until(Ended)
	if got := silent.count("INVITE"); got != repeats {
		t.Errorf("the INVITE was repeated %d times to an address that was given up", got-repeats)
	}
}

// With an outbound proxy everything outside the dialog goes there by a
// preloaded Route, the Request-URI stays the trunk's, and the dialog follows
// its route set.
func TestOutboundProxy(t *testing.T) {
	direct := newFar(t, taking)
	proxy := newFar(t, func(f *far, m packet) {
		switch {
		case m.is("INVITE") && f.count("INVITE") == 0:
			f.reply(m, 486, "busy", "", "")
		case m.is("INVITE"):
			f.reply(m, 180, "a", "", "")
		case !m.is("ACK"):
			f.reply(m, 200, "", "", "")
		}
	})
	n := newNear(t)
	trunk := &Trunk{Name: "proxied", URI: "sip:u@carrier.invalid", Proxy: "sip:" + proxy.addr()}
	if e := n.call(Call{To: "+79161234567", Trunk: trunk}).until(Ended); e.Disposition != dialer.Busy {
		t.Errorf("%+v", e)
	}
	p := n.call(Call{To: "+79161234567", Trunk: trunk})
	p.until(Ringing)
	p.HangUp("enough")
	if err := n.Ping(t.Context(), trunk); err != nil {
		t.Error(err)
	}
	for _, want := range []string{"INVITE sip:+79161234567@carrier.invalid ", "ACK sip:+79161234567@carrier.invalid ",
		"CANCEL sip:+79161234567@carrier.invalid ", "OPTIONS sip:carrier.invalid "} {
		if m := proxy.await(want, 1); m.header("Route") != "<sip:"+proxy.addr()+";lr>" {
			t.Errorf("%s: Route %q", m.start, m.header("Route"))
		}
	}
	proxy.reply(proxy.await("INVITE", 2), 200, "a", direct.contact()+"Record-Route: <sip:"+direct.addr()+";lr;x=1>\r\n", sdpAt(4000))
	for _, want := range []string{"ACK", "BYE"} { // the answer crossed the CANCEL
		if m := direct.await(want, 1); m.header("Route") != "<sip:"+direct.addr()+";lr;x=1>" {
			t.Errorf("%s: Route %q", m.start, m.header("Route"))
		}
	}
	p.until(Ended)
}

// Whole calls over IPv6 against SIPp, by number and by name.
func TestCallsOverIPv6(t *testing.T) {
	if c, err := net.ListenPacket("udp6", "[::1]:0"); err != nil {
		t.Skip("this machine has no IPv6 on loopback")
	} else {
		c.Close()
	}
	for _, network := range []string{"udp", "tcp"} {
		for _, host := range []string{"[::1]", "six.test"} {
			t.Run(network+"/"+host, func(t *testing.T) {
				s := startSIPpAt(t, "::1", "ipv6", network)
				_, port, _ := net.SplitHostPort(s.addr)
				n := newNear(t, func(c *Config) {
					c.IP, c.TCP = netip.IPv6Loopback(), true
					c.Resolver = newZone(t, "AAAA six.test ::1", "A six.test 192.0.2.1")
				})
				p := n.call(Call{To: "+79161234567", Local: netip.MustParseAddrPort("[::1]:40000"),
					Trunk: &Trunk{Name: "six", URI: "sip:robot@" + host + ":" + port + ";transport=" + network}})
				if e := p.until(Answered); e.Remote.Addr.Addr().String() != "::1" {
					t.Errorf("media at %s", e.Remote.Addr)
				}
				p.HangUp("done")
				if e := p.final(); e.Disposition != dialer.Answered || e.Err != nil {
					t.Errorf("%+v", e)
				}
				s.done(t)
			})
		}
	}
}
