package sip

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"
)

func aGuard(c Config) *guard {
	return newGuard(&c, &legs{}, netip.MustParseAddrPort("127.0.0.1:5060"), slog.New(slog.DiscardHandler))
}

func from(ip string) netip.AddrPort { return netip.AddrPortFrom(netip.MustParseAddr(ip), 5060) }

// count judges the same message n times at once and tells how many were not
// dropped.
func count(g *guard, now time.Time, src netip.AddrPort, msg string, n int) (let int) {
	for range n {
		if judged(g, now, src, []byte(msg)) != dropIt {
			let++
		}
	}
	return let
}

// Budgets on a timeline.
func TestGuardBudgets(t *testing.T) {
	g, options := aGuard(Config{}), (&stranger{}).request("OPTIONS", "")
	if n := count(g, noon, from("192.0.2.1"), options, 500); n != strangerRate.burst {
		t.Errorf("a stranger got %d through", n)
	}
	if n := count(g, noon, from("192.0.2.2"), options, 10); n != 10 {
		t.Errorf("another one got %d through", n)
	}
	if n := count(g, noon.Add(time.Second), from("192.0.2.1"), options, 500); n != strangerRate.perSecond {
		t.Errorf("a second later, %d", n)
	}
	g.meet(noon, from("192.0.2.3"))
	if n := count(g, noon, from("192.0.2.3"), options, 2000); n != friendRate.burst {
		t.Errorf("a trunk got %d through", n)
	}
	g.settle(map[netip.AddrPort]bool{from("192.0.2.4"): true})
	if n := count(g, noon, from("192.0.2.4"), options, 2000); n != friendRate.burst {
		t.Errorf("a phone got %d through", n)
	}
	later := noon.Add(knownFor + time.Hour)
	if n := count(g, later, from("192.0.2.3"), options, 2000); n != strangerRate.burst {
		t.Errorf("a trunk of long ago got %d through", n)
	}
}

// All strangers together have a budget, which friends don't use up or share.
func TestGuardBudgetOfAll(t *testing.T) {
	g, options, let := aGuard(Config{}), (&stranger{}).request("OPTIONS", ""), 0
	for i := range 5000 {
		let += count(g, noon, from(fmt.Sprintf("10.0.%d.%d", i>>8, i&255)), options, 1)
	}
	if let != everyoneRate.burst {
		t.Errorf("%d of 5000 strangers got through", let)
	}
	g.meet(noon, from("192.0.2.3"))
	if count(g, noon, from("192.0.2.3"), options, 1) != 1 {
		t.Error("a friend did not")
	}
}

// A source is an IPv4 address or an IPv6 network of 64 bits.
func TestSources(t *testing.T) {
	g, options := aGuard(Config{}), (&stranger{}).request("OPTIONS", "")
	let := 0
	for i := range 200 {
		let += count(g, noon, from(fmt.Sprintf("2001:db8::%x", i+1)), options, 1)
	}
	if let != strangerRate.burst {
		t.Errorf("one network got %d through", let)
	}
	if count(g, noon, from("2001:db8:0:1::1"), options, 1) != 1 || count(g, noon, from("::ffff:192.0.2.1"), options, 1) != 1 {
		t.Error("others did not")
	}
}

// With an allow list others get nothing at all, not even an answer.
func TestAllow(t *testing.T) {
	g, options := aGuard(Config{Allow: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}), (&stranger{}).request("OPTIONS", "")
	if count(g, noon, from("192.0.2.77"), options, 100) != 100 || count(g, noon, from("198.51.100.1"), options, 100) != 0 {
		t.Error("the allow list is not held")
	}
	g.meet(noon, from("198.51.100.1"))
	if count(g, noon, from("198.51.100.1"), options, 1) != 1 {
		t.Error("a trunk outside of the list is shut out")
	}
}

// Responses are for us only if we asked, and bring few ports of one address
// into the SIP library, however many are forged.
func TestResponsesOfStrangers(t *testing.T) {
	g, ok := aGuard(Config{}), []byte("SIP/2.0 200 OK\r\nCall-ID: x\r\n\r\n")
	if judged(g, noon, from("192.0.2.1"), ok) != dropIt {
		t.Error("a response of a stranger came in")
	}
	g.meet(noon, from("192.0.2.1"))
	let := 0
	for i := range 5000 {
		if judged(g, noon.Add(time.Duration(i)*10*time.Millisecond), netip.AddrPortFrom(from("192.0.2.1").Addr(), uint16(1000+i)), ok) == passIt {
			let++
		}
	}
	if let != maxKnownPorts {
		t.Errorf("%d ports came in", let)
	}
}

// What belongs to a leg comes in from anywhere, flood or not; it must know
// the leg's own tag, and one leg's far end can't take what others need.
func TestMessagesOfLegs(t *testing.T) {
	l, other := &Leg{}, &Leg{}
	l.m.id.callID, l.m.id.tag = "1@dozvon", "0123456789abcdef"
	other.m.id.callID, other.m.id.tag = "2@dozvon", "fedcba9876543210"
	g := aGuard(Config{Allow: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}})
	g.legs = &legs{by: map[string]*Leg{l.m.id.callID: l, other.m.id.callID: other}}
	bye := func(id, tag string) string {
		return "BYE sip:x@y SIP/2.0\r\nvia: x\r\ncall-id : " + id + "\r\nTo: <sip:a@b>;tag=" + tag + "\r\n\r\n"
	}
	if judged(g, noon, from("198.51.100.1"), []byte(bye("1@dozvon", l.m.id.tag))) != passIt {
		t.Error("a BYE from elsewhere was dropped")
	}
	for _, tag := range []string{"", "guess", other.m.id.tag} {
		if judged(g, noon, from("198.51.100.1"), []byte(bye("1@dozvon", tag))) == passIt {
			t.Errorf("the tag %q was taken for the leg's", tag)
		}
	}
	if n := count(g, noon, from("198.51.100.1"), bye("1@dozvon", l.m.id.tag), 1000); n != legRate.burst-1 {
		t.Errorf("%d of 1000 came in", n)
	}
	if judged(g, noon, from("198.51.100.1"), []byte(bye("2@dozvon", other.m.id.tag))) != passIt {
		t.Error("the other leg suffers")
	}
	let := 0
	for i := range 100 {
		let += count(g, noon.Add(time.Minute), netip.AddrPortFrom(from("198.51.100.1").Addr(), uint16(1000+i)), bye("2@dozvon", other.m.id.tag), 1)
	}
	if let != maxLegSources-1 {
		t.Errorf("%d sources of one leg came in", let)
	}
}

// However many addresses we meet, little is remembered.
func TestGuardForgets(t *testing.T) {
	g := aGuard(Config{})
	for i := range 3 * maxKnownAddrs {
		a := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), 5060)
		g.meet(noon, a)
		g.meetTrunk(noon, a)
	}
	if len(g.known) > maxKnownAddrs || len(g.trunks) > maxKnownAddrs {
		t.Errorf("%d and %d addresses are remembered", len(g.known), len(g.trunks))
	}
}

// A stateless answer is the same for a repeat, goes to the source address
// whatever Via says, and is never an answer to an ACK or to nothing.
func TestStatelessAnswers(t *testing.T) {
	g := aGuard(Config{UserAgent: "dozvon"})
	src := netip.MustParseAddrPort("192.0.2.1:1234")
	ask := func(msg string) (out string, to netip.AddrPort) {
		g.consider(noon, src, "udp", []byte(msg), func(b []byte, a netip.AddrPort) { out, to = string(b), a })
		return out, to
	}
	options := (&stranger{}).request("OPTIONS", "")
	a, _ := ask(options)
	if b, to := ask(options); a != b || a == "" || to != src {
		t.Errorf("%s\n%s to %s", a, b, to)
	}
	for via, port := range map[string]uint16{
		"192.0.2.1:5080": 5080, "192.0.2.1": 5060, "192.0.2.1:5080;rport": 1234, "10.0.0.1:5080": 1234, "host.example:5080": 1234,
		"192.0.2.1:5080;maddr=198.51.100.7": 5080,
	} {
		if _, to := ask(strings.Replace(options, "192.0.2.1;rport", via, 1)); to != netip.AddrPortFrom(src.Addr(), port) {
			t.Errorf("Via %s is answered to %s", via, to)
		}
	}
	for _, msg := range []string{strings.ReplaceAll(options, "OPTIONS", "ACK"), "", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "\x00\x01\x02",
		strings.Replace(options, "Via", "Vai", 1), strings.Replace(options, "OPTIONS sip", "ACK sip", 1)} {
		if out, _ := ask(msg); out != "" {
			t.Errorf("%q was answered with %q", msg, out)
		}
	}
}

// FuzzDoor gives anything to everything that looks at it before the SIP
// library does; whatever is answered is one well-formed response.
func FuzzDoor(f *testing.F) {
	for name := range torture {
		f.Add([]byte(tortures(f, name)))
	}
	f.Add([]byte("INVITE sip:a@b SIP/2.0\r\nVia:\r\n ;\r\nv: SIP/2.0/UDP a;x=\"\\\"\r\nTo: \"\\\r\n\r\n"))
	f.Add([]byte("\r\n\r\nOPTIONS sip:a SIP/2.0\nv:SIP/2.0/UDP [::1]:1;rport\nl:0\n\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		g := aGuard(Config{UserAgent: "dozvon"})
		src := netip.MustParseAddrPort("192.0.2.1:1234")
		_ = findCallID(b)
		if empty, size, err := frame(b); err == nil && (empty < 0 || size > len(b) || size != 0 && size <= empty) {
			t.Fatalf("frame: %d, %d", empty, size)
		}
		for _, transport := range []string{"udp", "tcp"} {
			judged(g, noon, src, b)
			g.consider(noon, src, transport, b, func(out []byte, to netip.AddrPort) {
				if to.Addr() != src.Addr() || bytes.Count(out, []byte("\r\n\r\n")) != 1 || !bytes.HasSuffix(out, []byte("\r\n\r\n")) {
					t.Fatalf("answer to %s: %q", to, out)
				}
				if bytes.Count(out, []byte("\n")) != bytes.Count(out, []byte("\r\n")) || bytes.Count(out, []byte("\r")) != bytes.Count(out, []byte("\n")) {
					t.Fatalf("line breaks in %q", out)
				}
				if e, ok := cut(out); !ok || !e.isResponse() {
					t.Fatalf("no response: %q", out)
				}
			})
		}
	})
}

func judged(g *guard, now time.Time, src netip.AddrPort, b []byte) judgement {
	verdict, _ := g.judge(now, src, b)
	return verdict
}
