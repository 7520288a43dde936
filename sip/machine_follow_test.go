package sip

import (
	"strings"
	"testing"
	"time"

	gosip "github.com/emiago/sipgo/sip"

	"dozvon/dialer"
)

func TestRedirection(t *testing.T) {
	l := reach(t, calling)
	first := l.req["INVITE"]
	l.want(l.feed(l.moved("200")), "INVITE 2")
	req := l.req["INVITE"]
	if req.Recipient.String() != "sip:200@192.0.2.1" || header(req, "To") != header(first, "To") || string(*req.CallID()) != string(*first.CallID()) ||
		header(req, "From") != header(first, "From") || viaBranch(req) == viaBranch(first) {
		t.Errorf("followed as %s", req)
	}
	l.feed(l.resp(180, "a", ""))
	l.want(l.feed(hangUp{}), "CANCEL 2")
	if u := l.req["CANCEL"].Recipient.String(); u != "sip:200@192.0.2.1" {
		t.Errorf("CANCEL to %s", u)
	}
}

// The limit, the loop, and what the table says when nothing is followed.
func TestRedirectionsEnd(t *testing.T) {
	l := reach(t, calling)
	l.want(l.feed(l.moved("200")), "INVITE 2")
	l.want(l.feed(l.moved("201")), "INVITE 3")
	l.want(l.feed(l.moved("202")), "ended unreachable, drop") // two are allowed
	if l.end.Cause.SIP != 302 {
		t.Errorf("%+v", l.end)
	}
	l = reach(t, calling)
	l.want(l.feed(l.moved("200")), "INVITE 2")
	l.want(l.feed(l.moved("+79161234567", "200")), "ended unreachable, drop") // a loop
	l = reach(t, calling)
	l.m.plan.follow = 0
	l.want(l.feed(l.moved("200")), "ended unreachable, drop")
	if l.end.Disposition != dialer.Unreachable || l.end.Cause.Text == "" {
		t.Errorf("%+v", l.end)
	}
}

// The best contact goes first; the next one follows if it fails before
// anybody's phone rang.
func TestRedirectionToSeveral(t *testing.T) {
	order := func(l *line) came {
		r := l.moved("low", "high", "middle")
		r.contacts[0].q, r.contacts[1].q, r.contacts[2].q = 0.1, 0.9, 0.5
		return r
	}
	l := reach(t, calling)
	l.feed(order(l))
	for _, want := range []string{"high", "middle", "low"} {
		if u := l.req["INVITE"].Recipient.User; u != want {
			t.Errorf("INVITE to %s, want %s", u, want)
		}
		l.feed(l.resp(404, "a", ""))
	}
	if l.end.Disposition != dialer.Invalid {
		t.Errorf("ended as %+v", l.end)
	}
	l = reach(t, calling)
	l.feed(order(l))
	l.feed(l.resp(180, "a", ""))
	l.want(l.feed(l.resp(486, "a", "")), "ended busy, drop")
	l = reach(t, calling)
	l.feed(order(l))
	l.want(l.feed(l.resp(603, "a", "")), "ended declined, drop")
}

// Toll fraud: a far end can't send the call to just anybody.
func TestRedirectionsThatAreNotFollowed(t *testing.T) {
	at := func(change func(u *gosip.Uri)) gosip.Uri {
		u := gosip.Uri{Scheme: "sip", User: "200", Host: "192.0.2.1"}
		change(&u)
		return u
	}
	for name, u := range map[string]gosip.Uri{
		"another host":    at(func(u *gosip.Uri) { u.Host = "203.0.113.9" }),
		"another scheme":  at(func(u *gosip.Uri) { u.Scheme = "sips" }),
		"nobody":          at(func(u *gosip.Uri) { u.User = "" }),
		"no permit":       at(func(u *gosip.Uri) { u.User = "+190012345" }),
		"bad transport":   at(func(u *gosip.Uri) { u.UriParams = gosip.HeaderParams{{K: "transport", V: "sctp"}} }),
		"a look-alike":    at(func(u *gosip.Uri) { u.Host = "192.0.2.10" }),
		"its own address": at(func(u *gosip.Uri) { u.User = "+79161234567" }),
	} {
		l := reach(t, calling)
		l.m.plan.permit = func(n string) bool { return !strings.HasPrefix(n, "+1900") }
		r := l.resp(302, "a", "")
		r.contacts = []contact{{uri: u, q: 1}}
		if got := l.feed(r); got != "ended unreachable, drop" || !strings.Contains(l.end.Cause.Text, "forwarded") {
			t.Errorf("%s: %s, %q", name, got, l.end.Cause.Text)
		}
	}
	for _, code := range []int{305, 380} {
		l := reach(t, calling)
		r := l.moved("200")
		r.code = code
		l.feed(r)
		if l.m.state != gone {
			t.Errorf("%d was followed", code)
		}
	}
}

// What stands in a contact forges nothing.
func TestContactIsCleaned(t *testing.T) {
	l := reach(t, calling)
	r := l.moved("200")
	r.contacts[0].uri.Headers = gosip.HeaderParams{{K: "Route", V: "sip:evil"}}
	r.contacts[0].uri.Password = "x"
	l.want(l.feed(r), "INVITE 2")
	if u := l.req["INVITE"].Recipient.String(); u != "sip:200@192.0.2.1" {
		t.Errorf("INVITE to %s", u)
	}
}

func TestRedirectionAfterHangUp(t *testing.T) {
	l := reach(t, cancelling)
	l.want(l.feed(l.moved("200")), "ended no_answer, drop")
	l = reach(t, calling)
	l.feed(l.moved("200"))
	l.want(l.pass(8*time.Second), "ended failed") // silence is counted anew
}

func TestRetryAfter(t *testing.T) {
	for _, code := range []int{503, 480, 486, 500, 404, 600} {
		l := reach(t, calling)
		r := l.resp(code, "a", "")
		r.retryAfter = 90 * time.Second
		l.feed(r)
		if l.end.Cause.RetryAfter != 90*time.Second {
			t.Errorf("%d: %+v", code, l.end.Cause)
		}
	}
}
