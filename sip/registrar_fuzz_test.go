package sip

import (
	"net/netip"
	"strings"
	"testing"
	"unicode/utf8"

	gosip "github.com/emiago/sipgo/sip"
)

// FuzzRegister lets somebody who knows the password register with any headers.
// Whatever comes of it, the table holds its bounds, the answer can be written
// in one piece, and what was registered can be called.
func FuzzRegister(f *testing.F) {
	for _, s := range []string{
		"Contact: <sip:ann@10.0.0.9:5070;ob>;expires=120\r\n", "Contact: *\r\nExpires: 0\r\n",
		"m: \"a\\\"b\" <sip:ann@[2001:db8::1]:5060;transport=tcp?X=y>;q=0.1;+sip.instance=\"<urn:uuid:1>\", sip:x@y;expires=0\r\n",
		"Contact: <sips:ann@host>\r\nExpires: 4294967295\r\nUser-Agent: \xd1\x8f\x00\r\n", "Contact: <sip:%00@h;x=\"y\">;expires=61\r\n",
		"To: <sip:ann@y>\r\nContact:\r\n <sip:a@b>\r\n ;expires=70\r\n",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, extra string) {
		g := aGuard(Config{})
		r := newRegistrar(Registrar{Password: func(string) (string, bool) { return "p", true }}, g)
		g.registrar = r
		c := challenge{realm: "dozvon", nonce: r.porter.newNonce(noon), qop: true}
		s := &stranger{}
		msg := s.register("ann", "Authorization: "+c.answer("ann", "p", "REGISTER", "sip:x@dozvon", "c", 1)+"\r\n"+extra)
		e, ok := cut([]byte(msg))
		if !ok {
			return
		}
		o, _, ok := inspect(&e)
		if !ok {
			return
		}
		r.handle(noon, &application{order: o, src: netip.MustParseAddrPort("192.0.2.1:5060"), transport: "udp", answer: func(no refused) {
			out, _ := g.answers.write(&e, no, from("192.0.2.1"), false)
			back, ok := cut(out)
			if !ok || !back.isResponse() || no.code == 0 {
				t.Fatalf("%d: %q", no.code, out)
			}
		}})
		all, _ := r.table.devices()
		if len(all["ann"]) > 5 {
			t.Fatalf("%d phones", len(all["ann"]))
		}
		for _, d := range all["ann"] {
			l := &Leg{}
			if err := l.routeToPhone(Call{Device: &d}); err != nil || strings.ContainsAny(l.m.plan.uri.String()+d.Agent, "\r\n<>\x00") || !utf8.ValidString(d.Agent) {
				t.Fatalf("%+v: %v", d, err)
			}
			req := gosip.NewRequest(gosip.INVITE, l.m.plan.uri)
			req.SetBody(nil)
			if _, err := gosip.ParseMessage([]byte(req.String())); err != nil {
				t.Fatalf("%q can't be called: %v", d.URI, err)
			}
		}
	})
}

// FuzzProof reads any Authorization header; none logs anybody in.
func FuzzProof(f *testing.F) {
	f.Add(`Digest username="ann", realm="r", nonce="n", uri="sip:x@dozvon", response="", qop=auth, nc=00000001, cnonce="c"`)
	f.Add(`Digest realm=r,response=x,nc=ffffffff,qop="auth-int",algorithm=SHA-512-256`)
	f.Add(`NoOneKnowsThisScheme opaque-data=here`)
	f.Add(`digest realm="r", response="\"`)
	f.Fuzz(func(t *testing.T, value string) {
		if strings.ContainsAny(value, "\r\n") {
			return
		}
		p := newPorter("r", func(user string) (string, bool) { return "p", user == "ann" })
		e, ok := cut([]byte((&stranger{}).request("REGISTER", "Authorization: "+value+"\r\n")))
		if !ok {
			return
		}
		o, _, ok := inspect(&e)
		if !ok {
			return
		}
		if pass, no, in := p.check(noon, &o, from("192.0.2.1")); in || no.code != 401 && no.code != 400 {
			t.Fatalf("%q: %+v, %+v", value, pass, no)
		}
	})
}

// FuzzBodies reads any INFO body and any Reason.
func FuzzBodies(f *testing.F) {
	f.Add("Signal=5\r\nDuration=160\r\n", `Q.850;cause=16;text="a,b"`)
	f.Add(" signal = 11 ", `SIP;cause=200, Q.850 ; cause=999`)
	f.Add("5", "\"")
	f.Fuzz(func(t *testing.T, body, reason string) {
		for _, kind := range []string{"application/dtmf-relay", "application/dtmf", "text/plain"} {
			if d, known := readInfo(kind, []byte(body)); d != 0 && (!known || !isDigit(d)) {
				t.Fatalf("%q is the key %q", body, d)
			}
		}
		cause, said, ok := parseReason(reason)
		if ok && (cause < 1 || cause > 127) || len(said) > 64 || !utf8.ValidString(said) || strings.ContainsAny(said, "\r\n\x00") {
			t.Fatalf("%q: %d, %q", reason, cause, said)
		}
	})
}
