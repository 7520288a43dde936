package sip

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	gosip "github.com/emiago/sipgo/sip"

	"dozvon/dialer"
)

// logbook is a registration on a timeline.
type logbook struct {
	t    *testing.T
	r    *enrolment
	now  time.Time
	req  *gosip.Request
	last RegistrationEvent
}

func newLogbook(t *testing.T) *logbook {
	now := time.Unix(1000, 0)
	domain := gosip.Uri{Scheme: "sip", Host: "carrier.test"}
	a := account{domain: domain, user: "robot", id: identity{callID: "1@dozvon", tag: "our", seed: "seed", host: "192.0.2.9", port: 5060,
		from:    gosip.Uri{Scheme: "sip", User: "robot", Host: "carrier.test"},
		contact: gosip.Uri{Scheme: "sip", User: "robot", Host: "192.0.2.9"}}}
	return &logbook{t: t, now: now, r: newEnrolment(a, &Trunk{Name: "t", Password: "p"}, rand.New(rand.NewPCG(1, 2)), now)}
}

// feed gives an event to the machine and returns what it did, in words.
func (l *logbook) feed(ev event) string {
	l.t.Helper()
	var got []string
	for _, c := range l.r.handle(l.now, ev) {
		switch c := c.(type) {
		case connect:
			got = append(got, "connect")
		case nextWay:
			got = append(got, "next")
		case shun:
			got = append(got, "shun")
		case send:
			l.req = c.req
			got = append(got, fmt.Sprintf("REGISTER %d %s", c.req.CSeq().SeqNo, c.req.GetHeader("Expires").Value()))
		case poke:
			got = append(got, "poke")
		case news:
			l.last = c.RegistrationEvent
			got = append(got, c.State.String())
		case drop:
			got = append(got, "drop")
		}
	}
	return strings.Join(got, ", ")
}

// until moves the clock to the next thing the machine does, and returns it
// with the time that passed.
func (l *logbook) until() (did string, after time.Duration) {
	l.t.Helper()
	start := l.now
	for range 1000 {
		next := l.r.next()
		if next.IsZero() {
			return "", l.now.Sub(start)
		}
		l.now = next
		if did = l.feed(tick{}); did != "" && did != "poke" {
			return did, l.now.Sub(start)
		}
	}
	l.t.Fatal("nothing but keep-alives")
	return "", 0
}

func (l *logbook) want(got, want string) {
	l.t.Helper()
	if got != want {
		l.t.Errorf("did %q, want %q", got, want)
	}
}

// within checks what the machine does next, and when.
func (l *logbook) within(want string, least, most time.Duration) {
	l.t.Helper()
	did, after := l.until()
	if did != want || after < least || after > most {
		l.t.Errorf("did %q after %s, want %q after %s to %s", did, after, want, least, most)
	}
}

func (l *logbook) resp(code int) enrolReply {
	return enrolReply{response: response{code: code, reason: "Word", cseq: l.r.seq}}
}

func (l *logbook) ok(granted time.Duration) enrolReply {
	r := l.resp(200)
	r.granted = granted
	return r
}

func (l *logbook) lost() lost {
	return lost{method: "REGISTER", branch: l.r.id.branch(int(l.r.seq)), err: errors.New("no response")}
}

// registeredFor is a registration that is up.
func registeredFor(t *testing.T, granted time.Duration) *logbook {
	l := newLogbook(t)
	l.within("connect", 0, 0)
	l.want(l.feed(connected{"udp"}), "REGISTER 1 300")
	l.want(l.feed(l.ok(granted)), "registered")
	return l
}

func TestRegistrationIsRefreshed(t *testing.T) {
	l := registeredFor(t, 100*time.Second)
	if !l.last.Until.Equal(l.now.Add(100 * time.Second)) {
		t.Errorf("until %s", l.last.Until)
	}
	for seq := 2; seq < 5; seq++ {
		l.within("connect", 75*time.Second, 85*time.Second)
		l.want(l.feed(connected{"tcp"}), fmt.Sprintf("REGISTER %d 300", seq))
		l.want(l.feed(l.ok(100*time.Second)), "") // told once
	}
	if c := l.req.Contact().Value(); c != "<sip:robot@192.0.2.9:5060;transport=tcp>" {
		t.Errorf("Contact %s", c)
	}
}

func TestRegistrationDigest(t *testing.T) {
	l := newLogbook(t)
	l.until()
	l.feed(connected{"udp"})
	ask := l.resp(401)
	ask.challenges = []challenge{{realm: "r", nonce: "1", qop: true}, {realm: "r", nonce: "1", qop: true, algorithm: "SHA-256"}}
	l.want(l.feed(ask), "REGISTER 2 300")
	if h := l.req.GetHeader("Authorization").Value(); !strings.Contains(h, "algorithm=SHA-256") || !strings.Contains(h, `uri="sip:carrier.test"`) {
		t.Errorf("%s", h)
	}
	l.want(l.feed(l.ok(time.Minute)), "registered")
	l.until()
	l.want(l.feed(connected{"udp"}), "REGISTER 3 300")
	if h := l.req.GetHeader("Authorization"); h == nil || !strings.Contains(h.Value(), "nc=00000002") {
		t.Error("a refresh waits to be asked for what is known")
	}
	stale := l.resp(401)
	stale.challenges = []challenge{{realm: "r", nonce: "2", qop: true}}
	l.want(l.feed(stale), "REGISTER 4 300") // a new nonce, without the word stale
}

// A wrong password is tried once and then seldom.
func TestRegistrationRefused(t *testing.T) {
	l := newLogbook(t)
	l.until()
	l.feed(connected{"udp"})
	ask := l.resp(401)
	ask.challenges = []challenge{{realm: "r", nonce: "1"}}
	l.feed(ask)
	ask.cseq = l.r.seq
	l.want(l.feed(ask), "refused")
	if l.last.Code != 401 || !strings.Contains(l.last.Err.Error(), "password is wrong") || kindOf(l.last.Err) != dialer.TrunkRejected {
		t.Errorf("%+v", l.last)
	}
	l.within("connect", time.Minute, 2*time.Minute)
	l.feed(connected{"udp"})
	l.want(l.feed(l.resp(403)), "refused") // another reason is news
	l.within("connect", 2*time.Minute, 4*time.Minute)
	l.feed(connected{"udp"})
	l.want(l.feed(l.resp(403)), "") // the same is not
	for range 12 {
		l.until()
		l.feed(connected{"udp"})
		l.feed(l.resp(403))
	}
	l.within("connect", 15*time.Minute, 30*time.Minute)
	l.feed(connected{"udp"})
	l.want(l.feed(l.ok(time.Minute)), "registered")
}

func TestRegistrationLostAndFound(t *testing.T) {
	l := registeredFor(t, 100*time.Second)
	l.until()
	l.feed(connected{"udp"})
	l.want(l.feed(l.lost()), "") // the binding still lasts
	l.within("lost", 10*time.Second, 26*time.Second)
	l.within("connect", 0, 20*time.Second)
	l.want(l.feed(unlinked{errors.New("no name")}), "")
	l.within("connect", 30*time.Second, time.Minute)
	l.feed(connected{"udp"})
	l.want(l.feed(l.ok(time.Hour)), "registered")
	l.within("connect", 45*time.Minute, 51*time.Minute) // what failed before is forgotten
}

func TestRegistrationNeverReached(t *testing.T) {
	l := newLogbook(t)
	l.until()
	l.want(l.feed(unlinked{errors.New("no name")}), "lost")
	if kindOf(l.last.Err) != dialer.TrunkUnreachable {
		t.Errorf("%+v", l.last)
	}
	l.within("connect", 15*time.Second, 30*time.Second)
}

// 503 tells when to come back; other addresses are tried first.
func TestRegistrarIsBusy(t *testing.T) {
	l := newLogbook(t)
	l.until()
	l.feed(others{1})
	l.feed(connected{"udp"})
	busy := l.resp(503)
	busy.retryAfter = 10 * time.Minute
	l.want(l.feed(busy), "next")
	l.feed(others{0})
	l.want(l.feed(connected{"udp"}), "REGISTER 2 300")
	busy.cseq = 2
	l.want(l.feed(busy), "lost")
	l.within("connect", 10*time.Minute, 11*time.Minute)
	l.feed(others{1})
	l.feed(connected{"udp"})
	l.want(l.feed(l.lost()), "shun, next")
}

func TestRegistrationTooBrief(t *testing.T) {
	l := newLogbook(t)
	l.until()
	l.feed(connected{"udp"})
	brief := l.resp(423)
	brief.least = 10 * time.Minute
	l.want(l.feed(brief), "REGISTER 2 600")
	l.want(l.feed(l.ok(0)), "registered") // granted as asked
	l.within("connect", 450*time.Second, 510*time.Second)

	l = newLogbook(t)
	l.until()
	l.feed(connected{"udp"})
	for i := range 10 { // a registrar that always wants more
		brief = l.resp(423)
		brief.least = time.Duration(i+10) * time.Minute
		if l.feed(brief) == "refused" {
			return
		}
	}
	t.Error("423 is followed without end")
}

func TestUnregister(t *testing.T) {
	l := registeredFor(t, time.Minute)
	l.want(l.feed(leaving{}), "REGISTER 2 0")
	l.want(l.feed(leaving{}), "")
	ask := l.resp(401)
	ask.challenges = []challenge{{realm: "r", nonce: "1"}}
	l.want(l.feed(ask), "REGISTER 3 0")
	l.want(l.feed(l.ok(0)), "unregistered, drop")

	l = registeredFor(t, time.Minute)
	l.feed(leaving{})
	l.within("unregistered, drop", leaveTime, leaveTime) // nobody answers

	l = newLogbook(t) // nothing to undo
	l.until()
	l.want(l.feed(leaving{}), "unregistered, drop")

	l = newLogbook(t) // a REGISTER is out: its answer does not count
	l.until()
	l.feed(connected{"udp"})
	first, gone := l.ok(time.Minute), l.lost()
	l.want(l.feed(leaving{}), "REGISTER 2 0")
	l.want(l.feed(first), "")
	l.want(l.feed(gone), "")
	l.want(l.feed(l.resp(500)), "unregistered, drop")
}

// Keep-alives come every 24 to 30 s; a broken connection is mended at once.
func TestRegistrationKeepAlive(t *testing.T) {
	l := registeredFor(t, time.Hour)
	for range 10 {
		start := l.now
		l.now = l.r.next()
		l.want(l.feed(tick{}), "poke")
		if d := l.now.Sub(start); d < 24*time.Second || d > 30*time.Second {
			t.Errorf("after %s", d)
		}
	}
	l.want(l.feed(broken{}), "connect")
	l.want(l.feed(broken{}), "") // one at a time
	l.want(l.feed(connected{"tcp"}), "REGISTER 2 300")
}

// A property: whatever comes, one REGISTER is under way at most, and leaving
// ends it.
func FuzzRegistration(f *testing.F) {
	f.Add([]byte("abcdefgh"), uint16(200))
	f.Add([]byte{0, 1, 3, 0, 1, 4, 0, 2, 5, 1, 6, 7, 9}, uint16(423))
	f.Fuzz(func(t *testing.T, script []byte, code uint16) {
		l := newLogbook(t)
		for _, b := range script {
			l.now = l.now.Add(time.Duration(b) * time.Second)
			var ev event
			switch b % 9 {
			case 0:
				ev = tick{}
			case 1:
				ev = connected{"udp"}
			case 2:
				ev = unlinked{errors.New("no")}
			case 3:
				ev = l.resp(int(code % 700))
			case 4:
				ev = l.ok(time.Duration(code) * time.Second)
			case 5:
				ev = l.lost()
			case 6:
				ev = broken{}
			case 7:
				ev = others{int(b) % 3}
			case 8:
				r := l.resp(423)
				r.least, r.retryAfter = time.Duration(code)*time.Second, time.Duration(b)*time.Hour
				ev = r
			}
			if did := l.feed(ev); strings.Count(did, "REGISTER") > 1 || strings.Contains(did, "drop") {
				t.Fatalf("did %q", did)
			}
			if next := l.r.next(); !l.r.busy && next.IsZero() {
				t.Fatal("nothing will ever happen again")
			}
		}
		if did := l.feed(leaving{}); !strings.Contains(did, "drop") && l.r.next().After(l.now.Add(leaveTime)) {
			t.Fatalf("leaving takes until %s: %q", l.r.next(), did)
		}
	})
}

func TestReadGrant(t *testing.T) {
	own := gosip.Uri{Scheme: "sip", User: "robot", Host: "192.0.2.9", Port: 5060}
	for _, c := range []struct {
		name, headers  string
		granted, least time.Duration
	}{
		{"our own Contact", "Contact: <sip:robot@192.0.2.1:5060>;expires=10, <sip:robot@192.0.2.9:5060;transport=tcp>;expires=77\r\nExpires: 500\r\n", 77 * time.Second, 0},
		{"several lines", "Contact: <sip:x@192.0.2.1>;expires=10\r\nContact: \"me\" <sip:robot@192.0.2.9:5060>;q=0.5;expires=78\r\n", 78 * time.Second, 0},
		{"Expires", "Contact: <sip:robot@192.0.2.9:5060>\r\nExpires: 500\r\n", 500 * time.Second, 0},
		{"listed by another address", "Contact: <sip:robot@203.0.113.7:31000>;expires=120\r\n", 2 * time.Minute, 0},
		{"nothing", "", 0, 0},
		{"Min-Expires", "Min-Expires: 900\r\n", 0, 15 * time.Minute},
		{"nonsense", "Expires: soon\r\nMin-Expires: -5\r\n", 0, 0},
		{"for ever", "Expires: 4294967295\r\n", 30 * 24 * time.Hour, 0},
		{"more than a number holds", "Expires: 99999999999999\r\n", 0, 0},
	} {
		m, err := gosip.ParseMessage([]byte("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\nCSeq: 1 REGISTER\r\n" + c.headers + "Content-Length: 0\r\n\r\n"))
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if granted, least := readGrant(m.(*gosip.Response), &own); granted != c.granted || least != c.least {
			t.Errorf("%s: %s, %s", c.name, granted, least)
		}
	}
}
