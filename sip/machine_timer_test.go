package sip

import (
	"strings"
	"testing"
	"time"
)

// timed brings a leg up with a session timer as the far end's 2xx has it.
func timed(t *testing.T, seconds int, refresher string, update bool) *line {
	l := reach(t, proceeding)
	a := l.resp(200, "a", sdpAt(4000))
	a.expires, a.refresher, a.updates = seconds, refresher, update
	l.feed(a)
	return l
}

func TestSessionTimerOfOurs(t *testing.T) {
	for _, update := range []bool{true, false} {
		l := timed(t, 180, "uac", update)
		method := map[bool]string{true: "UPDATE", false: "INVITE"}[update]
		l.want(l.pass(90*time.Second), method+" 2")
		if v := header(l.req[method], "Session-Expires"); v != "180;refresher=uac" {
			t.Errorf("refresh with Session-Expires %q", v)
		}
		if !update {
			l.want(l.feed(ask("INVITE", 1, "application/sdp", heldSDP)), "answer 491") // glare
		}
		done := map[bool]string{true: "", false: "ACK 2"}[update]
		l.want(l.feed(l.timed(l.to(method, 200), 180, "uac")), done)
		if !update {
			l.want(l.feed(l.to(method, 200)), "ACK 2") // its ACK was lost
		}
		l.want(l.pass(90*time.Second), method+" 3")
		l.want(l.feed(l.to(method, 491)), "")
		l.want(l.pass(2090*time.Millisecond), "") // RFC 3261 section 14.1: 2.1 to 4 s for the owner of the Call-ID
		l.want(l.pass(1910*time.Millisecond), method+" 4")
		l.want(l.feed(l.to(method, 481)), "BYE 5, ended answered")
	}
}

func (l *line) timed(c came, seconds int, refresher string) came {
	c.expires, c.refresher = seconds, refresher
	return c
}

// A refresh that is refused is tried again, and the call ends before the far
// end thinks that it has.
func TestRefreshThatNeverSucceeds(t *testing.T) {
	l := timed(t, 180, "uac", true)
	l.want(l.pass(90*time.Second), "UPDATE 2")
	l.want(l.feed(l.to("UPDATE", 405)), "INVITE 3") // UPDATE is not known after all
	r := l.to("INVITE", 500)
	r.retryAfter = 40 * time.Second
	l.want(l.feed(r), "")
	l.want(l.pass(39*time.Second), "")
	l.want(l.pass(time.Second), "INVITE 4")
	l.feed(l.to("INVITE", 500))
	l.want(l.pass(18*time.Second), "BYE 5, ended answered") // 148 s: 180 less 32
	if l.end.Err == nil || !strings.Contains(l.end.Err.Error(), "not refreshed") {
		t.Errorf("ended as %+v", l.end)
	}
}

func TestSessionTimerOfTheFarEnd(t *testing.T) {
	l := timed(t, 90, "uas", true)
	l.want(l.pass(59*time.Second), "")
	q := ask("UPDATE", 1, "", "")
	q.expires, q.refresher, q.timers = 90, "uac", true
	l.want(l.feed(q), "answer 200")
	if v := l.reply("Session-Expires"); v != "90;refresher=uac" || l.reply("Require") != "timer" {
		t.Errorf("answered with %q, Require %q", v, l.reply("Require"))
	}
	l.want(l.pass(59*time.Second), "")
	l.want(l.pass(time.Second), "BYE 2, ended answered") // a third before its end
}

func TestRefreshersChangeRoles(t *testing.T) {
	for _, c := range []struct {
		name, refresher, want string
		timers                bool
		ours                  bool
	}{
		{"the far end goes on", "uac", "120;refresher=uac", true, false},
		{"the far end leaves it to us", "uas", "120;refresher=uas", true, true},
		{"nobody is named: as agreed before", "", "120;refresher=uac", true, false},
		{"a proxy asks and the far end knows no timers", "", "120;refresher=uas", false, true},
	} {
		l := timed(t, 180, "uas", true)
		q := ask("INVITE", 1, "application/sdp", sdpAt(4000))
		q.expires, q.refresher, q.timers = 120, c.refresher, c.timers
		l.want(l.feed(q), "answer 200")
		if got := l.reply("Session-Expires"); got != c.want || l.m.timer.ours != c.ours {
			t.Errorf("%s: answered %q, ours %v", c.name, got, l.m.timer.ours)
		}
		l.feed(ask("ACK", 1, "", ""))
		want := map[bool]string{true: "UPDATE 2", false: ""}[c.ours]
		l.want(l.pass(60*time.Second), want)
	}
}

// A re-INVITE that no longer speaks of a timer ends it (RFC 4028 section 9).
func TestTimerIsDropped(t *testing.T) {
	l := timed(t, 90, "uas", true)
	l.want(l.feed(ask("UPDATE", 1, "", "")), "answer 200")
	l.want(l.pass(time.Hour), "")
}

func TestIntervalTooShort(t *testing.T) {
	l := timed(t, 180, "uas", true)
	q := ask("UPDATE", 1, "", "")
	q.expires, q.timers = 30, true
	l.want(l.feed(q), "answer 422")
	if l.reply("Min-SE") != "90" {
		t.Errorf("Min-SE %q", l.reply("Min-SE"))
	}
	q.cseq, q.ticket, q.timers = 2, 2, false // such a sender would not understand 422
	l.want(l.feed(q), "answer 200")
}

func Test422(t *testing.T) {
	l := reach(t, calling)
	if v := header(l.req["INVITE"], "Session-Expires"); v != "1800" {
		t.Errorf("INVITE with Session-Expires %q", v)
	}
	refuse := func(least int) came { r := l.resp(422, "x", ""); r.minSE = least; return r }
	l.want(l.feed(refuse(3600)), "INVITE 2")
	req := l.req["INVITE"]
	if header(req, "Session-Expires") != "3600" || header(req, "Min-SE") != "3600" || string(*req.CallID()) != "1@dozvon" {
		t.Errorf("repeated as %s", req)
	}
	l.want(l.feed(refuse(4000)), "INVITE 3")
	l.want(l.feed(refuse(5000)), "ended failed, drop") // twice is enough
	l = reach(t, calling)
	l.want(l.feed(refuse(60)), "ended failed, drop") // less than we asked for: nothing to mend
}

func Test422ToARefresh(t *testing.T) {
	l := timed(t, 180, "uac", true)
	l.want(l.pass(90*time.Second), "UPDATE 2")
	r := l.to("UPDATE", 422)
	r.minSE = 300
	l.want(l.feed(r), "UPDATE 3")
	if v := header(l.req["UPDATE"], "Session-Expires"); v != "300;refresher=uac" {
		t.Errorf("Session-Expires %q", v)
	}
}

// Without a timer of our own nothing is offered and nothing ends, but a far
// end that makes us refresh is refreshed.
func TestNoTimer(t *testing.T) {
	l := newLine(t)
	l.m.timer.offer = 0
	l.feed(started{})
	l.feed(connected{"udp"})
	if req := l.req["INVITE"]; header(req, "Session-Expires") != "" || strings.Contains(header(req, "Supported"), "timer") {
		t.Errorf("timers are offered: %s", req)
	}
	a := l.resp(200, "a", sdpAt(4000))
	a.expires, a.refresher, a.updates = 180, "uac", true
	l.feed(a)
	l.want(l.pass(90*time.Second), "UPDATE 2")
	l.feed(l.to("UPDATE", 500))
	l.want(l.pass(60*time.Second), "UPDATE 3")
	q := ask("UPDATE", 1, "", "")
	q.expires, q.timers = 30, true
	l.want(l.feed(q), "answer 200")
	if l.reply("Session-Expires") != "" {
		t.Error("a timer was agreed to")
	}
}

// A hostile interval makes us neither refresh all day nor end the call.
func TestTinyInterval(t *testing.T) {
	l := timed(t, 1, "uac", true)
	l.want(l.pass(44*time.Second), "")
	l.want(l.pass(time.Second), "UPDATE 2")
}
