package sip

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	gosip "github.com/emiago/sipgo/sip"

	"dozvon/dialer"
	"dozvon/internal/crew"
)

// Invite places a call. It never blocks; exactly one Ended event follows in
// every case, on the leg's goroutine. The INVITE waits for its trunk's slot
// if the trunk has a limit on calls a second.
func (e *Endpoint) Invite(c Call) *Leg {
	l := &Leg{e: e, sink: c.Sink}
	l.box = crew.NewInbox(e.crew, l.work)
	err := l.prepare(c)
	if err == nil {
		l.slot = e.gates.reserve(time.Now(), c.Trunk)
		l.timer = time.AfterFunc(never, func() { l.box.Put(alarm{}) })
		err = e.legs.add(l)
	}
	if err != nil {
		l.over = true
		if l.timer != nil {
			l.timer.Stop()
		}
		go l.stillborn(err)
		return l
	}
	l.box.Put(alarm{})
	return l
}

// never is longer than any call.
const never = 1000 * time.Hour

// stillborn ends a call that can't be placed.
func (l *Leg) stillborn(err error) {
	l.tell(Event{Kind: Ended, At: time.Now(), Disposition: dialer.Failed,
		Cause: dialer.Cause{Local: true, Text: "can't be placed"}, Err: fmt.Errorf("call can't be placed: %w", err)})
}

// prepare turns a Call into the machine's plan. Everything that comes from
// outside is cleaned here.
func (l *Leg) prepare(c Call) error {
	e, m := l.e, &l.m
	m.id = identity{callID: cleanCallID(c.ID) + "@dozvon", agent: e.conf.UserAgent,
		host: e.addr.Addr().String(), port: int(e.addr.Port()), secure: e.securePort()}
	if cleanCallID(c.ID) == "" {
		return fmt.Errorf("call id %q has no letter or digit", cleanText(c.ID, 32))
	}
	m.id.tag, m.id.seed, m.talk.session = secrets()
	m.dice = m.talk.session ^ 0x5bd1e995
	m.plan.refer, m.plan.permit = c.AllowRefer, c.Permit
	m.plan.ring, m.plan.noResponse, m.plan.grace = c.Ring, e.conf.NoResponse, e.conf.Grace
	if m.plan.ring <= 0 {
		m.plan.ring = time.Minute
	}
	if !c.Local.IsValid() || c.Local.Port() == 0 {
		return fmt.Errorf("no address for RTP is given")
	}
	if err := m.talk.terms(c); err != nil {
		return err
	}
	_, _ = rand.Read(m.talk.vault.secret[:]) // never fails, by its contract
	if err := l.routeOf(c); err != nil {
		return err
	}
	if m.id.to.Host == "" {
		m.id.to = bare(m.plan.uri)
	}
	m.id.contact = gosip.Uri{Scheme: m.plan.uri.Scheme, User: "dozvon", Host: m.id.host, Port: m.id.port}
	m.plan.headers = extraHeaders(c.Headers)
	return l.extend(c)
}

// routeOf fills in who calls whom through what.
func (l *Leg) routeOf(c Call) error {
	m := &l.m
	l.trunk = c.Trunk != nil && c.Device == nil
	if c.Device != nil {
		return l.routeToPhone(c)
	}
	if c.Trunk == nil {
		u, err := parseURI(c.To)
		if err != nil {
			return fmt.Errorf("without a trunk the number must be a SIP URI: %q: %w", maskNumber(c.To), err)
		}
		m.plan.uri, l.hop, m.plan.route = requestURI(u), u, u.Scheme+":"+u.Host
		l.trust = trustOf(nil, &u)
		m.id.from = gosip.Uri{Scheme: u.Scheme, User: cleanUser(firstOf(c.From, "dozvon")), Host: m.id.host}
		m.id.display = cleanDisplay(c.Display)
		return nil
	}
	t := c.Trunk
	hop, err := parseURI(t.URI)
	if err != nil {
		return fmt.Errorf("trunk %q: %w", cleanText(t.Name, 64), err)
	}
	m.plan.route = fmt.Sprintf("trunk %q", cleanText(t.Name, 64))
	if l.hop, m.plan.preload, err = firstHop(t, hop); err != nil {
		return err
	}
	l.trust, l.server = trustOf(t, &l.hop), t.Server
	if isURI(c.To) {
		u, err := parseURI(c.To)
		if err != nil {
			return fmt.Errorf("number %q: %w", maskNumber(c.To), err)
		}
		m.plan.uri = requestURI(u)
	} else {
		u := requestURI(hop)
		if u.User = cleanUser(rewrite(t.Rewrite, c.To)); u.User == "" {
			return fmt.Errorf("there is no number to call")
		}
		m.plan.uri = u
	}
	if transport, _ := uriTransport(&l.hop); m.plan.uri.Scheme == "sips" && transport != "tls" {
		return fmt.Errorf("%s: a sips: number needs TLS all the way, and the way out has no transport=tls", m.plan.route)
	}
	user := firstOf(t.User, hop.User)
	m.creds.user, m.creds.password = user, t.Password
	m.id.from = gosip.Uri{Scheme: m.plan.uri.Scheme, Host: hop.Host, User: cleanUser(firstOf(c.From, t.CallerID, user, "dozvon"))}
	m.id.display = cleanDisplay(firstOf(c.Display, t.Display))
	return nil
}

// firstHop returns where a trunk's requests outside a dialog go first, and
// the Route that they carry: with an outbound proxy there and by a preloaded
// Route (RFC 3261 section 8.1.2), else to the trunk itself.
func firstHop(t *Trunk, to gosip.Uri) (gosip.Uri, []gosip.Uri, error) {
	if t.Proxy == "" {
		return to, nil, nil
	}
	proxy, err := parseURI(t.Proxy)
	if err != nil {
		return to, nil, fmt.Errorf("trunk %q, outbound proxy: %w", cleanText(t.Name, 64), err)
	}
	route := requestURI(proxy)
	route.UriParams = slices.Clone(route.UriParams)
	if !route.UriParams.Has("lr") {
		route.UriParams = append(route.UriParams, gosip.HeaderKV{K: "lr"})
	}
	return proxy, []gosip.Uri{route}, nil
}

// requestURI keeps of a URI what may stand in a request line: no headers, no
// password.
func requestURI(u gosip.Uri) gosip.Uri {
	u.Headers, u.Password = nil, ""
	u.User = cleanUser(u.User)
	return u
}

// bare is a URI as To and From have it: no port, no parameters (RFC 3261
// section 19.1.1).
func bare(u gosip.Uri) gosip.Uri {
	return gosip.Uri{Scheme: u.Scheme, User: u.User, Host: u.Host}
}

// extraHeaders cleans a call's own headers, in a fixed order.
func extraHeaders(all map[string]string) []gosip.Header {
	var out []gosip.Header
	for name, value := range all {
		if v := cleanValue(value); v != "" && headerAllowed(name) && len(out) < 32 {
			out = append(out, gosip.NewHeader(name, v))
		}
	}
	slices.SortFunc(out, func(a, b gosip.Header) int { return strings.Compare(a.Name(), b.Name()) })
	return out
}

// secrets returns an unpredictable tag, seed and SDP session id (RFC 3261
// section 19.3).
func secrets() (tag, seed string, session uint64) {
	var b [24]byte
	_, _ = rand.Read(b[:]) // never fails, by its contract
	return hex.EncodeToString(b[:8]), hex.EncodeToString(b[8:16]), binary.BigEndian.Uint64(b[16:]) >> 2
}

// linked says that the way to the far end is open, and which ways may be
// tried after it.
type linked struct {
	path
	rest []way
}

// link finds where the INVITE goes: at first the best way to the hop, then,
// each time the machine asks, the next one. What may take time, a name or a
// connection, happens beside the leg, so that HangUp is heard meanwhile.
func (l *Leg) link() {
	if l.dest.addr.IsValid() {
		l.leave()
		rest := l.rest
		go linkTo(l.box.Put, func() (path, []way, error) { return l.e.reach(l.e.life, rest, l.trust, l.large) })
		return
	}
	if l.phone {
		l.linkPhone()
		return
	}
	transport, _ := uriTransport(&l.hop)
	// Without headers of its own an INVITE stays below the limit.
	l.large = transport == "" && len(l.m.plan.headers) > 0 && l.inviteSize() > maxDatagram
	if a, ok := literal(&l.hop, transport); ok && orUDP(transport) == "udp" && !l.large && l.e.names.fits(a.Addr()) == nil {
		l.box.Put(linked{path: path{way: way{"udp", a}}})
		return
	}
	hop := l.hop
	go linkTo(l.box.Put, func() (path, []way, error) { return l.e.find(l.e.life, &hop, l.trust, l.large) })
}

// linkTo opens a way and puts the outcome into an inbox.
func linkTo(put func(event), open func() (path, []way, error)) {
	p, rest, err := open()
	if err != nil {
		put(unlinked{err})
		return
	}
	put(linked{p, rest})
}

// leave gives up the way that the INVITE took. Its transaction ends, so that
// no repeat of the INVITE reaches anybody there; a response that still comes is
// read all the same.
func (l *Leg) leave() {
	l.past = append(l.past, l.dest)
	l.open.forget(gosip.INVITE, l.m.branch)
	for _, tx := range l.streams {
		if tx.Origin().IsInvite() && viaBranch(tx.Origin()) == l.m.branch {
			l.closed(tx)
			tx.Terminate()
			return
		}
	}
}

// maxDatagram is the longest request that leaves over UDP while there is a
// choice (RFC 3261 section 18.1.1).
const maxDatagram = 1300

// inviteSize tells how long the INVITE will be, credentials included.
func (l *Leg) inviteSize() int {
	probe := l.m
	probe.transport, probe.seq, probe.n = "udp", 1, 1
	const credentials = 400
	size := len(probe.newInvite().String())
	if l.m.creds.password != "" {
		size += credentials
	}
	return size
}
