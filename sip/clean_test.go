package sip

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	gosip "github.com/emiago/sipgo/sip"
)

func TestClean(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{cleanValue("a\r\nX-Evil: 1"), "a X-Evil: 1"},
		{cleanValue("  a \t b\u2028c\u0085d\x00\x7f "), "a b c d"},
		{cleanValue("\xff\xfeab\u202ec"), "abc"},
		{cleanValue(strings.Repeat("я", 200)), strings.Repeat("я", 128)},
		{cleanDisplay(`Иван "Грозный" \ IV`), `Иван \"Грозный\" \\ IV`},
		{cleanUser("+7 916\r\n123@evil>"), "+7%20916123%40evil%3E"},
		{cleanUser("a%41%zz"), "a%41%25zz"},
		{cleanCallID("12/3 4\r\n@x"), "1234x"},
		{cleanTag("as1;x"), ""},
		{cleanTag("a/b:c@d"), "a/b:c@d"},
		{maskNumber("+79161234567"), "+791***4567"},
		{maskNumber("sip:100@host"), "sip:100@host"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestHeadersThatACallMayCarry(t *testing.T) {
	for name, want := range map[string]bool{"X-Lead": true, "P-Asserted-Identity": true, "Privacy": true, "Diversion": true,
		"Route": false, "Via": false, "x-a\r\nVia": false, "X-A:": false, "": false, "Contact": false} {
		if headerAllowed(name) != want {
			t.Errorf("%q: %v", name, !want)
		}
	}
}

// Nothing that comes from outside may forge a header: line breaks in every
// field of a call, and what then stands on the wire.
func TestLineBreaksNeverReachTheWire(t *testing.T) {
	f := newFar(t, func(f *far, m packet) {
		if m.is("INVITE") {
			f.reply(m, 486, "a", "", "")
		}
	})
	const evil = "v\r\nX-Evil: yes\r\n\r\nbody\nX-Evil: yes\rX-Evil: yes\x00"
	n := newNear(t, func(c *Config) { c.UserAgent = evil })
	p := n.call(Call{
		ID: "7" + evil, To: "+7916" + evil, From: "+7495" + evil, Display: `"` + evil, Ring: time.Second,
		Trunk:   &Trunk{Name: evil, URI: "sip:u@" + f.addr(), User: evil, Password: evil, CallerID: evil, Display: evil},
		Headers: map[string]string{"X-Lead": evil, "X-Lead\r\nX-Evil": "yes", "Route": "<sip:evil>", "X-Long": strings.Repeat("y", 9999)},
	})
	p.until(Ended)
	raw := f.await("INVITE", 1).raw
	head, body, _ := strings.Cut(raw, "\r\n\r\n")
	if strings.Contains(strings.ReplaceAll(raw, "\r\n", ""), "\n") || strings.ContainsAny(head, "\x00") {
		t.Errorf("bare line breaks in\n%q", raw)
	}
	if !strings.HasPrefix(body, "v=0\r\n") {
		t.Errorf("body %q", body)
	}
	for _, line := range strings.Split(head, "\r\n") {
		name, _, _ := strings.Cut(line, ":")
		if strings.HasPrefix(name, "X-Evil") || name == "Route" || len(line) > 400 {
			t.Errorf("forged line %q", line)
		}
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"", "+79161234567", "a\r\nb", `"\`, "\xff\x00", "%41%", strings.Repeat("ы", 300)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, v := range []string{cleanValue(s), cleanDisplay(s), cleanUser(s), cleanCallID(s), cleanTag(s), quoted(s), maskNumber(s)} {
			if strings.ContainsAny(v, "\r\n\x00") {
				t.Fatalf("%q became %q", s, v)
			}
		}
		if v := cleanValue(s); !utf8.ValidString(v) || len(v) > maxValue {
			t.Fatalf("value %q", v)
		}
		u := gosip.Uri{Scheme: "sip", User: cleanUser(s), Host: "h"}
		var back gosip.Uri
		if err := gosip.ParseUri(u.String(), &back); err != nil || back.Host != "h" || back.User != u.User || !safeURI(&back) {
			t.Fatalf("%q makes the URI %s (%v)", s, u.String(), err)
		}
		from := gosip.FromHeader{DisplayName: cleanDisplay(s), Address: u}
		if d := from.DisplayName; strings.HasSuffix(strings.ReplaceAll(d, `\\`, ""), `\`) {
			t.Fatalf("display name %q escapes its closing quote", d)
		}
	})
}
