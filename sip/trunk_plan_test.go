package sip

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	gosip "github.com/emiago/sipgo/sip"
)

// inviteOf returns the INVITE that a call through a trunk would send.
func inviteOf(t *testing.T, trunk *Trunk, headers map[string]string) (*gosip.Request, error) {
	t.Helper()
	l := &Leg{e: &Endpoint{addr: netip.MustParseAddrPort("127.0.0.1:5060"), conf: Config{UserAgent: "x"}}}
	err := l.prepare(Call{ID: "1", To: "+79161234567", From: "+74951112233", Display: "Shop", Trunk: trunk, Headers: headers, Local: netip.MustParseAddrPort("127.0.0.1:40000")})
	if err != nil {
		return nil, err
	}
	l.m.transport, l.m.seq, l.m.n = "udp", 1, 1
	return l.m.newInvite(), nil
}

func TestHowTheCallerIsShown(t *testing.T) {
	const caller = "<sip:+74951112233@pbx.example>"
	for _, c := range []struct {
		name                      string
		trunk                     Trunk
		headers                   map[string]string
		from                      string
		asserted, privacy, divert string
	}{
		{"nothing set", Trunk{}, nil, `"Shop" ` + caller, "", "", ""},
		{"asserted", Trunk{Assert: true}, nil, `"Shop" ` + caller, caller, "", ""},
		{"hidden", Trunk{Privacy: "id"}, nil, `"Anonymous" <sip:anonymous@anonymous.invalid>`, caller, "id", ""},
		{"hidden, two words", Trunk{Privacy: "ID; critical"}, nil, `"Anonymous" <sip:anonymous@anonymous.invalid>`, caller, "id;critical", ""},
		{"only headers", Trunk{Privacy: "header"}, nil, `"Shop" ` + caller, "", "header", ""},
		{"shown on purpose", Trunk{Privacy: "none", Assert: true}, nil, `"Shop" ` + caller, caller, "none", ""},
		{"diverted from a number", Trunk{Divert: "+74950000000"}, nil, `"Shop" ` + caller, "", "", "<sip:+74950000000@pbx.example>;reason=unknown;counter=1"},
		{"diverted from a URI", Trunk{Divert: "sip:front@shop.example:5070;x=y"}, nil, `"Shop" ` + caller, "", "", "<sip:front@shop.example>;reason=unknown;counter=1"},
		{"the call's own word wins", Trunk{Assert: true, Divert: "1"}, map[string]string{"p-asserted-identity": "<sip:own@x>", "Diversion": "<sip:own@y>"},
			`"Shop" ` + caller, "<sip:own@x>", "", "<sip:own@y>"},
	} {
		c.trunk.URI = "sip:robot@pbx.example"
		req, err := inviteOf(t, &c.trunk, c.headers)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		from, _, _ := strings.Cut(header(req, "From"), ";tag")
		if from != c.from || header(req, "P-Asserted-Identity") != c.asserted || header(req, "Privacy") != c.privacy || header(req, "Diversion") != c.divert {
			t.Errorf("%s: From %s, asserted %q, privacy %q, diversion %q", c.name, from,
				header(req, "P-Asserted-Identity"), header(req, "Privacy"), header(req, "Diversion"))
		}
		if len(req.GetHeaders("P-Asserted-Identity"))+len(req.GetHeaders("Diversion")) > 2 {
			t.Errorf("%s: a header stands there twice", c.name)
		}
	}
}

func TestHostileTrunkValues(t *testing.T) {
	for _, trunk := range []Trunk{{Privacy: "id\r\nX-Evil: 1"}, {Privacy: "everything"}, {Divert: "\r\n"}, {Divert: "sip:a@b\r\nX-Evil: 1"}} {
		trunk.URI = "sip:robot@pbx.example"
		if req, err := inviteOf(t, &trunk, nil); err == nil {
			t.Errorf("%+v made\n%s", trunk, req)
		}
	}
	for _, trunk := range []Trunk{{Divert: "+7495\r\nX-Evil: 1"}, {Divert: `1>;reason=x,<sip:evil@h`}, {Assert: true, CallerID: "1>\r\nX-Evil: 1"}} {
		trunk.URI = "sip:robot@pbx.example"
		req, err := inviteOf(t, &trunk, nil)
		if err != nil {
			continue
		}
		if strings.Contains(req.String(), "\nX-Evil") || strings.Count(header(req, "Diversion"), "<") > 1 {
			t.Errorf("%+v made\n%s", trunk, req)
		}
	}
}

func TestIntervals(t *testing.T) {
	for d, want := range map[time.Duration]int{0: 1800, -1: 0, time.Second: 90, 10 * time.Minute: 600, 9999 * time.Hour: 86400} {
		if got := intervalOf(d); got != want {
			t.Errorf("%s: %d", d, got)
		}
	}
}
