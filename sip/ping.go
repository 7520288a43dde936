package sip

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"

	gosip "github.com/emiago/sipgo/sip"

	"dozvon/dialer"
)

// Ping asks a trunk with OPTIONS (RFC 3261 section 11) whether it works, and
// one that we register with whether it knows us, by a REGISTER that asks and
// changes nothing (section 10.2.3). It answers a challenge, so that a wrong
// password shows. The error says in words what was tried, what came back and
// what to do; nil means that the trunk answers and takes us for who we are. It
// takes no longer than the endpoint's NoResponse, or ctx.
func (e *Endpoint) Ping(ctx context.Context, t *Trunk) error {
	ctx, cancel := context.WithTimeout(ctx, e.conf.NoResponse)
	defer cancel()
	methods := []gosip.RequestMethod{gosip.OPTIONS}
	if t.Register {
		methods = []gosip.RequestMethod{gosip.REGISTER, gosip.OPTIONS}
	}
	for _, method := range methods {
		if err := e.ask(ctx, t, method); err != nil {
			return fmt.Errorf("trunk %q, %s to %s: %w", cleanText(t.Name, 64), method, maskSecret(t.URI), err)
		}
	}
	return nil
}

// ask sends a request that changes nothing to a trunk, to one address after
// the other until one answers.
func (e *Endpoint) ask(ctx context.Context, t *Trunk, method gosip.RequestMethod) error {
	q, err := e.inquire(t, method)
	if err != nil {
		return err
	}
	p, rest, err := e.find(ctx, &q.hop, q.trust, false)
	for err == nil {
		one, cancel := portion(ctx, len(rest)+1)
		var r response
		r, err = q.put(one, e, p)
		cancel()
		if err == nil {
			return verdict(&r, &q.creds, method)
		}
		if len(rest) == 0 || ctx.Err() != nil {
			return err
		}
		e.names.avoid(p.way, time.Now().Add(shunFor))
		p, rest, err = e.reach(ctx, rest, q.trust, false)
	}
	return err
}

// portion is the n-th part of the time that is left.
func portion(ctx context.Context, n int) (context.Context, context.CancelFunc) {
	until, ok := ctx.Deadline()
	if !ok || n < 2 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, time.Until(until)/time.Duration(n))
}

// inquiry is a request outside a dialog and of no consequence.
type inquiry struct {
	account
	method gosip.RequestMethod
	creds  credentials
	asked  asks
	n      int
}

// account is who we are at a trunk, and where its requests outside a dialog
// go.
type account struct {
	id      identity
	hop     gosip.Uri
	preload []gosip.Uri
	trust   trust
	domain  gosip.Uri // the trunk without a user: Request-URI of OPTIONS and REGISTER
	user    string
}

// accountOf reads a trunk's settings.
func (e *Endpoint) accountOf(t *Trunk) (account, error) {
	to, err := parseURI(t.URI)
	if err != nil {
		return account{}, err
	}
	a := account{domain: requestURI(to), user: firstOf(t.User, to.User)}
	if a.hop, a.preload, err = firstHop(t, to); err != nil {
		return account{}, err
	}
	a.trust, a.domain.User = trustOf(t, &a.hop), ""
	tag, seed, _ := secrets()
	a.id = identity{callID: seed + "@dozvon", tag: tag, seed: seed, agent: e.conf.UserAgent,
		host: e.addr.Addr().String(), port: int(e.addr.Port()), secure: e.securePort(),
		from: gosip.Uri{Scheme: to.Scheme, User: cleanUser(firstOf(a.user, "dozvon")), Host: to.Host}}
	a.id.contact = gosip.Uri{Scheme: to.Scheme, User: a.id.from.User, Host: a.id.host}
	return a, nil
}

func (e *Endpoint) inquire(t *Trunk, method gosip.RequestMethod) (*inquiry, error) {
	a, err := e.accountOf(t)
	if err != nil {
		return nil, err
	}
	q := &inquiry{account: a, method: method, creds: credentials{user: a.user, password: t.Password}}
	if method == gosip.REGISTER {
		q.id.to = q.id.from // the address of record
		return q, nil
	}
	q.id.from.User = cleanUser(firstOf(t.CallerID, a.user, "dozvon"))
	q.id.to = bare(q.domain)
	return q, nil
}

// put sends the request along a path, with credentials if they are asked for,
// and returns the final response.
func (q *inquiry) put(ctx context.Context, e *Endpoint, p path) (response, error) {
	q.asked, q.creds.held = asks{}, nil
	for {
		q.n++
		req := q.id.outside(q.method, q.domain, q.preload, uint32(q.n), q.n, p.transport)
		req.AppendHeader(gosip.NewHeader("Accept", "application/sdp"))
		for _, h := range q.creds.headers(q.method, q.domain.String(), q.id.seed) {
			req.AppendHeader(h)
		}
		setBody(req, "", "")
		e.guard.meetTrunk(time.Now(), p.addr)
		r, err := e.exchange(ctx, req, p)
		if err != nil || r.code != 401 && r.code != 407 || !q.creds.accept(r.challenges, &q.asked) {
			return r, err
		}
	}
}

// exchange sends a request and waits for its final response.
func (e *Endpoint) exchange(ctx context.Context, req *gosip.Request, way path) (response, error) {
	m, err := e.roundTrip(ctx, req, way)
	if err != nil {
		return response{}, err
	}
	r, _ := readResponse(m)
	return r, nil
}

// roundTrip sends a request and waits for its final response as it came.
func (e *Endpoint) roundTrip(ctx context.Context, req *gosip.Request, way path) (*gosip.Response, error) {
	start := time.Now()
	e.address(req, way)
	refused, forget := e.pings.expect(way)
	defer forget()
	tx, err := e.txl.Request(ctx, req)
	if err != nil {
		return nil, err
	}
	defer tx.Terminate()
	for {
		select {
		case m := <-tx.Responses():
			if r, ok := readResponse(m); ok && r.final() {
				return m, nil
			}
		case <-tx.Done():
			return nil, explainLost(lostOf(tx))
		case <-refused:
			return nil, fmt.Errorf("nobody listens on UDP at %s: check port and transport, and that the trunk is up", way.addr)
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.Canceled) {
				return nil, ctx.Err()
			}
			return nil, fmt.Errorf("no response within %s: check the address, the transport (udp, tcp, tls) and the firewall", time.Since(start).Round(100*time.Millisecond))
		case <-e.life.Done():
			return nil, errors.New("the SIP endpoint is closed")
		}
	}
}

// verdict judges the answer to OPTIONS or REGISTER. Many trunks refuse OPTIONS
// itself; what counts is that they answer and do not refuse us.
func verdict(r *response, c *credentials, method gosip.RequestMethod) error {
	login := method == gosip.REGISTER
	words, why := "", dialer.TrunkUnavailable
	switch {
	case r.code == 401 || r.code == 407:
		words, why = c.advise(r, ""), dialer.TrunkRejected
	case r.code == 403:
		words, why = "the trunk forbids us to use it: check user, caller ID, and that our address is allowed at the carrier", dialer.TrunkRejected
	case r.code == 503 || r.code == 408:
		words = "the trunk is up but takes no calls now"
	case login && (r.code == 404 || r.code == 604):
		words, why = "the trunk knows no user of this name: check user and host", dialer.TrunkRejected
	case login && (r.code == 405 || r.code == 501):
		words, why = "the trunk takes no registrations: turn registration off, if the carrier knows us by our address", dialer.TrunkRejected
	case login && r.code >= 300 && r.code != 423:
		words, why = "the trunk refuses our registration: ask the carrier what it expects", dialer.TrunkRejected
	default:
		return nil
	}
	return spoken{why: why, code: r.code, text: fmt.Sprintf("%d %s: %s", r.code, r.reason, words)}
}

// spoken is a refusal by the trunk itself.
type spoken struct {
	why  dialer.TrunkFailure
	code int
	text string
}

func (s spoken) Error() string { return s.text }

// pings are the requests outside a dialog that wait for an answer: where each
// went, so that a refusal by ICMP reaches it.
type pings struct {
	mu sync.Mutex
	to map[chan struct{}]netip.AddrPort
}

// expect returns what is told when the destination refuses datagrams.
func (p *pings) expect(way path) (refused <-chan struct{}, forget func()) {
	c := make(chan struct{}, 1)
	if way.transport != "udp" {
		return c, func() {}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.to == nil {
		p.to = map[chan struct{}]netip.AddrPort{}
	}
	p.to[c] = way.addr
	return c, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.to, c)
	}
}

func (p *pings) refused(by netip.AddrPort) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c, to := range p.to {
		if to == by {
			select {
			case c <- struct{}{}:
			default: // it knows
			}
		}
	}
}
