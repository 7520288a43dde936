package sip

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"dozvon/audio"
)

// far is a far end written out by hand: it speaks raw UDP and has no SIP
// library, so that it shows what is really on the wire.
type far struct {
	t    *testing.T
	conn *net.UDPConn
	on   func(f *far, m packet)
	mu   sync.Mutex
	log  []packet
	news chan struct{}
	done chan struct{}
}

// packet is one message as it came.
type packet struct {
	raw    string
	method string // of the CSeq
	start  string
	from   *net.UDPAddr
}

func (p packet) is(method string) bool { return strings.HasPrefix(p.start, method+" ") }

func (p packet) header(name string) string {
	if all := p.headers(name); len(all) > 0 {
		return all[0]
	}
	return ""
}

func (p packet) headers(name string) []string {
	var out []string
	head, _, _ := strings.Cut(p.raw, "\r\n\r\n")
	for _, line := range strings.Split(head, "\r\n") {
		if key, val, ok := strings.Cut(line, ":"); ok && strings.EqualFold(key, name) {
			out = append(out, strings.TrimSpace(val))
		}
	}
	return out
}

// picksUp is a far end that rings, answers at once and is hung up.
func picksUp(f *far, m packet) {
	switch {
	case m.is("INVITE"):
		f.reply(m, 180, "a", f.contact(), "")
		f.reply(m, 200, "a", f.contact(), sdpAt(4000))
	case m.is("BYE"):
		f.reply(m, 200, "", "", "")
	}
}

// newFar starts a far end; on is called for each message, in order.
func newFar(t *testing.T, on func(f *far, m packet)) *far {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.SetReadBuffer(4 << 20) // best effort: a busy machine must not look like a lossy network
	f := &far{t: t, conn: conn, on: on, news: make(chan struct{}), done: make(chan struct{})}
	go f.read()
	t.Cleanup(func() { conn.Close(); <-f.done })
	return f
}

func (f *far) read() {
	defer close(f.done)
	buf := make([]byte, 65536)
	for {
		n, from, err := f.conn.ReadFromUDP(buf)
		if err != nil {
			return
		}
		p := packet{raw: string(buf[:n]), from: from}
		p.start, _, _ = strings.Cut(p.raw, "\r\n")
		if _, m, ok := strings.Cut(p.header("CSeq"), " "); ok {
			p.method = m
		}
		f.on(f, p)
		f.mu.Lock()
		f.log = append(f.log, p)
		close(f.news)
		f.news = make(chan struct{})
		f.mu.Unlock()
	}
}

// await returns the n-th message (from 1) whose start line begins with start.
func (f *far) await(start string, n int) packet {
	f.t.Helper()
	deadline := time.After(10 * time.Second)
	for {
		f.mu.Lock()
		found := f.matching(start)
		news := f.news
		f.mu.Unlock()
		if len(found) >= n {
			return found[n-1]
		}
		select {
		case <-news:
		case <-deadline:
			f.t.Fatalf("no %d. %q came; got %v", n, start, f.starts())
		}
	}
}

func (f *far) matching(start string) []packet {
	var out []packet
	for _, p := range f.log {
		if strings.HasPrefix(p.start, start) {
			out = append(out, p)
		}
	}
	return out
}

func (f *far) count(start string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.matching(start))
}

func (f *far) starts() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []string
	for _, p := range f.log {
		out = append(out, p.start)
	}
	return out
}

// reply answers a request; extra is further header lines, each with CRLF.
func (f *far) reply(m packet, code int, tag, extra, body string) {
	f.replyTo(m, m.from, code, tag, extra, body)
}

func (f *far) replyTo(m packet, to *net.UDPAddr, code int, tag, extra, body string) {
	var b strings.Builder
	fmt.Fprintf(&b, "SIP/2.0 %d Word\r\n", code)
	for _, v := range m.headers("Via") {
		fmt.Fprintf(&b, "Via: %s\r\n", v)
	}
	h := m.header("To")
	if tag != "" && !strings.Contains(h, "tag=") {
		h += ";tag=" + tag
	}
	if body != "" {
		extra += "Content-Type: application/sdp\r\n"
	}
	fmt.Fprintf(&b, "From: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %s\r\n%sContent-Length: %d\r\n\r\n%s",
		m.header("From"), h, m.header("Call-ID"), m.header("CSeq"), extra, len(body), body)
	f.conn.WriteToUDP([]byte(b.String()), to)
}

// ask sends a request of the far end in the dialog of an INVITE.
func (f *far) ask(invite packet, tag, method string, cseq int, extra, body string) {
	var b strings.Builder
	from, to := invite.header("To"), invite.header("From")
	if tag != "" {
		from += ";tag=" + tag
	}
	fmt.Fprintf(&b, "%s sip:dozvon@%s SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bKfar%s%d\r\nMax-Forwards: 70\r\n", method, invite.from, f.conn.LocalAddr(), method, cseq)
	fmt.Fprintf(&b, "From: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %d %s\r\n%sContent-Length: %d\r\n\r\n%s",
		from, to, invite.header("Call-ID"), cseq, method, extra, len(body), body)
	f.conn.WriteToUDP([]byte(b.String()), invite.from)
}

func (f *far) addr() string    { return f.conn.LocalAddr().String() }
func (f *far) contact() string { return "Contact: <sip:far@" + f.addr() + ">\r\n" }
func (f *far) uri() string     { return "sip:79161234567@" + f.addr() }

// sdpAt is an answer of a far end.
func sdpAt(port int) string {
	return fmt.Sprintf("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio %d RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n", port)
}

// near is our side under test: an endpoint and the events of its calls.
type near struct {
	*Endpoint
	t *testing.T
}

func newNear(t *testing.T, change ...func(*Config)) *near {
	t.Helper()
	c := Config{IP: netip.MustParseAddr("127.0.0.1"), Log: slog.New(slog.DiscardHandler), Grace: 500 * time.Millisecond}
	for _, f := range change {
		f(&c)
	}
	e, err := Listen(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return &near{e, t}
}

// placed is a call and what was told about it.
type placed struct {
	*Leg
	t      *testing.T
	events chan Event
}

func (n *near) call(c Call) *placed {
	p := &placed{t: n.t, events: make(chan Event, 256)}
	if c.ID == "" {
		c.ID = fmt.Sprintf("call-%d", time.Now().UnixNano())
	}
	if !c.Local.IsValid() {
		c.Local = netip.MustParseAddrPort("127.0.0.1:40000")
	}
	if c.Laws == nil {
		c.Laws = []audio.Law{audio.ALaw, audio.ULaw}
	}
	c.Sink = func(e Event) { p.events <- e }
	p.Leg = n.Invite(c)
	return p
}

// until returns the next event of a kind and fails on Ended instead of it.
func (p *placed) until(kind EventKind) Event {
	p.t.Helper()
	deadline := time.After(12 * time.Second)
	for {
		select {
		case e := <-p.events:
			if e.Kind == kind {
				return e
			}
			if e.Kind == Ended {
				p.t.Fatalf("ended while waiting for %s: %+v", kind, e)
			}
		case <-deadline:
			p.t.Fatalf("no %s came", kind)
		}
	}
}
