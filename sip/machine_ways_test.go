package sip

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"dozvon/dialer"
)

// several is a machine whose hop has more addresses than one.
func several(t *testing.T, more int) *line {
	l := newLine(t)
	l.feed(started{})
	l.feed(others{more})
	l.want(l.feed(connected{"udp"}), "INVITE 1")
	return l
}

// next lets the next address connect.
func (l *line) next(left int) string {
	l.feed(others{left})
	return l.feed(connected{"udp"})
}

func TestMovesOn(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(l *line) string
		want string
	}{
		{"503", func(l *line) string { return l.feed(l.resp(503, "a", "")) }, "connect"},
		{"503 with Retry-After", func(l *line) string {
			r := l.resp(503, "a", "")
			r.retryAfter = time.Minute
			return l.feed(r)
		}, "shun 1m0s, connect"},
		{"refused datagram", func(l *line) string { return l.feed(refusal{netip.MustParseAddrPort("192.0.2.1:5060")}) }, "shun 30s, connect"},
		{"broken connection", func(l *line) string {
			return l.feed(lost{method: "INVITE", branch: l.m.branch, err: errors.New("reset")})
		}, "shun 30s, connect"},
		{"silence", func(l *line) string { return l.pass(4 * time.Second) }, "shun 30s, connect"},
	} {
		l := several(t, 1)
		first := l.req["INVITE"]
		if got := c.do(l); got != c.want {
			t.Errorf("%s: did %q, want %q", c.name, got, c.want)
			continue
		}
		l.want(l.next(0), "INVITE 1")
		again := l.req["INVITE"]
		same := first.CallID().Value() == again.CallID().Value() && first.From().String() == again.From().String() && first.CSeq().SeqNo == again.CSeq().SeqNo
		if !same || first.Via().String() == again.Via().String() {
			t.Errorf("%s: the next INVITE is not the same request with a new branch:\n%s\n%s", c.name, first, again)
		}
		l.want(l.feed(l.resp(180, "b", "")), "ringing")
	}
}

// No sign of life may have come, and no other answer moves a call.
func TestStaysWhereItWasHeard(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(l *line) string
		want string
	}{
		{"503 after 100", func(l *line) string { l.feed(l.resp(100, "", "")); return l.feed(l.resp(503, "a", "")) }, "ended congestion, drop"},
		{"486", func(l *line) string { return l.feed(l.resp(486, "a", "")) }, "ended busy, drop"},
		{"500", func(l *line) string { return l.feed(l.resp(500, "a", "")) }, "ended congestion, drop"},
		{"lost after 180", func(l *line) string {
			l.feed(l.resp(180, "a", ""))
			return l.feed(lost{method: "INVITE", branch: l.m.branch, err: errors.New("reset")})
		}, "ended congestion, drop"},
		{"hung up", func(l *line) string { l.feed(hangUp{"no"}); return l.feed(l.resp(503, "a", "")) }, "ended failed, drop"},
	} {
		l := several(t, 3)
		if got := c.do(l); got != c.want {
			t.Errorf("%s: did %q, want %q", c.name, got, c.want)
		}
	}
}

// Each address has its share of NoResponse, and the last failure ends the
// call as the trunk's; the leg stays for what may still come.
func TestEveryAddressIsSilent(t *testing.T) {
	l := several(t, 2)
	l.want(l.pass(2700*time.Millisecond), "shun 30s, connect")
	l.want(l.next(1), "INVITE 1")
	l.want(l.pass(2700*time.Millisecond), "shun 30s, connect")
	l.want(l.next(0), "INVITE 1")
	l.want(l.pass(2700*time.Millisecond), "shun 30s, ended failed")
	if l.end.Cause.Failed != dialer.TrunkUnreachable || l.now.Sub(time.Unix(1000, 0)) > 9*time.Second {
		t.Errorf("%+v at %s", l.end, l.now)
	}
	l.want(l.feed(lost{method: "INVITE", branch: l.m.branch, timeout: true}), "")
	if l.m.state != lingering {
		t.Errorf("in %s", l.m.state)
	}
	l.want(l.pass(time.Minute), "drop")
}

// What comes late from an address that was given up: ringing is cancelled, an
// answer acknowledged and ended, a refusal acknowledged; all with the branch
// of that INVITE or in a dialog of its own.
func TestLateWordsOfAnAddressGivenUp(t *testing.T) {
	for _, c := range []struct {
		code int
		want string
	}{{180, "CANCEL 1"}, {200, "ACK 1, BYE 2"}, {486, "ACK 1"}} {
		l := several(t, 1)
		late := l.resp(c.code, "old", sdpAt(4000))
		l.pass(4 * time.Second)
		l.want(l.next(0), "INVITE 1")
		l.want(l.feed(late), c.want)
		if c.code == 180 {
			if branch, _ := l.req["CANCEL"].Via().Params.Get("branch"); branch != late.branch {
				t.Errorf("the CANCEL has branch %s, want %s", branch, late.branch)
			}
		}
		l.want(l.feed(l.resp(200, "new", sdpAt(4000))), "ACK 1, answered")
		if c.code == 200 {
			l.want(l.feed(late), "ACK 1") // repeated: acknowledged again, not ended twice
		}
		l.want(l.feed(hangUp{"done"}), "BYE 2")
	}
}

// A cancelled address that answers after all is released.
func TestLateAnswerCrossesTheCancel(t *testing.T) {
	l := several(t, 1)
	rings, answers, refuses := l.resp(180, "old", ""), l.resp(200, "old", sdpAt(4000)), l.resp(487, "old", "")
	l.pass(4 * time.Second)
	l.next(0)
	l.want(l.feed(rings), "CANCEL 1")
	l.want(l.feed(rings), "") // once
	l.want(l.feed(answers), "ACK 1, BYE 2")
	l.want(l.feed(refuses), "ACK 1")
}

// Nobody else is called once an address given up has spoken, and the leg
// waits for the rest of its words.
func TestReachedAfterAll(t *testing.T) {
	l := several(t, 1)
	late, answer := l.resp(180, "old", ""), l.resp(200, "old", sdpAt(4000))
	l.pass(4 * time.Second)
	l.want(l.feed(late), "CANCEL 1")
	l.want(l.next(0), "ended failed")
	if l.end.Cause.Failed != dialer.TrunkOK {
		t.Errorf("another trunk would be tried: %+v", l.end.Cause)
	}
	l.want(l.feed(answer), "ACK 1, BYE 2")
	l.want(l.pass(time.Minute), "drop")

	l = several(t, 2)
	late = l.resp(180, "old", "")
	l.pass(3 * time.Second)
	l.next(1)
	l.want(l.feed(late), "CANCEL 1")
	l.want(l.feed(l.resp(503, "b", "")), "ended congestion")
	if l.end.Cause.Failed != dialer.TrunkOK {
		t.Errorf("another trunk would be tried: %+v", l.end.Cause)
	}
}

// A refused call whose fork answers after all is released, also while only
// late words are waited for.
func TestForkAfterTheEnd(t *testing.T) {
	l := several(t, 1)
	l.pass(4 * time.Second)
	l.next(0)
	fork := l.resp(200, "fork", sdpAt(4000))
	l.want(l.feed(l.resp(486, "b", "")), "ended busy")
	l.want(l.feed(fork), "ACK 1, BYE 2")
}

// The password is asked for anew by the next address, and no credentials for
// another realm go there.
func TestNextAddressAsksForThePassword(t *testing.T) {
	l := several(t, 1)
	ask := l.resp(407, "a", "")
	ask.challenges = []challenge{{proxy: true, realm: "r", nonce: "1"}}
	l.want(l.feed(ask), "INVITE 2")
	l.want(l.feed(l.resp(503, "a", "")), "connect")
	l.want(l.next(0), "INVITE 2")
	if h := l.req["INVITE"].GetHeader("Proxy-Authorization"); h != nil {
		t.Errorf("credentials for another address: %s", h.Value())
	}
	ask = l.resp(407, "a", "")
	ask.challenges = []challenge{{proxy: true, realm: "r", nonce: "2"}}
	l.want(l.feed(ask), "INVITE 3")
}
