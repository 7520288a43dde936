package sip

import (
	"math"
	"strings"
	"testing"
	"time"

	gosip "github.com/emiago/sipgo/sip"
)

func TestFields(t *testing.T) {
	for v, want := range map[string]time.Duration{"18000;duration=3600": 5 * time.Hour, " 120 (I'm in a meeting)": 2 * time.Minute, "5": 5 * time.Second,
		"0": 0, "": 0, "-5": 0, "5m": 0, "99999999999999999999999": 24 * time.Hour, "Fri, 01 Jan": 0} {
		if got := parseRetry(v); got != want {
			t.Errorf("Retry-After %q: %s, want %s", v, got, want)
		}
	}
	for v, want := range map[string]struct {
		seconds int
		who     string
	}{"1800": {1800, ""}, "90; Refresher=UAC": {90, "uac"}, "3600;x=1;refresher=uas": {3600, "uas"}, "90;refresher=me": {90, ""}, "x": {0, ""}, "0": {0, ""}, "9e9": {0, ""}, "999999999999": {86400, ""}} {
		if n, who := parseInterval(v); n != want.seconds || who != want.who {
			t.Errorf("Session-Expires %q: %d %q", v, n, who)
		}
	}
	for v, want := range map[string]uint32{"1": 1, " 4294967295 ": math.MaxUint32, "4294967296": 0, "0": 0, "-1": 0, "1 x": 0} {
		if got := parseRSeq(v); got != want {
			t.Errorf("RSeq %q: %d", v, got)
		}
	}
	for v, want := range map[string]int{"SIP/2.0 200 OK\r\n": 200, "\r\nsip/2.0 180\r\nContact: x": 180, "SIP/2.0 99 x": 0, "SIP/2.0 700 x": 0, "SIP/3.0 200": 0, "": 0, "SIP/2.0 2000": 0} {
		if got := parseFragment([]byte(v)); got != want {
			t.Errorf("fragment %q: %d", v, got)
		}
	}
	if s := parseSubscription("Active ; expires = 60;x"); s.over || s.expires != time.Minute {
		t.Errorf("%+v", s)
	}
	if s := parseSubscription("terminated;reason=noresource"); !s.over || s.expires != 0 {
		t.Errorf("%+v", s)
	}
	if unknownOptions(" 100REL,timer ,, norefersub") != "" || unknownOptions("replaces, timer, a b") != "replaces, timer, a b" || unknownOptions("timer,replaces,x") != "replaces, x" {
		t.Error("options")
	}
}

// Contacts of a 3xx come as lists, repeated headers and short names.
func TestContactsOfARedirection(t *testing.T) {
	msg, err := gosip.ParseMessage([]byte("SIP/2.0 302 Moved\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\n" +
		"Contact: \"A, B\" <sip:one@h>;q=0.5, <sip:two@h;transport=tcp>\r\nm: sip:three@h;q=0.7\r\nContact: <sip:four@h>;q=2, <tel:+7>\r\nRetry-After: 60\r\nContent-Length: 0\r\n\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	r, ok := readResponse(msg.(*gosip.Response))
	if !ok || len(r.contacts) != 3 || r.retryAfter != time.Minute {
		t.Fatalf("%v: %+v", ok, r.contacts)
	}
	for i, want := range []struct {
		user string
		q    float64
	}{{"one", 0.5}, {"two", 1}, {"three", 0.7}} {
		if r.contacts[i].uri.User != want.user || r.contacts[i].q != want.q {
			t.Errorf("%d: %+v", i, r.contacts[i])
		}
	}
}

// FuzzFields gives every reader of this file whatever a far end may write.
func FuzzFields(f *testing.F) {
	for _, s := range []string{"", "1800;refresher=uac", "120 (comment);duration=5", "4294967295", "SIP/2.0 200 OK\r\n", "terminated;reason=x",
		"100rel, timer,x", "<sip:100@h?Replaces=x>", "\"a,b\" <sip:c@d>;q=0.3", strings.Repeat("9", 400), ";;;=,\"", "sip:\x00@h"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if d := parseRetry(s); d < 0 || d > 24*time.Hour {
			t.Fatalf("Retry-After %s", d)
		}
		if n, who := parseInterval(s); n < 0 || n > maxInterval || who != "" && who != "uac" && who != "uas" {
			t.Fatalf("interval %d %q", n, who)
		}
		if n := parseFragment([]byte(s)); n != 0 && (n < 100 || n > 699) {
			t.Fatalf("fragment %d", n)
		}
		if e := parseSubscription(s).expires; e < 0 || e > maxInterval*time.Second {
			t.Fatalf("expires %s", e)
		}
		parseRSeq(s)
		if u := unknownOptions(s); strings.ContainsAny(u, "\r\n\x00") {
			t.Fatalf("options %q", u)
		}
		if u := readReferTo(gosip.NewHeader("Refer-To", s)); u.Host != "" && !safeURI(&u) {
			t.Fatalf("Refer-To %q", u.String())
		}
		out := []gosip.Header{}
		if hs, err := gosip.HeadersParser(gosip.DefaultHeadersParser()).ParseHeader(out, []byte("Contact: "+s)); err == nil {
			for _, h := range hs {
				if c, ok := readContact(h.(*gosip.ContactHeader)); ok && !(c.q >= 0 && c.q <= 1 && safeURI(&c.uri)) {
					t.Fatalf("contact %+v", c)
				}
			}
		}
	})
}
