package sip

import (
	"testing"
	"time"

	gosip "github.com/emiago/sipgo/sip"
)

func notify(cseq uint32, state, fragment string) asked {
	q := ask("NOTIFY", cseq, "message/sipfrag", fragment)
	q.event, q.state, q.stated = "refer", parseSubscription(state), true
	return q
}

// last is the last event, for its fields.
func (l *line) last() Event { return l.ev[len(l.ev)-1] }

func TestBlindTransfer(t *testing.T) {
	l := reach(t, confirmed)
	l.m.plan.rewrite = []Rewrite{{Match: "+7495", Strip: 2, Add: "8"}}
	l.want(l.feed(transfer{"+74950000001"}), "REFER 2")
	req := l.req["REFER"]
	if header(req, "Refer-To") != "<sip:84950000001@192.0.2.1>" || header(req, "Referred-By") != "<sip:+79161234567@192.0.2.1>" || header(req, "Contact") == "" {
		t.Errorf("REFER %s", req)
	}
	l.want(l.feed(l.to("REFER", 202)), "")
	l.want(l.feed(notify(1, "active;expires=60", "SIP/2.0 100 Trying\r\n")), "answer 200, transfer")
	l.want(l.feed(notify(2, "active;expires=60", "SIP/2.0 180 Ringing\r\n")), "answer 200, transfer")
	l.want(l.feed(transfer{"100"}), "transfer") // one at a time
	if e := l.last(); !e.Final || e.Err == nil {
		t.Errorf("second transfer: %+v", e)
	}
	l.want(l.feed(notify(3, "terminated;reason=noresource", "SIP/2.0 200 OK\r\n")), "answer 200, transfer")
	if e := l.last(); e.Code != 200 || !e.Final {
		t.Errorf("end of the transfer: %+v", e)
	}
	l.want(l.feed(notify(4, "terminated", "SIP/2.0 200 OK\r\n")), "answer 481")
	l.want(l.pass(10*time.Minute), "") // (the timer of the session is not agreed)
	l.want(l.feed(hangUp{}), "BYE 3")
}

func TestTransferThatFails(t *testing.T) {
	for _, code := range []int{404, 405, 481, 603, 408} {
		l := reach(t, confirmed)
		l.feed(transfer{"sip:op@192.0.2.7;transport=tcp"})
		if v := header(l.req["REFER"], "Refer-To"); v != "<sip:op@192.0.2.7;transport=tcp>" {
			t.Errorf("Refer-To %q", v)
		}
		l.want(l.feed(l.to("REFER", code)), "transfer")
		if e := l.last(); e.Code != code || !e.Final {
			t.Errorf("%d: %+v", code, e)
		}
		l.want(l.pass(5*time.Minute), "")
		if l.m.state != confirmed {
			t.Errorf("%d ended the call", code)
		}
		l.want(l.feed(transfer{"100"}), "REFER 3") // another try is free
	}
	l := reach(t, confirmed)
	l.feed(transfer{"100"})
	l.feed(l.to("REFER", 202))
	l.want(l.feed(notify(1, "terminated;reason=noresource", "SIP/2.0 486 Busy Here\r\n")), "answer 200, transfer")
	if e := l.last(); e.Code != 486 || !e.Final {
		t.Errorf("%+v", e)
	}
}

func TestTransferChallenged(t *testing.T) {
	l := reach(t, confirmed)
	l.feed(transfer{"100"})
	l.want(l.feed(challenged(l.to("REFER", 407), `Digest realm="r", nonce="n1"`, true)), "REFER 3")
	if header(l.req["REFER"], "Refer-To") == "" || header(l.req["REFER"], "Proxy-Authorization") == "" {
		t.Errorf("REFER %s", l.req["REFER"])
	}
}

// No NOTIFY comes, or the news stop.
func TestTransferWithoutNews(t *testing.T) {
	l := reach(t, confirmed)
	l.feed(transfer{"100"})
	l.feed(l.to("REFER", 202))
	l.want(l.pass(31*time.Second), "")
	l.want(l.pass(time.Second), "transfer")
	if e := l.last(); e.Code != 408 || !e.Final {
		t.Errorf("%+v", e)
	}
	l.want(l.feed(notify(1, "active", "SIP/2.0 200 OK\r\n")), "answer 481")

	l = reach(t, confirmed)
	l.feed(transfer{"100"})
	l.want(l.feed(notify(1, "active;expires=60", "SIP/2.0 100 Trying\r\n")), "answer 200, transfer") // overtakes the 202
	l.want(l.feed(l.to("REFER", 202)), "")
	l.want(l.pass(59*time.Second), "")
	l.want(l.pass(time.Second), "transfer")

	l = reach(t, confirmed)
	l.feed(transfer{"100"})
	r := l.to("REFER", 200)
	r.unrefer = true // RFC 4488: there is no subscription
	l.want(l.feed(r), "transfer")
	if e := l.last(); e.Code != 200 || !e.Final {
		t.Errorf("%+v", e)
	}
}

func TestNotifies(t *testing.T) {
	l := reach(t, confirmed)
	l.feed(transfer{"100"})
	l.feed(l.to("REFER", 202))
	q := notify(1, "active", "x")
	q.event = "presence"
	l.want(l.feed(q), "answer 489")
	q = notify(2, "active", "x")
	q.kind = "text/plain"
	l.want(l.feed(q), "answer 415")
	l.want(l.feed(notify(3, "active", "")), "answer 200, transfer")
	// The final word comes before the subscription ends.
	l.want(l.feed(notify(4, "active", "SIP/2.0 200 OK")), "answer 200, transfer")
	l.want(l.feed(notify(5, "terminated", "SIP/2.0 200 OK")), "answer 200")
	l.want(l.feed(notify(6, "terminated", "SIP/2.0 200 OK")), "answer 481")
}

func referTo(cseq uint32, uri string) asked {
	q := ask("REFER", cseq, "", "")
	q.refers = 1
	q.referTo = readReferTo(gosip.NewHeader("r", uri))
	return q
}

func TestReferOfTheFarEnd(t *testing.T) {
	l := reach(t, confirmed)
	l.want(l.feed(referTo(1, "<sip:100@192.0.2.7>")), "answer 603")
	l.m.plan.refer = true
	l.want(l.feed(referTo(2, "<sip:100@192.0.2.7>")), "answer 202, NOTIFY 2, referred")
	if e := l.last(); e.Target != "sip:100@192.0.2.7" {
		t.Errorf("target %q", e.Target)
	}
	n := l.req["NOTIFY"]
	if header(n, "Event") != "refer" || header(n, "Subscription-State") != "active;expires=180" || string(n.Body()) != "SIP/2.0 100 Trying\r\n" {
		t.Errorf("NOTIFY %s", n)
	}
	l.want(l.feed(referTo(3, "<sip:101@192.0.2.7>")), "answer 491")
	l.want(l.feed(progress{180, false}), "") // one at a time
	l.want(l.feed(progress{200, true}), "")
	l.want(l.feed(progress{200, true}), "") // it is over
	l.want(l.feed(l.to("NOTIFY", 200)), "NOTIFY 3")
	l.want(l.feed(l.to("NOTIFY", 200)), "NOTIFY 4")
	if n := l.req["NOTIFY"]; header(n, "Subscription-State") != "terminated;reason=noresource" || string(n.Body()) != "SIP/2.0 200 OK\r\n" {
		t.Errorf("NOTIFY %s", n)
	}
	l.feed(l.to("NOTIFY", 200))
	// A second one has an id, and ends by itself.
	l.want(l.feed(referTo(4, "<sip:100@192.0.2.7>")), "answer 202, NOTIFY 5, referred")
	if v := header(l.req["NOTIFY"], "Event"); v != "refer;id=4" {
		t.Errorf("Event %q", v)
	}
	l.feed(l.to("NOTIFY", 200))
	l.want(l.pass(3*time.Minute), "NOTIFY 6")
	l.want(l.feed(l.to("NOTIFY", 481)), "")
	quiet := referTo(5, "<sip:100@192.0.2.7>")
	quiet.unrefer = true
	l.want(l.feed(quiet), "answer 202, referred")
	if l.reply("Refer-Sub") != "false" {
		t.Error("Refer-Sub is not confirmed")
	}
}

func TestRefersThatAreRefused(t *testing.T) {
	for uri, want := range map[string]string{
		"<tel:+74951234567>": "answer 416",
		"<sip:192.0.2.7>":    "answer 400",
		"nonsense":           "answer 400",
		"<sip:100@192.0.2.7?Replaces=a%3Bto-tag>":  "answer 603",
		"<sip:100@192.0.2.7;method=BYE>":           "answer 603",
		"<sip:100@192.0.2.7>, <sip:101@192.0.2.7>": "answer 400",
	} {
		l := reach(t, confirmed)
		l.m.plan.refer = true
		if got := l.feed(referTo(1, uri)); got != want {
			t.Errorf("%s: %s, want %s", uri, got, want)
		}
	}
	l := reach(t, confirmed)
	l.m.plan.refer = true
	l.want(l.feed(ask("REFER", 1, "", "")), "answer 400")
}

// Whatever is under way ends with the call, and nothing is told after Ended.
func TestHangUpInATransfer(t *testing.T) {
	l := reach(t, confirmed)
	l.m.plan.refer = true
	l.feed(transfer{"100"})
	l.feed(referTo(1, "<sip:100@192.0.2.7>"))
	l.want(l.feed(ask("BYE", 2, "", "")), "answer 200, ended answered")
	l.want(l.feed(l.to("REFER", 202)), "")
	l.want(l.feed(transfer{"100"}), "")
	l.want(l.feed(progress{200, true}), "")
	l.want(l.pass(31*time.Second), "")
}
