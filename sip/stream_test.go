package sip

import (
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"dozvon/dialer"
)

// ended waits until the far end of a connection is closed.
func (s *stranger) ended() bool {
	_ = s.conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	_, err := io.Copy(io.Discard, s.conn)
	var timeout net.Error
	return !errors.As(err, &timeout) || !timeout.Timeout()
}

// What is no SIP, or never ends, ends the connection and takes little memory;
// the endpoint goes on.
func TestHostileStreams(t *testing.T) {
	n := newNear(t, asFriends, func(c *Config) { c.TCP = true })
	line := "X-Filler: " + strings.Repeat("y", 1000) + "\r\n"
	head := "OPTIONS sip:x@y SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bKa\r\nFrom: <sip:a@b>;tag=f\r\nTo: <sip:x@y>\r\nCall-ID: h\r\nCSeq: 1 OPTIONS\r\n"
	before := heap()
	for name, c := range map[string]struct {
		first, more string
		answered    bool
	}{
		"an endless header":      {head, line, true},
		"an endless line":        {head + "X: ", strings.Repeat("z", 1000), true},
		"a huge body":            {head + "Content-Length: 99999999\r\n\r\n", "", true},
		"a body over the limit":  {head + "Content-Length: 65000\r\n" + line, "\r\n", false},
		"no length that fits":    {head + "Content-Length: 18446744073709551617\r\n\r\n", "", true},
		"two lengths":            {head + "Content-Length: 1\r\nl: 2\r\n\r\n", "", true},
		"garbage":                {strings.Repeat("\x00\x01", 100), strings.Repeat("\xff", 1000), false},
		"endless white space":    {head + "X: y\r\n", strings.Repeat(" ", 999) + "\r\n", true},
		"a header of only names": {head, strings.Repeat("a:\r\n", 250), true},
	} {
		s := newStranger(t, "tcp", n.Endpoint, "127.0.0.1")
		s.say(c.first)
		for i := 0; i < 1000 && c.more != ""; i++ {
			if _, err := s.conn.Write([]byte(c.more)); err != nil {
				break
			}
		}
		if !s.ended() {
			t.Errorf("%s: the connection is still there", name)
		}
	}
	if after := heap(); after > before+4<<20 {
		t.Errorf("the heap grew by %d KB", (after-before)>>10)
	}
	s := newStranger(t, "tcp", n.Endpoint, "127.0.0.1")
	if code, p := s.answer(s.request("OPTIONS", "")); code != 0 || p.raw != "" {
		t.Logf("%s", p.start)
	}
}

// A message in many small pieces, two in one, and keep-alives between them.
func TestPiecesOfStreams(t *testing.T) {
	n := newNear(t, func(c *Config) { c.TCP = true })
	s := newStranger(t, "tcp", n.Endpoint, "127.0.0.1")
	for _, b := range []byte(s.request("OPTIONS", "")) {
		s.say(string(b))
	}
	if p := s.hear(); status(p) != 200 {
		t.Errorf("in pieces: %s", p.start)
	}
	s.say(s.request("OPTIONS", "") + "\r\n" + s.request("MESSAGE", ""))
	if a, b := s.hear(), s.hear(); status(a) != 200 || status(b) != 405 {
		t.Errorf("two in one: %s, %s", a.start, b.start)
	}
	s.say("\r\n\r\n")
	if line, err := s.r.R.ReadString('\n'); line != "\r\n" {
		t.Errorf("a keep-alive: %q, %v", line, err)
	}
}

// One source has so many connections and no more; others still get theirs.
func TestTooManyConnections(t *testing.T) {
	n := newNear(t, func(c *Config) { c.TCP = true })
	refused := 0
	for range maxPerSource + 10 {
		s := newStranger(t, "tcp", n.Endpoint, "127.0.0.9")
		if _, err := s.conn.Write([]byte(s.request("OPTIONS", ""))); err != nil {
			refused++
			continue
		}
		_ = s.conn.SetReadDeadline(time.Now().Add(5 * time.Second))
		if _, err := readTCP(s.r); err != nil {
			refused++
		}
	}
	if refused < 10 {
		t.Errorf("only %d were refused", refused)
	}
	s := newStranger(t, "tcp", n.Endpoint, "127.0.0.8")
	s.say(s.request("OPTIONS", ""))
	if p := s.hear(); status(p) != 200 {
		t.Error("another source suffers")
	}
	if c := n.Strangers(); c.Connections > maxPerSource+1 || c.Refused < 10 {
		t.Errorf("%+v", c)
	}
}

// A stranger who floods his connection loses it; the calls of others that run
// over connections of their own do not notice.
func TestFloodedConnection(t *testing.T) {
	n := newNear(t, func(c *Config) { c.TCP = true })
	s := newStranger(t, "tcp", n.Endpoint, "127.0.0.9")
	for range 200 {
		if _, err := s.conn.Write([]byte(s.request("OPTIONS", ""))); err != nil {
			break
		}
	}
	if !s.ended() {
		t.Error("he still has his connection")
	}
}

// dripping is a connection that brings what it is given and notes until when
// it may take.
type dripping struct {
	net.Conn
	bring []string
	until []time.Time
}

func (d *dripping) Read(b []byte) (int, error) {
	if len(d.bring) == 0 {
		return 0, io.EOF
	}
	n := copy(b, d.bring[0])
	d.bring = d.bring[1:]
	return n, nil
}
func (d *dripping) SetReadDeadline(t time.Time) error { d.until = append(d.until, t); return nil }
func (d *dripping) SetWriteDeadline(time.Time) error  { return nil }
func (d *dripping) Write(b []byte) (int, error)       { return len(b), nil }

// A stranger may be silent for a while only; nobody may take long over one
// message, however busy he seems; a friend may be silent as long as he likes.
func TestSlowStreams(t *testing.T) {
	g := aGuard(Config{})
	drip := &dripping{bring: []string{"O", "P", "T", "I"}}
	_, err := (&guest{Conn: drip, guard: g, src: from("192.0.2.1"), transport: "tcp"}).Read(make([]byte, 10))
	if !errors.Is(err, io.EOF) || len(drip.until) != 5 {
		t.Fatalf("%v, %d reads", err, len(drip.until))
	}
	if left := time.Until(drip.until[0]); left > strangerIdle || left < strangerIdle-5*time.Second {
		t.Errorf("a silent stranger has %s", left)
	}
	for _, u := range drip.until[1:] {
		if !u.Equal(drip.until[1]) || time.Until(u) > messageTime {
			t.Errorf("each piece of a message gives more time: %s", time.Until(u))
		}
	}
	g.meet(time.Now(), from("192.0.2.1"))
	friend := &dripping{}
	_, _ = (&guest{Conn: friend, guard: g, src: from("192.0.2.1"), transport: "tcp"}).Read(make([]byte, 10))
	if !friend.until[0].IsZero() {
		t.Error("a friend may not be silent")
	}
}

// A far end that opens a connection of its own for its BYE is heard on it,
// though nobody knows that connection.
func TestByeOverAnotherConnection(t *testing.T) {
	addr, got := tcpFar(t, 0, func(m packet) []string {
		if m.is("INVITE") {
			return []string{echoed(m, "200 OK", "Contact: <sip:f@127.0.0.1:9;transport=tcp>\r\nContent-Type: application/sdp\r\n", sdpAt(4000))}
		}
		return []string{}
	})
	n := newNear(t, func(c *Config) { c.TCP = true })
	call := n.call(Call{To: "sip:1@" + addr + ";transport=tcp"})
	invite := <-got
	call.until(Answered)
	s := newStranger(t, "tcp", n.Endpoint, "127.0.0.9")
	s.say("BYE sip:dozvon@" + n.Addr().String() + " SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.9;branch=z9hG4bKbye\r\nFrom: " + invite.header("To") + ";tag=f\r\nTo: " +
		invite.header("From") + "\r\nCall-ID: " + invite.header("Call-ID") + "\r\nCSeq: 1 BYE\r\nContent-Length: 0\r\n\r\n")
	if p := s.hear(); status(p) != 200 {
		t.Error(p.start)
	}
	if e := call.until(Ended); e.Disposition != dialer.Answered || e.Err != nil {
		t.Errorf("%+v", e)
	}
}
