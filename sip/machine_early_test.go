package sip

import (
	"strings"
	"testing"
	"time"

	gosip "github.com/emiago/sipgo/sip"

	"dozvon/media"
)

// header returns a header of a message as it will be written.
func header(msg gosip.Message, name string) string {
	var h gosip.Header
	switch m := msg.(type) {
	case *gosip.Request:
		h = m.GetHeader(name)
	case *gosip.Response:
		h = m.GetHeader(name)
	}
	if h == nil {
		return ""
	}
	return h.Value()
}

// RFC 3262 section 4: in order, once each, with the INVITE's CSeq.
func TestReliableProvisionals(t *testing.T) {
	l := reach(t, calling)
	if header(l.req["INVITE"], "Supported") != "timer, 100rel, 199, norefersub" {
		t.Errorf("Supported %q", header(l.req["INVITE"], "Supported"))
	}
	l.want(l.feed(l.reliable(180, "a", "", 900)), "PRACK 2, ringing")
	if v := header(l.req["PRACK"], "RAck"); v != "900 1 INVITE" {
		t.Errorf("RAck %q", v)
	}
	l.want(l.feed(l.reliable(180, "a", "", 900)), "")          // repeated
	l.want(l.feed(l.reliable(183, "a", sdpAt(4004), 902)), "") // its predecessor is missing
	l.want(l.feed(l.reliable(183, "a", sdpAt(4000), 901)), "PRACK 3, early")
	l.want(l.feed(l.reliable(183, "a", sdpAt(4004), 902)), "PRACK 4") // the answer has come, this one doesn't count
	l.want(l.feed(l.reliable(180, "a", "", 899)), "")
	l.want(l.feed(l.to("PRACK", 200)), "")
	l.want(l.feed(l.resp(200, "a", sdpAt(4008))), "ACK 1, answered")
	if r := l.ev[len(l.ev)-1].Remote; r.Addr.Port() != 4000 {
		t.Errorf("answered at %s: the reliable answer was the first", r.Addr)
	}
	l.want(l.feed(hangUp{}), "BYE 5")
}

// A 1xx without RSeq, without a tag, or 100 itself, is not acknowledged.
func TestUnreliableProvisionals(t *testing.T) {
	l := reach(t, calling)
	l.want(l.feed(l.reliable(183, "a", "", 0)), "ringing")
	l.want(l.feed(l.reliable(183, "", "", 5)), "")
	l.want(l.feed(l.reliable(100, "a", "", 5)), "")
	r := l.resp(183, "a", "")
	r.rseq = 5
	l.want(l.feed(r), "")
}

func TestPrackFollowsItsRoute(t *testing.T) {
	l := reach(t, calling)
	r := l.reliable(183, "a", sdpAt(4000), 1)
	r.routes = []gosip.Uri{{Scheme: "sip", Host: "p1", UriParams: gosip.HeaderParams{{K: "lr"}}}}
	l.feed(r)
	req := l.req["PRACK"]
	if header(req, "Route") != "<sip:p1;lr>" || req.Recipient.String() != "sip:far@192.0.2.2" {
		t.Errorf("PRACK %s", req)
	}
}

func TestChallengedPrack(t *testing.T) {
	l := reach(t, calling)
	l.feed(l.reliable(183, "a", sdpAt(4000), 1))
	l.want(l.feed(challenged(l.to("PRACK", 407), `Digest realm="r", nonce="n1", qop="auth"`, true)), "PRACK 3")
	if req := l.req["PRACK"]; header(req, "RAck") != "1 1 INVITE" || header(req, "Proxy-Authorization") == "" {
		t.Errorf("PRACK %s", req)
	}
	// The answer may overtake the PRACK's, and a challenge the answer.
	l.want(l.feed(l.resp(200, "a", "")), "ACK 1, answered")
	l.want(l.feed(challenged(l.to("PRACK", 407), `Digest realm="r", nonce="n2", stale=true`, true)), "PRACK 4")
	l.want(l.feed(hangUp{}), "BYE 5")
}

// CANCEL and BYE while a PRACK is under way; the CANCEL is the INVITE's twin
// all the same (RFC 3261 section 9.1).
func TestGivingUpWithPrackPending(t *testing.T) {
	l := reach(t, calling)
	invite, _ := l.req["INVITE"].Via().Params.Get("branch")
	l.feed(l.reliable(180, "a", "", 1))
	l.want(l.feed(hangUp{"enough"}), "CANCEL 1")
	if b, _ := l.req["CANCEL"].Via().Params.Get("branch"); b != invite {
		t.Errorf("CANCEL has branch %s, the INVITE %s", b, invite)
	}
	l.want(l.feed(l.reliable(183, "a", "", 2)), "") // the INVITE is over for us
	l.want(l.feed(l.to("PRACK", 481)), "")
	l.want(l.feed(l.resp(487, "a", "")), "ended no_answer, drop")

	l = reach(t, calling)
	l.feed(l.reliable(183, "a", sdpAt(4000), 1))
	l.want(l.feed(l.resp(200, "a", "")), "ACK 1, answered")
	l.want(l.feed(hangUp{}), "BYE 3")
	l.want(l.feed(lost{method: "PRACK", branch: viaBranch(l.req["PRACK"]), timeout: true}), "")
	l.want(l.feed(l.to("BYE", 200)), "ended answered")
}

// Each branch of a fork has its own sequence of acknowledgements and its own
// media; 199 ends one (RFC 6228).
func TestForksBeforeTheAnswer(t *testing.T) {
	l := reach(t, calling)
	l.want(l.feed(l.reliable(183, "a", sdpAt(4000), 10)), "PRACK 2, early")
	l.want(l.feed(l.reliable(183, "b", sdpAt(4002), 70)), "PRACK 2, early")
	l.want(l.feed(l.reliable(180, "a", "", 11)), "PRACK 3")
	l.want(l.feed(l.resp(183, "a", sdpAt(4000))), "") // no news, so b's media stays
	l.want(l.feed(l.resp(183, "c", sdpAt(4004))), "early")
	l.want(l.feed(l.resp(199, "c", "")), "early")
	if r := l.ev[len(l.ev)-1].Remote; r.Addr.Port() != 4002 {
		t.Errorf("after 199 the media is at %s", r.Addr)
	}
	l.want(l.feed(l.resp(199, "b", "")), "early")
	l.want(l.feed(l.resp(199, "z", "")), "")
	// The branch that answers is another one again.
	l.want(l.feed(l.resp(200, "d", sdpAt(4010))), "ACK 1, answered")
	l.want(l.feed(l.resp(200, "a", sdpAt(4000))), "ACK 1, BYE 2")
	if r := l.m.talk.agreed; r.Addr.Port() != 4010 {
		t.Errorf("agreed %+v", r)
	}
}

// The branch that rang first loses to the one that answers; its BYE goes on
// with the numbers of its own early dialog.
func TestSecondForkAnswers(t *testing.T) {
	l := reach(t, calling)
	l.feed(l.reliable(183, "a", sdpAt(4000), 1))
	l.feed(l.reliable(180, "b", "", 1))
	l.want(l.feed(l.resp(200, "b", sdpAt(4002))), "ACK 1, answered")
	l.want(l.feed(l.resp(200, "a", "")), "ACK 1, BYE 2")
	l.want(l.feed(hangUp{}), "BYE 3")
}

// A 2xx without a description is no answer of a branch that gave none.
func TestAnswerOfABranchWithoutMedia(t *testing.T) {
	l := reach(t, calling)
	l.feed(l.resp(183, "a", sdpAt(4000)))
	l.want(l.feed(l.resp(200, "b", "")), "ACK 1, BYE 2, ended failed")
}

func TestEarlyUpdate(t *testing.T) {
	l := reach(t, calling)
	l.feed(l.resp(183, "a", sdpAt(4000)))
	l.want(l.feed(ask("UPDATE", 1, "application/sdp", sdpAt(5000))), "answer 491") // our offer is still open
	l.feed(l.reliable(183, "a", sdpAt(4000), 1))
	l.want(l.feed(ask("UPDATE", 2, "application/sdp", sdpAt(5000))), "answer 200, early")
	l.want(l.feed(ask("UPDATE", 2, "application/sdp", sdpAt(5000))), "answer 500")
	q := ask("UPDATE", 3, "application/sdp", sdpAt(5002))
	q.contact = &gosip.Uri{Scheme: "sip", User: "moved", Host: "192.0.2.3"}
	l.want(l.feed(q), "answer 200, early")
	l.want(l.feed(ask("UPDATE", 4, "application/sdp", "v=0\r\nm=video 9 RTP/AVP 99\r\n")), "answer 488")
	a := l.resp(200, "a", sdpAt(4000))
	a.contact = nil
	l.want(l.feed(a), "ACK 1, answered")
	if r := l.ev[len(l.ev)-1].Remote; r.Addr.Port() != 5002 {
		t.Errorf("answered at %s: the UPDATE moved it", r.Addr)
	}
	if u := l.req["ACK"].Recipient.String(); u != "sip:moved@192.0.2.3" {
		t.Errorf("ACK to %s", u)
	}
	l.want(l.feed(ask("UPDATE", 4, "", "")), "answer 500") // the numbers go on
}

// An offer in one branch leaves the answers of the others as they are.
func TestEarlyUpdateOfAFork(t *testing.T) {
	l := reach(t, calling)
	l.m.talk.security = media.Required
	l.m.talk.last = ""
	l.m.talk.offer()
	key := func(c string) string {
		return "v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio 4000 RTP/SAVP 8\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + strings.Repeat(c, 40) + "\r\n"
	}
	l.want(l.feed(l.reliable(183, "a", key("A"), 1)), "PRACK 2, early")
	l.want(l.feed(ask("UPDATE", 1, "application/sdp", key("B"))), "answer 200, early")
	updated := l.last().Remote.Crypto
	l.want(l.feed(l.resp(183, "b", key("C"))), "early")
	if c := l.last().Remote.Crypto; c.Send == updated.Send || c.Recv == updated.Recv {
		t.Error("two branches share a key")
	}
	l.want(l.feed(l.resp(200, "b", key("C"))), "ACK 1, answered")
	if !strings.Contains(l.m.talk.last, "AES_256") {
		t.Errorf("our description became the other branch's: %s", l.m.talk.last)
	}
}

func Test421(t *testing.T) {
	l := reach(t, calling)
	r := l.resp(421, "x", "")
	r.require = "100rel"
	l.want(l.feed(r), "INVITE 2")
	if req := l.req["INVITE"]; header(req, "Require") != "100rel" {
		t.Errorf("repeated as %s", req)
	}
	r = l.resp(421, "x", "")
	r.require = "100rel"
	l.want(l.feed(r), "ended failed, drop")
	for name, change := range map[string]func(l *line, r *came){
		"an extension that we lack": func(_ *line, r *came) { r.require = "100rel, precondition" },
		"turned off":                func(l *line, _ *came) { l.m.plan.reliable = ReliableOff },
	} {
		l := reach(t, calling)
		r := l.resp(421, "x", "")
		r.require = "100rel"
		change(l, &r)
		if got := l.feed(r); got != "ended failed, drop" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestReliabilities(t *testing.T) {
	for _, c := range []struct {
		of                 Reliability
		supported, require string
	}{
		{ReliableOffered, "timer, 100rel, 199, norefersub", ""},
		{ReliableRequired, "timer, 199, norefersub", "100rel"},
		{ReliableOff, "timer, 199, norefersub", ""},
	} {
		l := newLine(t)
		l.m.plan.reliable = c.of
		l.feed(connected{"udp"})
		if req := l.req["INVITE"]; header(req, "Supported") != c.supported || header(req, "Require") != c.require {
			t.Errorf("%d: %s", c.of, req)
		}
	}
}

// A CANCEL may not leave before the INVITE in use was heard, even if an
// earlier one was.
func TestCancelAfterARepeat(t *testing.T) {
	l := reach(t, calling)
	l.feed(l.resp(100, "", ""))
	l.want(l.feed(challenged(l.resp(407, "p", ""), `Digest realm="r", nonce="n1"`, true)), "INVITE 2")
	l.want(l.feed(hangUp{"enough"}), "")
	l.want(l.feed(l.resp(100, "", "")), "CANCEL 2")
	l.want(l.pass(2*time.Second), "ended no_answer")
}
