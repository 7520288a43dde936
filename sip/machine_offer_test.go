package sip

import (
	"strings"
	"testing"
	"time"

	gosip "github.com/emiago/sipgo/sip"

	"dozvon/audio"
)

// Every way in which a far end changes its media in a call that is up.
func TestOffersOfTheFarEnd(t *testing.T) {
	const head = "v=0\r\nc=IN IP4 192.0.2.2\r\n"
	for _, method := range []string{"INVITE", "UPDATE"} {
		l := reach(t, confirmed)
		seq := uint32(0)
		offer := func(body string) string {
			seq++
			got := l.feed(ask(method, seq, "application/sdp", body))
			if method == "INVITE" {
				l.feed(ask("ACK", seq, "", ""))
			}
			return got
		}
		for _, c := range []struct {
			name, body, line string
			held             bool
			law              audio.Law
			port             uint16
		}{
			{"hold", head + "m=audio 4000 RTP/AVP 8\r\na=sendonly\r\n", "a=recvonly", true, audio.ALaw, 4000},
			{"resume", head + "m=audio 4000 RTP/AVP 8\r\n", "a=sendrecv", false, audio.ALaw, 4000},
			{"both silent", head + "m=audio 4000 RTP/AVP 8\r\na=inactive\r\n", "a=inactive", true, audio.ALaw, 4000},
			{"moved", head + "m=audio 4500 RTP/AVP 8\r\n", "a=sendrecv", false, audio.ALaw, 4500},
			{"another codec", head + "m=audio 4500 RTP/AVP 0\r\n", "a=rtpmap:0 PCMU/8000", false, audio.ULaw, 4500},
			{"the old way to hold", "v=0\r\nc=IN IP4 0.0.0.0\r\nm=audio 4500 RTP/AVP 0\r\n", "m=audio", true, audio.ULaw, 4500},
		} {
			if got := offer(c.body); got != "answer 200, reoffered" {
				t.Errorf("%s, %s: %q", method, c.name, got)
			}
			r := l.last().Remote
			if r.Inactive != c.held || r.Law != c.law || r.Addr.Port() != c.port || !r.Watch || !strings.Contains(l.ans.body, c.line) {
				t.Errorf("%s, %s: %+v, answered %q", method, c.name, r, l.ans.body)
			}
		}
		before := l.m.talk.agreed
		l.want(offer("v=0\r\nc=IN IP4 192.0.2.2\r\nm=video 9 RTP/AVP 99\r\n"), "answer 488")
		l.want(offer("junk"), "answer 488")
		if l.m.talk.agreed != before {
			t.Error("a refused offer changed the session")
		}
	}
}

// A far end that resumes by a re-INVITE without an offer gets a whole one: our
// last description says that we only listen.
func TestResumeByDelayedOffer(t *testing.T) {
	l := reach(t, confirmed)
	l.feed(ask("INVITE", 1, "application/sdp", heldSDP))
	l.feed(ask("ACK", 1, "", ""))
	l.want(l.feed(ask("INVITE", 2, "", "")), "answer 200")
	if !strings.Contains(l.ans.body, "a=sendrecv") || !strings.Contains(l.ans.body, "RTP/AVP 8 0 ") {
		t.Errorf("offered %q", l.ans.body)
	}
	// Until its answer comes our offer is open: others must wait.
	l.want(l.feed(ask("UPDATE", 3, "application/sdp", sdpAt(4500))), "answer 491")
	l.want(l.feed(ask("INVITE", 4, "application/sdp", sdpAt(4500))), "answer 491")
	l.want(l.feed(ask("UPDATE", 5, "", "")), "answer 200") // no offer
	l.want(l.feed(ask("ACK", 2, "application/sdp", sdpAt(4000))), "reoffered")
	if r := l.last().Remote; r.Inactive {
		t.Errorf("still held: %+v", r)
	}
}

func TestGlare(t *testing.T) {
	l := timed(t, 180, "uac", false)
	l.want(l.pass(90*time.Second), "INVITE 2")
	l.want(l.feed(ask("INVITE", 1, "application/sdp", heldSDP)), "answer 491")
	l.want(l.feed(ask("UPDATE", 2, "application/sdp", heldSDP)), "answer 491")
	l.want(l.feed(l.to("INVITE", 491)), "")
	l.want(l.feed(ask("INVITE", 3, "application/sdp", heldSDP)), "answer 200, reoffered") // theirs comes first now
	l.feed(ask("ACK", 3, "", ""))
	l.want(l.pass(2090*time.Millisecond), "")
	q := ask("BYE", 4, "", "")
	l.want(l.feed(q), "answer 200, ended answered, drop")
}

// The waits after 491 differ, and stay within the owner's range.
func TestGlareWaits(t *testing.T) {
	l := newLine(t)
	seen := map[time.Duration]bool{}
	for range 500 {
		w := l.m.glare()
		if w < 2100*time.Millisecond || w > 4*time.Second || w%(10*time.Millisecond) != 0 {
			t.Fatalf("waits %s", w)
		}
		seen[w] = true
	}
	if len(seen) < 100 {
		t.Errorf("only %d different waits", len(seen))
	}
}

func TestByeCrossesReInvite(t *testing.T) {
	l := timed(t, 180, "uac", false)
	l.pass(90 * time.Second)
	l.want(l.feed(ask("BYE", 1, "", "")), "answer 200, ended answered")
	l.want(l.feed(l.to("INVITE", 200)), "ACK 2") // their 200 was on its way
	l = reach(t, ending)
	l.want(l.feed(ask("INVITE", 1, "application/sdp", heldSDP)), "answer 481")
}

func TestOfferMovesTheTarget(t *testing.T) {
	l := reach(t, confirmed)
	q := ask("UPDATE", 1, "", "")
	q.contact = &gosip.Uri{Scheme: "sip", User: "new", Host: "192.0.2.3"}
	l.want(l.feed(q), "answer 200")
	l.feed(hangUp{})
	if u := l.req["BYE"].Recipient.String(); u != "sip:new@192.0.2.3" {
		t.Errorf("BYE to %s", u)
	}
}

// A nonce is counted from 1 in the order of its uses (RFC 7616 section 3.4),
// over every method of the dialog.
func TestNonceCounts(t *testing.T) {
	l := reach(t, calling)
	l.feed(challenged(l.resp(407, "p", ""), `Digest realm="r", nonce="n1", qop="auth"`, true))
	count := func(method, want string) {
		t.Helper()
		if v := header(l.req[method], "Proxy-Authorization"); !strings.Contains(v, want) {
			t.Errorf("%s has %q, want %s", method, v, want)
		}
	}
	count("INVITE", `nonce="n1"`)
	count("INVITE", "nc=00000001")
	l.feed(l.resp(200, "a", sdpAt(4000)))
	l.feed(press{'1', time.Second})
	count("INFO", "nc=00000002")
	l.feed(challenged(l.to("INFO", 407), `Digest realm="r", nonce="n2", qop="auth", stale=true`, true))
	count("INFO", `nonce="n2"`)
	count("INFO", "nc=00000001")
	l.feed(transfer{"100"})
	count("REFER", "nc=00000002")
	l.feed(challenged(l.to("REFER", 407), `Digest realm="r", nonce="n2", qop="auth"`, true)) // the same nonce, as if it had not been used
	count("REFER", "nc=00000003")
	l.feed(hangUp{})
	count("BYE", "nc=00000004")
}

// auth-int alone is refused, not answered wrongly.
func TestAuthIntIsRefused(t *testing.T) {
	l := reach(t, calling)
	l.want(l.feed(challenged(l.resp(407, "p", ""), `Digest realm="r", nonce="n1", qop="auth-int"`, true)), "ended failed, drop")
	if !strings.Contains(l.end.Err.Error(), "not supported") {
		t.Errorf("%v", l.end.Err)
	}
	l = reach(t, calling)
	l.want(l.feed(challenged(l.resp(407, "p", ""), `Digest realm="r", nonce="n1", qop="auth-int,auth"`, true)), "INVITE 2")
}
