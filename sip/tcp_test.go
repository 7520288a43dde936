package sip

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"slices"
	"strings"
	"testing"
	"time"

	"dozvon/dialer"
)

// tcpFar is a far end on TCP, written out by hand. Each message goes to on
// with the connection to answer on; nil closes the connection.
func tcpFar(t *testing.T, port int, on func(m packet) []string) (addr string, got chan packet) {
	t.Helper()
	ln, err := net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		t.Fatal(err)
	}
	got = make(chan packet, 64)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			serveTCP(conn, got, on)
		}
	}()
	t.Cleanup(func() { ln.Close(); <-done })
	return ln.Addr().String(), got
}

func serveTCP(conn net.Conn, got chan packet, on func(m packet) []string) {
	defer conn.Close()
	r := textproto.NewReader(bufio.NewReader(conn))
	for {
		m, err := readTCP(r)
		if err != nil {
			return
		}
		got <- m
		out := on(m)
		if out == nil {
			return
		}
		for _, s := range out {
			_, _ = io.WriteString(conn, s)
		}
	}
}

func readTCP(r *textproto.Reader) (packet, error) {
	start, err := r.ReadLine()
	if err != nil {
		return packet{}, err
	}
	var b strings.Builder
	b.WriteString(start + "\r\n")
	length := 0
	for {
		line, err := r.ReadLine()
		if err != nil {
			return packet{}, err
		}
		b.WriteString(line + "\r\n")
		_, _ = fmt.Sscanf(line, "Content-Length: %d", &length)
		if line == "" {
			break
		}
	}
	body := make([]byte, length)
	if _, err := io.ReadFull(r.R, body); err != nil {
		return packet{}, err
	}
	b.Write(body)
	return packet{raw: b.String(), start: start}, nil
}

// words builds a response to m.
func (p packet) words(code int, extra, body string) string {
	to := p.header("To")
	if !strings.Contains(to, "tag=") {
		to += ";tag=far"
	}
	if body != "" {
		extra += "Content-Type: application/sdp\r\n"
	}
	return fmt.Sprintf("SIP/2.0 %d Word\r\nVia: %s\r\nFrom: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %s\r\n%sContent-Length: %d\r\n\r\n%s",
		code, p.header("Via"), p.header("From"), to, p.header("Call-ID"), p.header("CSeq"), extra, len(body), body)
}

// Fault 8, the other half: where the far end takes TCP, a long INVITE goes
// there, and so does everything after it, although the URI names no
// transport.
func TestLongInviteMovesToTCP(t *testing.T) {
	addr, got := tcpFar(t, 0, func(m packet) []string {
		switch {
		case m.is("INVITE"):
			return []string{m.words(180, "", ""), m.words(200, "Contact: <sip:far@"+farOf(m)+">\r\n", sdpAt(4000))}
		case m.is("BYE"):
			return []string{m.words(200, "", "")}
		}
		return []string{}
	})
	p := newNear(t).call(Call{To: "sip:79161234567@" + addr, Headers: map[string]string{
		"X-A": strings.Repeat("a", 250), "X-B": strings.Repeat("b", 250), "X-C": strings.Repeat("c", 250)}})
	p.until(Answered)
	p.HangUp("done")
	p.until(Ended)
	for _, want := range []string{"INVITE", "ACK", "BYE"} {
		if m := <-got; !m.is(want) || !strings.Contains(m.header("Via"), "SIP/2.0/TCP") {
			t.Errorf("want %s over TCP, got %s with Via %s", want, m.start, m.header("Via"))
		}
	}
}

// farOf is the address that a request went to.
func farOf(m packet) string {
	_, rest, _ := strings.Cut(m.start, "@")
	host, _, _ := strings.Cut(rest, " ")
	return host
}

// The connection breaks while it rings: the call ends at once, and not as
// the trunk's failure, for the person may have heard it ring.
func TestConnectionBreaksWhileRinging(t *testing.T) {
	for _, c := range []struct {
		provisional bool
		want        dialer.Disposition
		failed      dialer.TrunkFailure
	}{{true, dialer.Congestion, dialer.TrunkOK}, {false, dialer.Failed, dialer.TrunkUnreachable}} {
		seen := make(chan packet, 1)
		ln, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		ringing := make(chan struct{})
		go func() {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			defer conn.Close()
			m, err := readTCP(textproto.NewReader(bufio.NewReader(conn)))
			if err != nil {
				return
			}
			seen <- m
			if c.provisional {
				_, _ = io.WriteString(conn, m.words(180, "", ""))
				<-ringing
			}
		}()
		start := time.Now()
		p := newNear(t).call(Call{To: "sip:1@" + ln.Addr().String() + ";transport=tcp"})
		if c.provisional {
			p.until(Ringing)
			close(ringing)
		}
		e := p.until(Ended)
		if e.Disposition != c.want || e.Cause.Failed != c.failed || e.Err == nil || time.Since(start) > 3*time.Second {
			t.Errorf("ended as %s, %+v, %v", e.Disposition, e.Cause, e.Err)
		}
		<-seen
		ln.Close()
	}
}

// A thousand and a half calls are up at once and all end.
func TestManyLegs(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a second")
	}
	f := newFar(t, picksUp)
	const many = 1500
	n := newNear(t, func(c *Config) { c.Grace = 5 * time.Second })
	trunk := &Trunk{Name: "fast", URI: "sip:u@" + f.addr(), CPS: 1500} // a burst would be lost in the far end's socket
	legs := make([]*placed, many)
	for i := range legs {
		legs[i] = n.call(Call{ID: fmt.Sprint("many", i), To: "+79161234567", Trunk: trunk})
	}
	for _, l := range legs {
		l.until(Answered)
	}
	if n.Legs() != many {
		t.Errorf("%d legs are up", n.Legs())
	}
	for group := range slices.Chunk(legs, 50) {
		for _, l := range group {
			l.HangUp("done")
		}
		for _, l := range group {
			if e := l.until(Ended); e.Disposition != dialer.Answered || e.Err != nil {
				t.Errorf("%+v", e)
			}
		}
	}
	if a := n.Endpoint.legs.count(); a != many {
		t.Errorf("%d legs linger", a)
	}
}
