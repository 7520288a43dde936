package sip

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	gosip "github.com/emiago/sipgo/sip"
)

// Finding is one step of looking a trunk over: what was found, or what is
// wrong and what to do.
type Finding struct {
	Step string // settings, name, connection, certificate, answer, login
	OK   bool
	Warn bool   // it works, and yet somebody should look at it
	Text string // for people, cleaned
}

// expiresSoon is when a certificate's end is worth a warning.
const expiresSoon = 21 * 24 * time.Hour

// Probe looks a trunk over step by step, from its name to its login, and tells
// each step as it is done; it ends with the first that fails and reports
// whether none did. Nobody is called and nothing is changed. It takes about as
// long as Ping.
func (e *Endpoint) Probe(ctx context.Context, t *Trunk, tell func(Finding)) bool {
	ctx, cancel := context.WithTimeout(ctx, 2*e.conf.NoResponse)
	defer cancel()
	p := probe{e: e, t: t, tell: tell}
	return p.settings() && p.name(ctx) && p.connection(ctx) && p.answer(ctx) && p.login(ctx)
}

// probe is one look.
type probe struct {
	e    *Endpoint
	t    *Trunk
	tell func(Finding)
	q    *inquiry
	ways []way
	path path
	said response // to OPTIONS
}

func (p *probe) ok(step, format string, args ...any) bool {
	p.tell(Finding{Step: step, OK: true, Text: fmt.Sprintf(format, args...)})
	return true
}

func (p *probe) fail(step string, err error) bool {
	p.tell(Finding{Step: step, Text: cleanText(err.Error(), 4*maxValue)})
	return false
}

func (p *probe) settings() bool {
	q, err := p.e.inquire(p.t, gosip.OPTIONS)
	if err != nil {
		return p.fail("settings", err)
	}
	p.q = q
	return true
}

// name finds the addresses of the trunk, or of its proxy.
func (p *probe) name(ctx context.Context) bool {
	hop := &p.q.hop
	transport, err := uriTransport(hop)
	if err != nil {
		return p.fail("name", err)
	}
	if p.ways, err = p.e.names.resolve(ctx, hop, transport); err != nil {
		return p.fail("name", err)
	}
	const shown = 6
	var all []string
	for _, w := range p.ways[:min(shown, len(p.ways))] {
		all = append(all, fmt.Sprintf("%s %s", w.transport, w.addr))
	}
	if more := len(p.ways) - shown; more > 0 {
		all = append(all, fmt.Sprintf("and %d more", more))
	}
	host, list := cleanText(strings.Trim(hop.Host, "[]"), maxHost), strings.Join(all, ", ")
	if _, err := netip.ParseAddr(host); err == nil {
		return p.ok("name", "%s, given as an address", list)
	}
	return p.ok("name", "%s is %s", host, list)
}

// connection opens the way to the first address that takes one.
func (p *probe) connection(ctx context.Context) bool {
	first, rest, err := p.e.reach(ctx, p.ways, p.q.trust, false)
	var bad handshakeFault
	if errors.As(err, &bad) {
		return p.fail("certificate", err)
	}
	if err != nil {
		return p.fail("connection", err)
	}
	p.path, p.ways = first, rest
	switch first.transport {
	case "tls":
		return p.ok("connection", "TLS to %s is open", first.addr) && p.certificate()
	case "tcp":
		return p.ok("connection", "TCP to %s is open", first.addr)
	}
	return p.ok("connection", "UDP to %s needs none; asked from %s", first.addr, p.e.addr)
}

// certificate says whose certificate was accepted, and until when it holds.
func (p *probe) certificate() bool {
	conn, ok := p.path.wire.conn.Conn.(*tls.Conn)
	if !ok || len(conn.ConnectionState().PeerCertificates) == 0 {
		return true
	}
	f := ofCertificate(conn.ConnectionState().PeerCertificates[0], p.q.trust.name, time.Now())
	p.tell(f)
	return true
}

func ofCertificate(c *x509.Certificate, name string, now time.Time) Finding {
	f := Finding{Step: "certificate", OK: true,
		Text: fmt.Sprintf("made out to %s, valid until %s", cleanText(name, maxHost), c.NotAfter.Format(time.DateOnly))}
	if left := c.NotAfter.Sub(now); left < expiresSoon {
		f.Warn = true
		f.Text += fmt.Sprintf(": that is %s, whoever runs the trunk must renew it", soon(left))
	}
	return f
}

// soon is how far off a moment is, in words.
func soon(left time.Duration) string {
	days, hours := int(left/(24*time.Hour)), int(left/time.Hour)
	switch {
	case left <= 0:
		return "over"
	case hours < 1:
		return "within the hour"
	case hours == 1:
		return "in an hour"
	case days < 1:
		return fmt.Sprintf("in %d hours", hours)
	case days == 1:
		return "in a day"
	}
	return fmt.Sprintf("in %d days", days)
}

// answer asks with OPTIONS, one address after the other, as Ping does.
func (p *probe) answer(ctx context.Context) bool {
	for {
		one, cancel := portion(ctx, len(p.ways)+2)
		start := time.Now()
		said, err := p.q.put(one, p.e, p.path)
		cancel()
		if err == nil {
			p.said = said
			took := float64(time.Since(start).Microseconds()) / 1000
			if said.code == 503 || said.code == 408 {
				return p.fail("answer", verdict(&said, &p.q.creds, gosip.OPTIONS))
			}
			return p.ok("answer", "OPTIONS answered with %d %s in %.1f ms", said.code, said.reason, took)
		}
		if len(p.ways) == 0 || ctx.Err() != nil {
			return p.fail("answer", err)
		}
		p.tell(Finding{Step: "answer", OK: true, Warn: true, Text: cleanText(fmt.Sprintf("%s: %v; on to the next address", p.path.addr, err), 4*maxValue)})
		p.e.names.avoid(p.path.way, time.Now().Add(shunFor))
		if p.path, p.ways, err = p.e.reach(ctx, p.ways, p.q.trust, false); err != nil {
			return p.fail("connection", err)
		}
	}
}

// login says whether the trunk takes us for who we are.
func (p *probe) login(ctx context.Context) bool {
	if err := verdict(&p.said, &p.q.creds, gosip.OPTIONS); err != nil {
		return p.fail("login", err)
	}
	if p.t.Register {
		return p.registers(ctx)
	}
	switch {
	case !p.q.creds.none():
		return p.ok("login", "user %s and password accepted", cleanText(p.q.user, 64))
	case p.t.Password != "":
		return p.ok("login", "no password was asked for: whether it is right shows with the first call")
	}
	return p.ok("login", "none asked for: the trunk knows us by our address, or asks with the first call")
}

// registers asks the registrar whether it knows us (RFC 3261 section 10.2.3).
func (p *probe) registers(ctx context.Context) bool {
	q, err := p.e.inquire(p.t, gosip.REGISTER)
	if err != nil {
		return p.fail("login", err)
	}
	said, err := q.put(ctx, p.e, p.path)
	if err == nil {
		err = verdict(&said, &q.creds, gosip.REGISTER)
	}
	if err != nil {
		return p.fail("login", err)
	}
	if q.creds.none() {
		return p.ok("login", "the registrar knows %s, and asked for no password", cleanText(q.user, 64))
	}
	return p.ok("login", "the registrar knows %s, and the password is right", cleanText(q.user, 64))
}
