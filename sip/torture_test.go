package sip

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"net"
	"net/netip"
	"net/textproto"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
)

// torture is what each message of RFC 4475 is answered with by a program that
// takes no calls and is a registrar; 0: not at all.
var torture = map[string]int{
	// Section 3.1.1, valid messages. wsinv has a To tag, so it belongs to a dialog.
	"wsinv": 481, "intmeth": 501, "esc01": 403, "escnull": 401, "esc02": 501, "lwsdisp": 200, "longreq": 403,
	"dblreq": 401, "semiuri": 200, "transports": 200, "mpart01": 405, "unreason": 0, "noreason": 0,
	// Section 3.1.2, invalid messages.
	"badinv01": 400, "clerr": 400, "ncl": 400, "scalar02": 400, "scalarlg": 0, "quotbal": 400, "ltgtruri": 400,
	"lwsruri": 400, "lwsstart": 400, "trws": 400, "escruri": 400, "baddate": 400, "regbadct": 400, "badaspec": 400,
	"baddn": 400, "badvers": 505, "mismatch01": 400, "mismatch02": 400, "bigcode": 0,
	// Section 3.2, transaction layer: the branch is no branch, the request is good.
	"badbranch": 200,
	// Section 3.3, application layer. zeromf: we are the end, not a proxy.
	"insuf": 400, "unkscm": 416, "novelsc": 416, "unksm2": 401, "bext01": 420, "invut": 415, "regaut01": 401,
	"multi01": 400, "mcl01": 400, "bcast": 0, "zeromf": 200, "cparam01": 401, "cparam02": 401, "regescrt": 401, "sdp01": 406,
	// Section 3.4, backward compatibility.
	"inv2543": 403,
}

var hexed = regexp.MustCompile(`<hex>([0-9A-F]*)</hex>`)

// tortures reads a message as it stands on the wire.
func tortures(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "rfc4475", name+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(b), "\n", "\r\n")
	return hexed.ReplaceAllStringFunc(text, func(s string) string {
		raw, err := hex.DecodeString(hexed.FindStringSubmatch(s)[1])
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	})
}

// stranger talks to an endpoint from a socket of its own.
type stranger struct {
	t    testing.TB
	conn net.Conn
	r    *textproto.Reader
	n    int
}

func newStranger(t testing.TB, network string, e *Endpoint, from string) *stranger {
	t.Helper()
	d := net.Dialer{}
	ip := net.ParseIP(from)
	if network == "udp" {
		d.LocalAddr = &net.UDPAddr{IP: ip}
	} else {
		d.LocalAddr = &net.TCPAddr{IP: ip}
	}
	c, err := d.Dial(network, e.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return &stranger{t: t, conn: c, r: textproto.NewReader(bufio.NewReaderSize(c, 65536))}
}

func (s *stranger) say(msg string) {
	s.t.Helper()
	if _, err := s.conn.Write([]byte(msg)); err != nil {
		s.t.Fatal(err)
	}
}

// hear returns the next message.
func (s *stranger) hear() packet {
	s.t.Helper()
	_ = s.conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	p, err := readTCP(s.r)
	if err != nil {
		s.t.Fatalf("nothing was heard: %v", err)
	}
	return p
}

// request is a request of a stranger; extra lines end in CRLF.
func (s *stranger) request(method, extra string) string {
	s.n++
	return fmt.Sprintf("%s sip:x@dozvon SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;rport;branch=z9hG4bKs%d\r\nFrom: <sip:s@x>;tag=f\r\nTo: <sip:x@y>\r\n"+
		"Call-ID: sentinel%d\r\nCSeq: %d %s\r\n%sContent-Length: 0\r\n\r\n", method, s.n, s.n, s.n, method, extra)
}

// answer returns the status of the answer to msg, 0 if there is none: a
// request that is always answered comes behind it.
func (s *stranger) answer(msg string) (code int, first packet) {
	s.t.Helper()
	s.say(msg)
	if strings.Contains(msg, "REGISTER") && !strings.HasPrefix(msg, "SIP/") {
		first = s.hear() // its answer comes from another goroutine
		return status(first), first
	}
	s.say(s.request("OPTIONS", ""))
	for p := s.hear(); ; p = s.hear() {
		if strings.HasPrefix(p.header("Call-ID"), "sentinel") {
			return code, first
		}
		if code != 0 {
			s.t.Errorf("a second answer: %s", p.start)
		}
		code, first = status(p), p
	}
}

func status(p packet) (code int) {
	_, _ = fmt.Sscanf(p.start, "SIP/2.0 %d", &code)
	return code
}

// asFriends gives every source the larger budget.
func asFriends(c *Config) { c.Allow = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} }

func asRegistrar(c *Config) {
	c.Registrar = &Registrar{Realm: "test", Password: func(user string) (string, bool) { return "secret-" + user, user != "nobody" }}
}

// Every message of RFC 4475 against a running endpoint over UDP: answered by
// the RFC, with the headers of the request, and nothing stays behind.
func TestTorture(t *testing.T) {
	n := newNear(t, asFriends, asRegistrar)
	s := newStranger(t, "udp", n.Endpoint, "127.0.0.1")
	files, _ := filepath.Glob("testdata/rfc4475/*.txt")
	if len(files) != len(torture) || len(files) != 49 {
		t.Fatalf("%d files, %d expectations, RFC 4475 has 49 messages", len(files), len(torture))
	}
	before := runtime.NumGoroutine()
	for name, want := range torture {
		msg := tortures(t, name)
		got, p := s.answer(msg)
		if got != want {
			t.Errorf("%s: answered %d %q, want %d", name, got, p.start, want)
		}
		if got != 0 {
			repeats(t, name, msg, p)
		}
	}
	if after := runtime.NumGoroutine(); after > before+2 {
		t.Errorf("%d goroutines became %d", before, after)
	}
	if pool := n.tpl.Pool("udp").Size(); pool > 1 {
		t.Errorf("the SIP library remembers %d sources", pool)
	}
}

// repeats checks that a response repeats what RFC 3261 section 8.2.6.2 says.
func repeats(t *testing.T, name, msg string, p packet) {
	t.Helper()
	in, _ := cut([]byte(msg))
	out, _ := cut([]byte(p.raw))
	for _, h := range []string{"from", "call-id", "cseq"} {
		want, n := in.get(h)
		if got, _ := out.get(h); n > 0 && got != want {
			t.Errorf("%s: %s %q became %q", name, h, want, got)
		}
	}
	if in, out := in.list("via"), out.list("via"); len(in) != len(out) {
		t.Errorf("%s: %d Via became %d", name, len(in), len(out))
	}
	if to, n := in.get("to"); n > 0 {
		if got, _ := out.get("to"); !strings.HasPrefix(got, to) {
			t.Errorf("%s: To %q became %q", name, to, got)
		}
	}
}

// What needs a stream: two requests in one segment are both answered; a length
// that can't be right is answered and ends the connection.
func TestTortureOverTCP(t *testing.T) {
	n := newNear(t, asFriends, asRegistrar, func(c *Config) { c.TCP = true })
	s := newStranger(t, "tcp", n.Endpoint, "127.0.0.1")
	s.say(tortures(t, "dblreq"))
	if a, b := s.hear(), s.hear(); status(a) != 401 || status(b) != 403 {
		t.Errorf("dblreq: %s, %s", a.start, b.start)
	}
	s = newStranger(t, "tcp", n.Endpoint, "127.0.0.1") // what follows the second body is no SIP
	for _, name := range []string{"intmeth", "longreq", "wsinv", "lwsdisp", "mpart01", "transports"} {
		if got, p := s.answer(tortures(t, name)); got != torture[name] {
			t.Errorf("%s: %s", name, p.start)
		}
	}
	for _, name := range []string{"ncl", "mcl01", "multi01"} {
		s := newStranger(t, "tcp", n.Endpoint, "127.0.0.1")
		s.say(tortures(t, name))
		if p := s.hear(); status(p) != 400 {
			t.Errorf("%s: %s", name, p.start)
		}
		if name != "multi01" {
			if _, err := readTCP(s.r); err == nil {
				t.Errorf("%s: the connection goes on", name)
			}
		}
	}
}
