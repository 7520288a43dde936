package sip

import (
	"strings"
	"testing"
)

// Our 200 to a re-INVITE, which the network doubled, is sent again until its
// ACK comes; then it is quiet (RFC 3261 section 13.3.1.4, RFC 6026).
func TestReInviteOnTheWire(t *testing.T) {
	f := newFar(t, func(f *far, m packet) {
		switch {
		case m.is("INVITE"):
			f.reply(m, 200, "a", f.contact(), sdpAt(4000))
		case m.is("BYE"):
			f.reply(m, 200, "", "", "")
		}
	})
	p := newNear(t).call(Call{To: f.uri()})
	p.until(Answered)
	invite := f.await("INVITE", 1)
	offer := func(cseq int, body string) {
		f.ask(invite, "a", "INVITE", cseq, f.contact()+"Content-Type: application/sdp\r\n", body)
	}
	offer(1, heldSDP)
	offer(1, heldSDP)
	if e := p.until(Reoffered); !e.Remote.Inactive {
		t.Errorf("held: %+v", e.Remote)
	}
	for n := 1; n <= 2; n++ {
		if m := f.await("SIP/2.0 200", n); m.header("CSeq") != "1 INVITE" || !strings.Contains(m.raw, "a=recvonly") {
			t.Errorf("%d. answer: %s", n, m.raw)
		}
	}
	f.ask(invite, "a", "ACK", 1, "", "")
	offer(2, "v=0\r\nm=video 9 RTP/AVP 99\r\n")
	f.await("SIP/2.0 488", 1)
	f.ask(invite, "a", "ACK", 2, "", "")
	p.HangUp("done")
	if e := p.until(Ended); e.Err != nil {
		t.Errorf("%+v", e)
	}
	if n := f.count("SIP/2.0 200"); n != 2 {
		t.Errorf("%d answers", n)
	}
}

// A call that the network leads back to us is a loop, and said to be one (RFC
// 3261 sections 8.2.2.2 and 21.4.20); the call itself goes on.
func TestOurOwnCallComesBack(t *testing.T) {
	f := newFar(t, func(f *far, m packet) {
		switch {
		case m.is("INVITE"):
			f.reply(m, 180, "a", f.contact(), "")
			back := strings.Replace(m.raw, "branch=z9hG4bK", "branch=z9hG4bKother", 1)
			back = strings.Replace(back, "Via: ", "Via: SIP/2.0/UDP "+f.addr()+";branch=z9hG4bKproxy\r\nVia: ", 1)
			f.conn.WriteToUDP([]byte(back), m.from)
		case m.is("SIP/2.0 482"):
			f.reply(f.await("INVITE", 1), 200, "a", f.contact(), sdpAt(4000))
		case m.is("BYE"):
			f.reply(m, 200, "", "", "")
		}
	})
	p := newNear(t).call(Call{To: f.uri()})
	p.until(Answered)
	p.HangUp("done")
	p.until(Ended)
}
