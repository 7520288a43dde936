package sip

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	gosip "github.com/emiago/sipgo/sip"

	"dozvon/audio"
	"dozvon/dialer"
	"dozvon/internal/mailbox"
)

// Invite places a call. It never blocks; exactly one Ended event follows in
// every case, on the leg's goroutine. The INVITE waits for its trunk's slot
// if the trunk has a limit on calls a second.
func (e *Endpoint) Invite(c Call) *Leg {
	l := &Leg{e: e, box: mailbox.New[event](), sink: c.Sink}
	err := l.prepare(c)
	if err == nil {
		l.slot = e.gates.reserve(time.Now(), c.Trunk)
		err = e.legs.add(l)
	}
	if err != nil {
		go l.stillborn(err)
		return l
	}
	go l.run()
	return l
}

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
		host: e.addr.Addr().String(), port: int(e.addr.Port())}
	if cleanCallID(c.ID) == "" {
		return fmt.Errorf("call id %q has no letter or digit", cleanText(c.ID, 32))
	}
	m.id.tag, m.id.seed, m.talk.session = secrets()
	m.plan.ring, m.plan.noResponse, m.plan.grace = c.Ring, e.conf.NoResponse, e.conf.Grace
	if m.plan.ring <= 0 {
		m.plan.ring = time.Minute
	}
	if !c.Local.IsValid() || c.Local.Port() == 0 {
		return fmt.Errorf("no address for RTP is given")
	}
	m.talk.local, m.talk.laws = c.Local, c.Laws
	if len(c.Laws) == 0 {
		m.talk.laws = []audio.Law{audio.ALaw, audio.ULaw}
	}
	if err := l.routeOf(c); err != nil {
		return err
	}
	m.id.to = bare(m.plan.uri)
	m.id.contact = gosip.Uri{Scheme: "sip", User: "dozvon", Host: m.id.host, Port: m.id.port}
	m.plan.headers = extraHeaders(c.Headers)
	return nil
}

// routeOf fills in who calls whom through what.
func (l *Leg) routeOf(c Call) error {
	m := &l.m
	if c.Trunk == nil {
		u, err := parseURI(c.To)
		if err != nil {
			return fmt.Errorf("without a trunk the number must be a SIP URI: %q: %w", maskNumber(c.To), err)
		}
		m.plan.uri, l.hop, m.plan.route = requestURI(u), u, "sip:"+u.Host
		m.id.from = gosip.Uri{Scheme: "sip", User: cleanUser(firstOf(c.From, "dozvon")), Host: m.id.host}
		m.id.display = cleanDisplay(c.Display)
		return nil
	}
	t := c.Trunk
	hop, err := parseURI(t.URI)
	if err != nil {
		return fmt.Errorf("trunk %q: %w", cleanText(t.Name, 64), err)
	}
	l.hop, m.plan.route = hop, fmt.Sprintf("trunk %q", cleanText(t.Name, 64))
	if strings.HasPrefix(strings.ToLower(c.To), "sip:") {
		u, err := parseURI(c.To)
		if err != nil {
			return fmt.Errorf("number %q: %w", maskNumber(c.To), err)
		}
		m.plan.uri = requestURI(u)
	} else {
		u := requestURI(hop)
		if u.User = cleanUser(c.To); u.User == "" {
			return fmt.Errorf("there is no number to call")
		}
		m.plan.uri = u
	}
	user := firstOf(t.User, hop.User)
	m.creds.user, m.creds.password = user, t.Password
	m.id.from = gosip.Uri{Scheme: "sip", Host: hop.Host, User: cleanUser(firstOf(c.From, t.CallerID, user, "dozvon"))}
	m.id.display = cleanDisplay(firstOf(c.Display, t.Display))
	return nil
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
	return gosip.Uri{Scheme: "sip", User: u.User, Host: u.Host}
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

// linked says that the way to the far end is open.
type linked struct {
	transport string
	dest      netip.AddrPort
}

// link finds where the INVITE goes. What may take time, a name or a
// connection, happens beside the leg, so that HangUp is heard meanwhile.
func (l *Leg) link() {
	transport, _ := uriTransport(&l.hop)
	explicit := transport != ""
	if !explicit {
		transport = "udp"
	}
	// Without headers of its own an INVITE stays below the limit.
	large := transport == "udp" && !explicit && len(l.m.plan.headers) > 0 && l.inviteSize() > maxDatagram
	if a, ok := literal(&l.hop); ok && transport == "udp" && !large {
		l.box.Put(linked{transport, a})
		return
	}
	hop := l.hop
	go func() {
		ev, err := l.e.link(l.e.life, &hop, transport, large)
		if err != nil {
			l.box.Put(unlinked{err})
			return
		}
		l.box.Put(ev)
	}()
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
