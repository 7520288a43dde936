package sip

import (
	"context"
	"crypto/x509"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"
)

// look probes a trunk and writes each step as ✓, ! or ✗ and its name.
func (n *near) look(t *Trunk) (steps string, all []Finding) {
	n.t.Helper()
	ok := n.Probe(context.Background(), t, func(f Finding) {
		all = append(all, f)
		mark := "✗"
		switch {
		case f.Warn:
			mark = "!"
		case f.OK:
			mark = "✓"
		}
		steps += mark + f.Step + " "
	})
	if last := all[len(all)-1]; ok != last.OK {
		n.t.Errorf("ends with %+v and says %v", last, ok)
	}
	return steps, all
}

func TestProbeTellsEachStep(t *testing.T) {
	const challenge = "WWW-Authenticate: Digest realm=\"far\", nonce=\"n1\", qop=\"auth\"\r\n"
	code := func(options, register, authorised int) func(f *far, m packet) {
		return func(f *far, m packet) {
			c := options
			if m.is("REGISTER") {
				c = register
			}
			if m.header("Authorization") != "" {
				c = authorised
			}
			extra := ""
			if c == 401 {
				extra = challenge
			}
			f.reply(m, c, "a", extra, "")
		}
	}
	for _, c := range []struct {
		name     string
		far      func(f *far, m packet)
		register bool
		steps    string
		said     string // by the last step
	}{
		{"no password asked for", code(200, 200, 200), false, "✓name ✓connection ✓answer ✓login ", "shows with the first call"},
		{"OPTIONS is not known", code(501, 200, 200), false, "✓name ✓connection ✓answer ✓login ", "shows with the first call"},
		{"password right", code(401, 401, 200), false, "✓name ✓connection ✓answer ✓login ", "user u and password accepted"},
		{"password wrong", code(401, 401, 401), false, "✓name ✓connection ✓answer ✗login ", "password"},
		{"forbidden", code(403, 200, 200), false, "✓name ✓connection ✓answer ✗login ", "forbids us"},
		{"overloaded", code(503, 200, 200), false, "✓name ✓connection ✗answer ", "takes no calls now"},
		{"registered", code(200, 401, 200), true, "✓name ✓connection ✓answer ✓login ", "the password is right"},
		{"registered by address", code(200, 200, 200), true, "✓name ✓connection ✓answer ✓login ", "asked for no password"},
		{"unknown to the registrar", code(200, 404, 404), true, "✓name ✓connection ✓answer ✗login ", "knows no user"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, n := newFar(t, c.far), newNear(t)
			trunk := &Trunk{Name: "t", URI: fmt.Sprintf("sip:u@127.0.0.1:%d", f.port()), Password: "secret", Register: c.register}
			steps, all := n.look(trunk)
			if last := all[len(all)-1].Text; steps != c.steps || !strings.Contains(last, c.said) || strings.Contains(last, "secret") {
				t.Errorf("%s%q", steps, last)
			}
		})
	}
}

func TestProbeOfATrunkThatIsNotThere(t *testing.T) {
	closed, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := closed.LocalAddr().String()
	closed.Close()
	n := newNear(t)
	for uri, want := range map[string][2]string{
		"tel:7":                              {"✗settings ", "starts with sip:"},
		"sip:u@" + addr:                      {"✓name ✓connection ✗answer ", "nobody listens on UDP at " + addr},
		"sip:u@127.0.0.1:1;transport=tcp":    {"✓name ✗connection ", "refused the TCP connection"},
		"sip:u@no-such-host.invalid":         {"✗name ", "no-such-host.invalid"},
		"sip:u@127.0.0.1:1;transport=pigeon": {"✗settings ", "pigeon"},
	} {
		steps, all := n.look(&Trunk{Name: "t", URI: uri})
		if last := all[len(all)-1].Text; steps != want[0] || !strings.Contains(last, want[1]) {
			t.Errorf("%s: %s%q", uri, steps, last)
		}
	}
}

func TestProbeOfCertificates(t *testing.T) {
	ours, other := newAuthority(t, "Test CA"), newAuthority(t, "Other CA")
	for _, c := range []struct {
		name   string
		until  time.Time
		trusts *authority
		server string
		steps  string
		said   string // of the certificate
	}{
		{"soon over", tomorrow(), ours, "127.0.0.1", "✓name ✓connection !certificate ✓answer ✓login ", "must renew it"},
		{"expired", time.Now().Add(-time.Hour), ours, "127.0.0.1", "✓name ✗certificate ", "expired"},
		{"untrusted", tomorrow(), other, "127.0.0.1", "✓name ✗certificate ", "Test CA"},
		{"another's", tomorrow(), ours, "sip.example.org", "✓name ✗certificate ", "sip.example.org"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newTLSFar(t, ours.issue(c.until, "127.0.0.1"), answering(""))
			steps, all := newNear(t).look(f.trunk(c.trusts, c.server))
			said := ""
			for _, s := range all {
				if s.Step == "certificate" {
					said = s.Text
				}
			}
			if steps != c.steps || !strings.Contains(said, c.said) {
				t.Errorf("%s%q", steps, said)
			}
		})
	}
}

func TestCertificateThatHoldsLongIsNoWarning(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for days, warn := range map[int]bool{1: true, 20: true, 22: false, 90: false} {
		f := ofCertificate(&x509.Certificate{NotAfter: now.AddDate(0, 0, days)}, "sip.example.org", now)
		if !f.OK || f.Warn != warn || strings.Contains(f.Text, "renew") != warn {
			t.Errorf("%d days: %+v", days, f)
		}
	}
	for left, want := range map[time.Duration]string{
		-time.Second: "that is over", 59 * time.Minute: "within the hour", 61 * time.Minute: "in an hour", 23*time.Hour + time.Minute: "in 23 hours",
		25 * time.Hour: "in a day,", 49 * time.Hour: "in 2 days",
	} {
		if f := ofCertificate(&x509.Certificate{NotAfter: now.Add(left)}, "sip.example.org", now); !strings.Contains(f.Text, want) {
			t.Errorf("%v: %s", left, f.Text)
		}
	}
}
