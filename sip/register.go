package sip

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"time"

	gosip "github.com/emiago/sipgo/sip"

	"dozvon/internal/mailbox"
)

// Registration keeps a trunk's registrar told where we are, until Close. One
// goroutine owns its machine.
type Registration struct {
	e    *Endpoint
	m    *enrolment
	box  *mailbox.Box[event]
	done chan struct{}
	tell func(RegistrationEvent)
	key  string

	dest path  // of the last REGISTER
	rest []way // not tried yet
}

// Register registers with a trunk (RFC 3261 section 10) and refreshes the
// registration at about 80 % of the time that the registrar grants. After a
// failure it tries again later and later (RFC 5626 section 4.5), or when
// Retry-After says. tell hears of every change of state, in order, on a
// goroutine of the registration; it must not block and may be nil. The error
// tells that the trunk's settings can't be used. Calls wait for nothing of
// this.
func (e *Endpoint) Register(t *Trunk, tell func(RegistrationEvent)) (*Registration, error) {
	a, err := e.accountOf(t)
	if err != nil {
		return nil, fmt.Errorf("trunk %q: %w", cleanText(t.Name, 64), err)
	}
	if tell == nil {
		tell = func(RegistrationEvent) {}
	}
	dice := rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())) //nolint:gosec // only spreads refreshes
	r := &Registration{e: e, m: newEnrolment(a, t, dice, time.Now()), box: mailbox.New[event](),
		done: make(chan struct{}), tell: tell, key: trunkKey(t)}
	if err := e.logins.add(r); err != nil {
		return nil, err
	}
	go r.run()
	return r, nil
}

// Close unregisters and waits until that is done, for at most about 2 s.
func (r *Registration) Close() {
	r.box.Put(leaving{})
	<-r.done
}

func (r *Registration) run() {
	defer close(r.done)
	defer r.e.logins.remove(r)
	timer := time.NewTimer(0)
	defer timer.Stop()
	var buf []event
	for over := false; !over; {
		select {
		case <-r.box.Ready():
			buf = r.box.Take(buf)
			for _, ev := range buf {
				over = r.step(ev) || over
			}
		case <-timer.C:
			over = r.step(tick{})
		}
		if next := r.m.next(); !next.IsZero() {
			timer.Reset(time.Until(next))
		}
	}
}

// step feeds the machine and performs what it decides. It reports true at the
// end.
func (r *Registration) step(ev event) (over bool) {
	now := time.Now()
	if l, ok := ev.(linked); ok {
		r.dest, r.rest = l.path, l.rest
		r.m.handle(now, others{len(l.rest)})
		ev = connected{l.transport}
	}
	for _, c := range r.m.handle(now, ev) {
		switch c := c.(type) {
		case connect:
			hop := r.m.hop
			go linkTo(func(ev event) { r.box.Put(ev) }, func() (path, []way, error) { return r.e.find(r.e.life, &hop, r.m.trust, false) })
		case nextWay:
			rest := r.rest
			go linkTo(func(ev event) { r.box.Put(ev) }, func() (path, []way, error) { return r.e.reach(r.e.life, rest, r.m.trust, false) })
		case shun:
			r.e.names.avoid(r.dest.way, now.Add(c.d))
		case send:
			go r.put(c.req, r.dest)
		case poke:
			if err := r.e.poke(r.dest); err != nil {
				r.box.Put(broken{})
			}
		case news:
			r.publish(c.RegistrationEvent)
		case drop:
			over = true
		}
	}
	return over
}

func (r *Registration) publish(e RegistrationEvent) {
	attrs := []any{"trunk", e.Trunk, "state", e.State.String()}
	if e.Err != nil {
		r.e.log.Warn("registration", append(attrs, "error", e.Err.Error())...)
	} else {
		r.e.log.Info("registration", attrs...)
	}
	var refused error
	if e.State == Refused {
		refused = e.Err
	}
	r.e.logins.publish(r.key, refused)
	r.tell(e)
}

// put sends a REGISTER and brings its answer into the box.
func (r *Registration) put(req *gosip.Request, to path) {
	ctx, cancel := context.WithTimeout(r.e.life, r.e.conf.NoResponse)
	defer cancel()
	r.e.guard.meetTrunk(time.Now(), to.addr)
	m, err := r.e.roundTrip(ctx, req, to)
	if err != nil {
		branch, _ := req.Via().Params.Get("branch")
		r.box.Put(lost{method: "REGISTER", branch: branch, err: err})
		return
	}
	a := enrolReply{}
	a.response, _ = readResponse(m)
	a.granted, a.least = readGrant(m, &req.Contact().Address)
	r.box.Put(a)
}

// readGrant finds for how long a registrar keeps us: the expires of our own
// Contact among those it lists, else Expires (RFC 3261 section 10.2.4), and
// the least that it would take (423).
func readGrant(m *gosip.Response, own *gosip.Uri) (granted, least time.Duration) {
	var all, mine []time.Duration
	for _, h := range m.Headers() {
		switch {
		case strings.EqualFold(h.Name(), "Min-Expires"):
			least = parseSeconds(h.Value())
		case strings.EqualFold(h.Name(), "Expires"):
			granted = parseSeconds(h.Value())
		}
		c, ok := h.(*gosip.ContactHeader)
		if !ok {
			continue
		}
		value, ok := c.Params.Get("expires")
		if !ok {
			continue
		}
		all = append(all, parseSeconds(value))
		if c.Address.User == own.User && strings.Trim(c.Address.Host, "[]") == strings.Trim(own.Host, "[]") && c.Address.Port == own.Port {
			mine = append(mine, parseSeconds(value))
		}
	}
	switch {
	case len(mine) > 0:
		return mine[len(mine)-1], least
	case granted == 0 && len(all) == 1: // a registrar behind a NAT helper lists us by another address
		return all[0], least
	}
	return granted, least
}

// parseSeconds reads a number of seconds up to a month; anything else is 0.
func parseSeconds(s string) time.Duration {
	n, err := strconv.ParseUint(strings.TrimSpace(s), 10, 32)
	if err != nil {
		return 0
	}
	return time.Duration(min(n, 30*86400)) * time.Second
}

// poke keeps the path open through NATs and firewalls: an empty line over UDP,
// a ping over a connection (RFC 5626 section 3.5.1 and 5.4). The error tells
// that the connection is gone.
func (e *Endpoint) poke(p path) error {
	ping := []byte("\r\n\r\n")
	if p.transport == "udp" {
		_, _ = e.udp.WriteTo(ping, net.UDPAddrFromAddrPort(p.addr)) // a fault here is the next REGISTER's to find
		return nil
	}
	key := p.addr.String()
	if p.wire != nil {
		key = p.wire.local.String()
	}
	conn, err := e.tpl.GetConnection(p.transport, key)
	if err != nil {
		return err
	}
	defer func() { _, _ = conn.TryClose() }()
	if w, ok := conn.(io.Writer); ok {
		_, err = w.Write(ping)
	}
	return err
}
