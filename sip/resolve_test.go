package sip

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	gosip "github.com/emiago/sipgo/sip"
	"golang.org/x/net/dns/dnsmessage"
)

// zone is a small name server on loopback: what it knows, by "TYPE name". A
// name of which it knows another type exists; others do not.
type zone struct {
	records map[string][]dnsmessage.ResourceBody
	conn    net.PacketConn
	done    chan struct{}
}

func newZone(t *testing.T, lines ...string) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	z := &zone{records: map[string][]dnsmessage.ResourceBody{}, conn: conn, done: make(chan struct{})}
	for _, line := range lines {
		z.add(t, line)
	}
	go z.serve()
	t.Cleanup(func() { conn.Close(); <-z.done })
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

// add reads "A name 192.0.2.1", "AAAA name ::1" or "SRV name 10 20 5060 host".
func (z *zone) add(t *testing.T, line string) {
	f := strings.Fields(line)
	var body dnsmessage.ResourceBody
	switch f[0] {
	case "A":
		body = &dnsmessage.AResource{A: netip.MustParseAddr(f[2]).As4()}
	case "AAAA":
		body = &dnsmessage.AAAAResource{AAAA: netip.MustParseAddr(f[2]).As16()}
	case "SRV":
		r := &dnsmessage.SRVResource{Target: dnsmessage.MustNewName(strings.TrimSuffix(f[5], ".") + ".")}
		if _, err := fmt.Sscan(strings.Join(f[2:5], " "), &r.Priority, &r.Weight, &r.Port); err != nil {
			t.Fatal(err)
		}
		body = r
	}
	z.records["Type"+f[0]+" "+f[1]+"."] = append(z.records["Type"+f[0]+" "+f[1]+"."], body)
}

func (z *zone) serve() {
	defer close(z.done)
	buf := make([]byte, 1500)
	for {
		n, from, err := z.conn.ReadFrom(buf)
		if err != nil {
			return
		}
		var q dnsmessage.Message
		if q.Unpack(buf[:n]) != nil || len(q.Questions) != 1 {
			continue
		}
		if out, err := z.answer(&q); err == nil {
			_, _ = z.conn.WriteTo(out, from)
		}
	}
}

func (z *zone) answer(q *dnsmessage.Message) ([]byte, error) {
	ask := q.Questions[0]
	name := strings.ToLower(ask.Name.String())
	m := dnsmessage.Message{Header: dnsmessage.Header{ID: q.ID, Response: true, Authoritative: true, RCode: dnsmessage.RCodeNameError}, Questions: q.Questions}
	for key := range z.records {
		if strings.HasSuffix(key, " "+name) {
			m.RCode = dnsmessage.RCodeSuccess
		}
	}
	for _, body := range z.records[ask.Type.String()+" "+name] {
		m.Answers = append(m.Answers, dnsmessage.Resource{
			Header: dnsmessage.ResourceHeader{Name: ask.Name, Type: ask.Type, Class: dnsmessage.ClassINET, TTL: 60}, Body: body})
	}
	return m.Pack()
}

func TestResolve(t *testing.T) {
	names := newZone(t,
		"A plain.test 192.0.2.1", "A plain.test 192.0.2.2",
		"AAAA both.test 2001:db8::1", "A both.test 192.0.2.3",
		"AAAA six.test 2001:db8::6",
		"SRV _sip._udp.carrier.test 20 0 5070 b.carrier.test", "SRV _sip._udp.carrier.test 10 5 5060 a.carrier.test",
		"SRV _sip._tcp.carrier.test 10 0 5062 a.carrier.test", "SRV _sips._tcp.carrier.test 10 0 5061 a.carrier.test",
		"A a.carrier.test 192.0.2.10", "A a.carrier.test 192.0.2.11", "A b.carrier.test 192.0.2.12", "A carrier.test 192.0.2.13",
		"SRV _sip._tcp.onlytcp.test 0 0 5080 a.carrier.test",
		"SRV _sips._tcp.onlytls.test 0 0 5081 a.carrier.test",
		"SRV _sip._udp.broken.test 1 0 5060 nowhere.test", "SRV _sip._udp.broken.test 2 0 5060 b.carrier.test",
		"SRV _sip._udp.refuses.test 0 0 0 .",
	)
	for _, c := range []struct{ uri, want string }{
		{"sip:192.0.2.9", "udp 192.0.2.9:5060"},
		{"sip:192.0.2.9;transport=tls", "tls 192.0.2.9:5061"},
		{"sips:192.0.2.9", "tls 192.0.2.9:5061"},
		{"sip:192.0.2.9:7000;transport=TCP", "tcp 192.0.2.9:7000"},
		{"sip:[2001:db8::1]", "error: is an IPv6 address and this program listens on IPv4"},
		{"sip:plain.test", "udp 192.0.2.1:5060, udp 192.0.2.2:5060"},
		{"sip:plain.test:5099;transport=tcp", "tcp 192.0.2.1:5099, tcp 192.0.2.2:5099"},
		{"sips:plain.test", "tls 192.0.2.1:5061, tls 192.0.2.2:5061"},
		{"sip:both.test", "udp 192.0.2.3:5060"},
		{"sip:six.test", "error: six.test: 2001:db8::6 is an IPv6 address"},
		{"sip:carrier.test", "udp 192.0.2.10:5060, udp 192.0.2.11:5060, udp 192.0.2.12:5070"},
		{"sip:carrier.test;transport=tcp", "tcp 192.0.2.10:5062, tcp 192.0.2.11:5062"},
		{"sip:carrier.test;transport=tls", "tls 192.0.2.10:5061, tls 192.0.2.11:5061"},
		{"sip:carrier.test:5060", "udp 192.0.2.13:5060"},
		{"sip:onlytcp.test", "tcp 192.0.2.10:5080, tcp 192.0.2.11:5080"},
		{"sip:onlytls.test", "tls 192.0.2.10:5081, tls 192.0.2.11:5081"},
		{"sip:broken.test", "udp 192.0.2.12:5060"},
		{"sip:refuses.test", "error: takes no calls over udp"},
		{"sip:missing.test", "error: the name missing.test does not exist"},
	} {
		r := &resolver{dns: names}
		u, err := parseURI(c.uri)
		if err != nil {
			t.Fatal(err)
		}
		transport, _ := uriTransport(&u)
		all, err := r.resolve(t.Context(), &u, transport)
		want, bad := strings.CutPrefix(c.want, "error: ")
		if got := inWords(all); bad != (err != nil) || !bad && got != want || bad && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %s, %v; want %s", c.uri, got, err, c.want)
		}
	}
	six := &resolver{dns: names, six: true}
	u, _ := parseURI("sip:both.test")
	if all, err := six.resolve(t.Context(), &u, ""); err != nil || inWords(all) != "udp [2001:db8::1]:5060" {
		t.Errorf("on IPv6: %v, %v", all, err)
	}
}

// inWords sorts the addresses of one name, whose order is the name server's.
func inWords(all []way) string {
	var out []string
	for _, w := range all {
		out = append(out, w.transport+" "+w.addr.String())
	}
	return strings.Join(out, ", ")
}

// stuck is a name server that never answers.
type stuck struct{}

func (stuck) LookupSRV(ctx context.Context, _, _, _ string) (string, []*net.SRV, error) {
	<-ctx.Done()
	return "", nil, ctx.Err()
}

func (stuck) LookupNetIP(ctx context.Context, _, _ string) ([]netip.Addr, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// A name server that says nothing costs a bounded time and is told apart from
// a name that does not exist.
func TestResolveSilence(t *testing.T) {
	r := &resolver{dns: stuck{}}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	u := gosip.Uri{Scheme: "sip", Host: "carrier.test"}
	if _, err := r.resolve(ctx, &u, ""); err == nil || !strings.Contains(err.Error(), "name server did not answer") {
		t.Errorf("%v", err)
	}
}

// Ways found dead come last until their time is over.
func TestDeadWaysComeLast(t *testing.T) {
	now := time.Unix(1000, 0)
	ways := func() []way {
		return []way{{"udp", netip.MustParseAddrPort("192.0.2.1:1")}, {"udp", netip.MustParseAddrPort("192.0.2.2:1")}, {"udp", netip.MustParseAddrPort("192.0.2.3:1")}}
	}
	var r resolver
	r.avoid(ways()[0], now.Add(shunFor))
	want := inWords([]way{ways()[1], ways()[2], ways()[0]})
	if got := inWords(r.livingFirst(ways(), now.Add(shunFor-1))); got != want {
		t.Errorf("while it counts as dead: %s", got)
	}
	if got := inWords(r.livingFirst(ways(), now.Add(shunFor))); got != inWords(ways()) {
		t.Errorf("afterwards: %s", got)
	}
}

// Priorities are strict, weights are shares.
func TestArrange(t *testing.T) {
	one := func(n byte, priority, weight uint16) target {
		return target{priority, weight, []way{{"udp", netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, n}), 5060)}}}
	}
	firsts := map[byte]int{}
	all := []target{one(9, 20, 100), one(1, 10, 60), one(2, 10, 30), one(3, 10, 10), one(4, 10, 0)}
	for i := range 101 {
		got := arrange(all, func(n int) int { return min(i, n-1) })
		if len(got) != 5 || got[4].addr.Addr().As4()[3] != 9 {
			t.Fatalf("%v", got)
		}
		firsts[got[0].addr.Addr().As4()[3]]++
	}
	if want := map[byte]int{1: 60, 2: 30, 3: 10, 4: 1}; !mapsEqual(firsts, want) {
		t.Errorf("drawn %v, want %v", firsts, want)
	}
	if got := arrange([]target{one(1, 0, 0), one(2, 0, 0)}, func(n int) int { return n - 1 }); got[0].addr.Addr().As4()[3] != 2 {
		t.Errorf("equal weights of 0 are not drawn: %v", got)
	}
	if got := arrange(nil, func(int) int { return 0 }); !slices.Equal(got, nil) {
		t.Errorf("%v", got)
	}
}

func mapsEqual(a, b map[byte]int) bool { return fmt.Sprint(a) == fmt.Sprint(b) }
