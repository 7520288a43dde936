package sip

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"dozvon/dialer"
)

// The eight faults that were reproduced in sipgo's DialogClientSession, each
// with a test that ours is right.

// Fault 1: CANCEL crosses the 200. sipgo leaves the answered call up; we
// acknowledge it and end it.
func TestFault1CancelCrosses200(t *testing.T) {
	var invite packet
	f := newFar(t, func(f *far, m packet) {
		switch {
		case m.is("INVITE"):
			invite = m
			f.reply(m, 180, "a", f.contact(), "")
		case m.is("CANCEL"):
			f.reply(invite, 200, "a", f.contact(), sdpAt(4000))
			f.reply(m, 200, "a", "", "")
		case m.is("BYE"):
			f.reply(m, 200, "", "", "")
		}
	})
	p := newNear(t).call(Call{To: f.uri(), Ring: 200 * time.Millisecond})
	e := p.until(Ended)
	if e.Disposition != dialer.NoAnswer || !e.Cause.Local {
		t.Errorf("ended as %+v", e)
	}
	ack, bye := f.await("ACK", 1), f.await("BYE", 1)
	if !strings.HasPrefix(ack.header("CSeq"), "1 ") || !strings.Contains(bye.header("To"), "tag=a") {
		t.Errorf("ACK %q, BYE to %q", ack.header("CSeq"), bye.header("To"))
	}
}

// Fault 2: requests inside the dialog change the CSeq of the ACK. Ours
// acknowledges the INVITE's own number, also after other requests.
func TestFault2AckKeepsTheInvitesCSeq(t *testing.T) {
	f := newFar(t, func(f *far, m packet) {
		switch {
		case m.is("INVITE"):
			f.reply(m, 200, "a", f.contact(), sdpAt(4000))
		case m.is("INFO"):
			f.reply(m, 200, "", "", "")
			f.reply(f.await("INVITE", 1), 200, "a", f.contact(), sdpAt(4000)) // as if the ACK had been lost
		case m.is("BYE"):
			f.reply(m, 200, "", "", "")
		}
	})
	p := newNear(t).call(Call{To: f.uri()})
	p.until(Answered)
	p.SendInfo('5', 100*time.Millisecond)
	if got := f.await("ACK", 2).header("CSeq"); got != f.await("INVITE", 1).header("CSeq")[:1]+" ACK" {
		t.Errorf("second ACK has CSeq %q", got)
	}
	if got := f.await("INFO", 1).header("CSeq"); got != "2 INFO" {
		t.Errorf("INFO has CSeq %q", got)
	}
	p.HangUp("done")
	p.until(Ended)
}

// Fault 3: a second 2xx from a fork. sipgo acknowledges it with the first
// leg's tag and never releases it.
func TestFault3ForkedAnswerIsReleased(t *testing.T) {
	f := newFar(t, func(f *far, m packet) {
		switch {
		case m.is("INVITE"):
			f.reply(m, 200, "leg1", f.contact(), sdpAt(4000))
			f.reply(m, 200, "leg2", "Contact: <sip:second@"+f.addr()+">\r\n", sdpAt(4002))
			f.reply(m, 200, "leg2", "Contact: <sip:second@"+f.addr()+">\r\n", sdpAt(4002))
		case m.is("BYE"):
			f.reply(m, 200, "", "", "")
		}
	})
	p := newNear(t).call(Call{To: f.uri()})
	first := p.until(Answered)
	bye := f.await("BYE", 1)
	f.await("ACK", 3)
	kept, released := "leg1", "leg2"
	if first.Remote.Addr.Port() == 4002 { // sipgo hands messages up in any order
		kept, released = released, kept
	}
	if !strings.HasSuffix(bye.header("To"), "tag="+released) {
		t.Errorf("BYE to %q, want %s", bye.header("To"), released)
	}
	p.HangUp("done")
	p.until(Ended)
	if to := f.await("BYE", 2).header("To"); !strings.HasSuffix(to, "tag="+kept) {
		t.Errorf("second BYE to %q, want %s", to, kept)
	}
	if n := f.count("BYE"); n != 2 {
		t.Errorf("%d BYEs", n)
	}
}

// Fault 4: the 11th response before a final one makes sipgo give up.
func TestFault4ManyProvisionals(t *testing.T) {
	f := newFar(t, func(f *far, m packet) {
		switch {
		case m.is("INVITE"):
			for i := range 15 {
				f.reply(m, 180+3*(i%2), "a", f.contact(), "")
			}
			f.reply(m, 200, "a", f.contact(), sdpAt(4000))
		case m.is("BYE"):
			f.reply(m, 200, "", "", "")
		}
	})
	p := newNear(t).call(Call{To: f.uri()})
	p.until(Answered)
	p.HangUp("done")
	p.until(Ended)
}

// Fault 5: the Contact differs from the signalling source; sipgo's BYE leaves
// from a new port.
func TestFault5InDialogRequestsKeepTheirPort(t *testing.T) {
	other := newFar(t, func(f *far, m packet) {
		if m.is("BYE") {
			f.reply(m, 200, "", "", "")
		}
	})
	f := newFar(t, func(f *far, m packet) {
		if m.is("INVITE") {
			f.reply(m, 200, "a", other.contact(), sdpAt(4000))
		}
	})
	n := newNear(t)
	p := n.call(Call{To: f.uri()})
	p.until(Answered)
	p.HangUp("done")
	p.until(Ended)
	for _, m := range []packet{other.await("ACK", 1), other.await("BYE", 1)} {
		if m.from.String() != n.Addr().String() {
			t.Errorf("%s came from %s, not from %s", m.start, m.from, n.Addr())
		}
	}
}

// Fault 6: after a 180 with Record-Route, sipgo's CANCEL has a Route that the
// INVITE lacked. Ours repeats the INVITE's Request-URI, Via, From, To and
// Call-ID exactly (RFC 3261 section 9.1).
func TestFault6CancelIsTheInvitesTwin(t *testing.T) {
	var invite packet
	f := newFar(t, func(f *far, m packet) {
		switch {
		case m.is("INVITE"):
			invite = m
			f.reply(m, 180, "a", f.contact()+fmt.Sprintf("Record-Route: <sip:%s;lr>\r\n", f.addr()), "")
		case m.is("CANCEL"):
			f.reply(m, 200, "a", "", "")
			f.reply(invite, 487, "a", "", "")
		}
	})
	p := newNear(t).call(Call{To: f.uri(), Ring: 100 * time.Millisecond})
	if e := p.until(Ended); e.Disposition != dialer.NoAnswer || e.Cause.SIP != 487 {
		t.Errorf("ended as %+v", e)
	}
	cancel := f.await("CANCEL", 1)
	for _, name := range []string{"Route", "Via", "From", "To", "Call-ID"} {
		if got, want := cancel.header(name), f.await("INVITE", 1).header(name); got != want {
			t.Errorf("%s: CANCEL has %q, INVITE %q", name, got, want)
		}
	}
	if got := f.await("ACK", 1).header("Via"); got != cancel.header("Via") {
		t.Errorf("ACK of the 487 has Via %q", got)
	}
}

// Fault 7: a 407 to a BYE is an error in sipgo and the dialog stays up.
func TestFault7ChallengedBye(t *testing.T) {
	f := newFar(t, func(f *far, m packet) {
		switch {
		case m.is("INVITE"):
			f.reply(m, 200, "a", f.contact(), sdpAt(4000))
		case m.is("BYE") && m.header("Proxy-Authorization") == "":
			f.reply(m, 407, "", "Proxy-Authenticate: Digest realm=\"r\", nonce=\"n3\", qop=\"auth\"\r\n", "")
		case m.is("BYE"):
			f.reply(m, 200, "", "", "")
		}
	})
	p := newNear(t).call(Call{To: "+79161234567", Trunk: &Trunk{Name: "t", URI: "sip:u@" + f.addr(), Password: "p"}})
	p.until(Answered)
	p.HangUp("done")
	if e := p.until(Ended); e.Disposition != dialer.Answered || !e.Cause.Local {
		t.Errorf("ended as %+v", e)
	}
	if got := f.await("BYE", 2).header("CSeq"); got != "3 BYE" {
		t.Errorf("the repeated BYE has CSeq %q", got)
	}
}

// Fault 8: an INVITE over 1,300 bytes on UDP is an error in sipgo. Ours goes
// to TCP; where that is refused, or UDP was asked for, it leaves over UDP.
func TestFault8LongInvite(t *testing.T) {
	headers := map[string]string{}
	for i := range 8 {
		headers[fmt.Sprintf("X-Long-%d", i)] = strings.Repeat("x", 200)
	}
	for _, suffix := range []string{"", ";transport=udp"} {
		f := newFar(t, func(f *far, m packet) {
			if m.is("INVITE") {
				f.reply(m, 486, "a", "", "")
			}
		})
		p := newNear(t).call(Call{To: f.uri() + suffix, Headers: headers})
		if e := p.until(Ended); e.Disposition != dialer.Busy {
			t.Errorf("%q: ended as %+v", suffix, e)
		}
		if raw := f.await("INVITE", 1).raw; len(raw) < 1500 {
			t.Errorf("%q: the INVITE has only %d bytes", suffix, len(raw))
		}
	}
}
