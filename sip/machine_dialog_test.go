package sip

import (
	"strings"
	"testing"
	"time"

	"dozvon/dialer"
)

func challenged(c came, header string, proxy bool) came {
	ch, ok := parseChallenge(header, proxy)
	if !ok {
		panic(header)
	}
	c.challenges = append(c.challenges, ch)
	return c
}

func TestInviteIsChallenged(t *testing.T) {
	l := reach(t, calling)
	first := l.m.branch
	ask := challenged(l.resp(407, "p", ""), `Digest realm="r", nonce="n1", qop="auth"`, true)
	l.want(l.feed(ask), "INVITE 2")
	req := l.req["INVITE"]
	if v := req.GetHeader("Proxy-Authorization"); v == nil || !strings.Contains(v.Value(), `nonce="n1"`) {
		t.Fatalf("no credentials: %v", v)
	}
	if l.m.branch == first || string(*req.CallID()) != "1@dozvon" {
		t.Error("the repeat needs a new branch and the same Call-ID")
	}
	// The far end behind the proxy asks as well; both are answered.
	l.want(l.feed(challenged(l.resp(401, "f", ""), `Digest realm="far", nonce="n2"`, false)), "INVITE 3")
	if req := l.req["INVITE"]; req.GetHeader("Proxy-Authorization") == nil || req.GetHeader("Authorization") == nil {
		t.Error("both credentials belong into the INVITE")
	}
	l.feed(l.resp(200, "a", sdpAt(4000)))
	ack := l.req["ACK"].GetHeader("Authorization")
	if ack == nil || ack.Value() != l.req["INVITE"].GetHeader("Authorization").Value() {
		t.Error("the ACK needs the INVITE's credentials (RFC 3261 section 22.1)")
	}
}

func TestWrongPassword(t *testing.T) {
	l := reach(t, calling)
	l.feed(challenged(l.resp(401, "p", ""), `Digest realm="r", nonce="n1"`, false))
	l.want(l.feed(challenged(l.resp(401, "p", ""), `Digest realm="r", nonce="n2", stale=true`, false)), "INVITE 3")
	l.want(l.feed(challenged(l.resp(401, "p", ""), `Digest realm="r", nonce="n3"`, false)), "ended failed, drop")
	if l.end.Cause.Failed != dialer.TrunkRejected || !strings.Contains(l.end.Err.Error(), "password is wrong") {
		t.Errorf("%+v", l.end)
	}
}

func TestNoPassword(t *testing.T) {
	l := reach(t, calling)
	l.m.creds.password = ""
	l.want(l.feed(challenged(l.resp(401, "p", ""), `Digest realm="r", nonce="n1"`, false)), "ended failed, drop")
	if l.end.Cause.Failed != dialer.TrunkRejected || !strings.Contains(l.end.Err.Error(), "none is set") {
		t.Errorf("%+v", l.end)
	}
}

// A server that calls every nonce stale would keep us busy for ever.
func TestEndlessStaleness(t *testing.T) {
	l := reach(t, calling)
	for range 10 {
		l.feed(challenged(l.resp(401, "p", ""), `Digest realm="r", nonce="n", stale=true`, false))
	}
	if l.m.state != gone || l.m.seq > 5 {
		t.Errorf("state %s after %d INVITEs", l.m.state, l.m.seq)
	}
}

// A challenge that comes after we gave up is not answered: the INVITE must
// not leave again.
func TestChallengeAfterHangUp(t *testing.T) {
	l := reach(t, cancelling)
	l.want(l.feed(challenged(l.resp(401, "p", ""), `Digest realm="r", nonce="n1"`, false)), "ended no_answer, drop")
}

func TestChallengesInsideTheDialog(t *testing.T) {
	l := reach(t, confirmed)
	l.feed(press{'1', 100 * time.Millisecond})
	l.want(l.feed(challenged(l.to("INFO", 401), `Digest realm="r", nonce="n1"`, false)), "INFO 3")
	l.feed(l.to("INFO", 200))
	l.feed(hangUp{})
	if l.req["BYE"].GetHeader("Authorization") == nil {
		t.Error("known credentials belong into later requests")
	}
	l.want(l.feed(challenged(l.to("BYE", 401), `Digest realm="r", nonce="n2"`, false)), "BYE 5")
	l.want(l.feed(challenged(l.to("BYE", 401), `Digest realm="r", nonce="n3"`, false)), "ended answered")
}

func TestKeysKeepTheirOrder(t *testing.T) {
	l := reach(t, confirmed)
	l.want(l.feed(press{'1', 160 * time.Millisecond}), "INFO 2")
	l.want(l.feed(press{'#', 160 * time.Millisecond}), "")
	l.want(l.feed(press{'x', 160 * time.Millisecond}), "")
	l.want(l.feed(l.to("INFO", 200)), "INFO 3")
	if b := string(l.req["INFO"].Body()); b != "Signal=#\r\nDuration=160\r\n" {
		t.Errorf("body %q", b)
	}
	l.want(l.feed(l.to("INFO", 415)), "")
	l.want(l.feed(press{'2', time.Second}), "INFO 4")
}

func TestReceivedKeys(t *testing.T) {
	for _, c := range []struct {
		kind, body, want string
	}{
		{"application/dtmf-relay", "Signal=5\r\nDuration=160\r\n", "answer 200, digit"},
		{"application/dtmf-relay", "signal= *\n", "answer 200, digit"},
		{"application/dtmf", "11", "answer 200, digit"},
		{"application/dtmf", "q", "answer 400"},
		{"application/dtmf-relay", "Duration=3", "answer 400"},
		{"text/plain", "5", "answer 415"},
		{"", "", "answer 200"},
	} {
		l := reach(t, confirmed)
		l.want(l.feed(ask("INFO", 1, c.kind, c.body)), c.want)
	}
}

const heldSDP = "v=0\r\nc=IN IP4 192.0.2.2\r\nm=audio 4000 RTP/AVP 8\r\na=sendonly\r\n"

func TestReInvite(t *testing.T) {
	l := reach(t, confirmed)
	l.want(l.feed(ask("INVITE", 1, "application/sdp", heldSDP)), "answer 200, reoffered")
	if r := l.ev[len(l.ev)-1].Remote; !r.Inactive || !r.Watch {
		t.Errorf("held remote %+v", r)
	}
	// Our 200 is repeated until the ACK comes (T1, then doubling).
	l.want(l.pass(3600*time.Millisecond), "answer 200, answer 200, answer 200")
	l.want(l.feed(ask("ACK", 1, "", "")), "")
	l.want(l.pass(60*time.Second), "")
	l.want(l.feed(ask("INVITE", 1, "application/sdp", heldSDP)), "answer 500") // CSeq must grow
	l.want(l.feed(ask("INVITE", 2, "application/sdp", "v=0\r\nm=video 9 RTP/AVP 99\r\n")), "answer 488")
	l.want(l.feed(ask("INVITE", 3, "text/plain", "x")), "answer 415")
	l.want(l.feed(ask("INVITE", 4, "application/sdp", heldSDP)), "answer 200") // nothing new
	l.want(l.pass(40 * time.Second)[:30], "answer 200, answer 200, answer")
	if l.m.state != ending {
		t.Errorf("a re-INVITE that is never acknowledged ends the call, not %s", l.m.state)
	}
}

func TestReInviteWithoutOffer(t *testing.T) {
	l := reach(t, confirmed)
	l.want(l.feed(ask("INVITE", 1, "", "")), "answer 200")
	l.want(l.feed(ask("ACK", 1, "application/sdp", heldSDP)), "reoffered")
	l.want(l.feed(ask("INVITE", 2, "", "")), "answer 200")
	l.want(l.feed(ask("ACK", 2, "", "")), "BYE 2, ended answered")
}

func TestRequireIsRefused(t *testing.T) {
	l := reach(t, confirmed)
	q := ask("INVITE", 1, "application/sdp", heldSDP)
	q.require = "100rel, replaces,\"x\""
	l.want(l.feed(q), "answer 420")
	q.cseq, q.require = 2, "100rel, Timer"
	l.want(l.feed(q), "answer 200, reoffered")
}

func TestStrangerInTheDialog(t *testing.T) {
	l := reach(t, confirmed)
	q := ask("BYE", 1, "", "")
	q.fromTag = "someone"
	l.want(l.feed(q), "answer 481")
}

func TestByeCrossesBye(t *testing.T) {
	l := reach(t, ending)
	l.want(l.feed(ask("BYE", 1, "", "")), "answer 200")
	l.want(l.feed(l.to("BYE", 481)), "ended answered")
}

func TestByeCarriesTheReason(t *testing.T) {
	l := reach(t, confirmed)
	q := ask("BYE", 1, "", "")
	q.q850, q.said = 16, "normal"
	l.feed(q)
	if c := l.end.Cause; c.Q850 != 16 || c.Text != "normal" || c.Local {
		t.Errorf("cause %+v", c)
	}
}

func TestForksAreBounded(t *testing.T) {
	l := reach(t, confirmed)
	for i := range 40 {
		l.feed(l.resp(200, "fork"+string(rune('A'+i)), sdpAt(4000)))
	}
	if len(l.m.forks) != maxForks {
		t.Errorf("%d forks", len(l.m.forks))
	}
}
