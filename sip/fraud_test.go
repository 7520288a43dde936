package sip

import (
	"fmt"
	"strings"
	"testing"
)

// trick is a request that might make a call, and the answer that it gets.
type trick struct {
	method, extra string
	code          int
}

// tricks are requests from outside that would reach the trunk at that address,
// if anything did what they ask.
func tricks(trunk string) map[string]trick {
	sdp := "Content-Type: application/sdp\r\n"
	return map[string]trick{
		"a call":                {"INVITE", "", 403},
		"with an offer":         {"INVITE", sdp, 403},
		"replacing our call":    {"INVITE", "Replaces: victim@dozvon;to-tag=far;from-tag=x\r\n", 403},
		"replacing, required":   {"INVITE", "Require: replaces\r\nReplaces: victim@dozvon;to-tag=far;from-tag=x\r\n", 420},
		"joining our call":      {"INVITE", "Join: victim@dozvon;to-tag=far;from-tag=x\r\n", 403},
		"routed to the trunk":   {"INVITE", "Route: <sip:" + trunk + ";lr>\r\n", 403},
		"diverted":              {"INVITE", "Diversion: <sip:+79161234567@x>\r\nReferred-By: <sip:a@b>\r\n", 403},
		"a transfer":            {"REFER", "Refer-To: <sip:+79161234567@" + trunk + ">\r\n", 603},
		"a transfer to a phone": {"REFER", "Refer-To: <tel:+79161234567>\r\nTarget-Dialog: victim@dozvon;local-tag=far;remote-tag=x\r\n", 603},
		"a subscription":        {"SUBSCRIBE", "Event: dialog\r\nExpires: 600\r\n", 405},
		"a notification":        {"NOTIFY", "Event: talk\r\nSubscription-State: active\r\n", 405},
		"a message":             {"MESSAGE", "", 405},
		"a publication":         {"PUBLISH", "Event: presence\r\n", 405},
		"an update":             {"UPDATE", sdp, 481},
		"a provisional ACK":     {"PRACK", "RAck: 1 1 INVITE\r\n", 481},
		"the end of our call":   {"BYE", "", 481},
	}
}

// Toll fraud: whatever a request from outside carries and whoever seems to
// send it, no call out follows. A trunk stands by and counts.
func TestNoCallFromOutsideBecomesACallOut(t *testing.T) {
	trunk := newFar(t, func(f *far, m packet) {
		switch {
		case m.is("OPTIONS"):
			f.reply(m, 200, "x", "", "")
		case m.is("INVITE"):
			f.reply(m, 200, "far", f.contact(), sdpAt(4000))
		case m.is("BYE"):
			f.reply(m, 200, "x", "", "")
		}
	})
	n := newNear(t, asRegistrar, asFriends, func(c *Config) { c.TCP = true })
	if err := n.Ping(t.Context(), &Trunk{Name: "t", URI: "sip:robot@" + trunk.addr()}); err != nil {
		t.Fatal(err)
	}
	victim := n.call(Call{ID: "victim", To: "+79160000000", Trunk: &Trunk{Name: "t", URI: "sip:robot@" + trunk.addr()}})
	victim.until(Answered)
	invite := trunk.await("INVITE", 1)

	phone := newStranger(t, "udp", n.Endpoint, "127.0.0.1")
	if p := phone.enrol("ann", "secret-ann", "MD5", contactOfAnn); status(p) != 200 {
		t.Fatal(p.raw)
	}
	for sender, s := range map[string]*stranger{"a stranger": newStranger(t, "udp", n.Endpoint, "127.0.0.9"),
		"a phone": phone, "over TCP": newStranger(t, "tcp", n.Endpoint, "127.0.0.9")} {
		for name, c := range tricks(trunk.addr()) {
			msg := strings.Replace(s.request(c.method, c.extra), "sip:x@dozvon", "sip:+79161234567@"+n.Addr().String(), 1)
			msg = strings.Replace(msg, "To: <sip:x@y>", "To: <sip:+79161234567@"+trunk.addr()+">", 1)
			msg = strings.Replace(msg, "Call-ID: sentinel", "Call-ID: asked", 1)
			if got, p := s.answer(msg); got != c.code {
				t.Errorf("%s, %s: %s, want %d", sender, name, p.start, c.code)
			}
		}
		// In the dialog of our call, by its Call-ID and a guessed tag.
		for _, method := range []string{"INVITE", "REFER", "BYE", "INFO"} {
			msg := s.request(method, "Refer-To: <sip:+79161234567@x>\r\n")
			msg = strings.Replace(msg, "To: <sip:x@y>", "To: <sip:robot@x>;tag=0123456789abcdef", 1)
			msg = strings.Replace(msg, fmt.Sprintf("Call-ID: sentinel%d", s.n), "Call-ID: "+invite.header("Call-ID"), 1)
			if got, p := s.answer(msg); got != 481 {
				t.Errorf("%s, %s with a guessed tag: %s", sender, method, p.start)
			}
		}
	}
	// From the trunk's own address, which anybody may forge.
	for i, method := range []string{"INVITE", "REFER", "SUBSCRIBE", "MESSAGE"} {
		trunk.ask(packet{raw: "I\r\nTo: <sip:f@z>;tag=f\r\nFrom: <sip:+79161234567@x>\r\nCall-ID: forged" + method + "\r\n\r\n", from: invite.from},
			"", method, i+1, "Refer-To: <sip:+79161234567@x>\r\n", "")
	}
	trunk.await("SIP/2.0", 4)
	victim.HangUp("")
	victim.until(Ended)
	if got := trunk.count("INVITE"); got != 1 {
		t.Errorf("%d INVITEs left: %v", got, trunk.starts())
	}
	if got := len(n.Devices("ann")); got != 1 {
		t.Errorf("%d phones", got)
	}
}
