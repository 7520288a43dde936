package sip

import (
	"fmt"
	"strings"

	gosip "github.com/emiago/sipgo/sip"
)

// routeToPhone fills in a call to a phone that is registered here: the
// Request-URI is its Contact (RFC 3261 section 16.6), but every request goes
// where it registered from, which is the only way through its NAT.
func (l *Leg) routeToPhone(c Call) error {
	m, d := &l.m, c.Device
	if !d.Source.IsValid() || d.Source.Port() == 0 {
		return fmt.Errorf("the phone %q has no source address: take it from Endpoint.Devices", cleanText(d.URI, 64))
	}
	u, err := plainURI(d.URI)
	if err != nil || !safeURI(&u) {
		return fmt.Errorf("the phone's contact %q can't be called", cleanText(d.URI, 64))
	}
	u.Headers, u.Password = nil, ""
	to := bare(u)
	if strings.HasPrefix(strings.ToLower(c.To), "sip:") {
		aor, err := parseURI(c.To)
		if err != nil {
			return fmt.Errorf("the phone's address %q: %w", maskNumber(c.To), err)
		}
		to = bare(requestURI(aor))
	} else if user := cleanUser(c.To); user != "" {
		to = gosip.Uri{Scheme: "sip", User: user, Host: m.id.host}
	}
	l.phone = true
	l.rest = []way{{strings.ToLower(firstOf(d.Transport, "udp")), d.Source}}
	m.plan.uri, m.plan.route, m.id.to = u, "phone "+maskNumber(to.User), to
	m.id.from = gosip.Uri{Scheme: "sip", User: cleanUser(firstOf(c.From, "dozvon")), Host: m.id.host}
	m.id.display = cleanDisplay(c.Display)
	return nil
}

// linkPhone finds the connection that a phone has opened; none can be opened
// to it.
func (l *Leg) linkPhone() {
	to := l.rest[0]
	if to.transport != "udp" {
		c, err := l.e.tpl.GetConnection(to.transport, to.addr.String())
		if err != nil {
			l.box.Put(unlinked{fmt.Errorf("the phone's %s connection from %s is gone; the phone opens it anew when it registers again", to.transport, to.addr)})
			return
		}
		_, _ = c.TryClose() // gives back what GetConnection took
	}
	l.box.Put(linked{path: path{way: to}})
}
