package sip

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"

	gosip "github.com/emiago/sipgo/sip"
)

// Ping asks a trunk with OPTIONS (RFC 3261 section 11) whether it works. It
// answers a challenge, so that a wrong password shows. The error says in
// words what was tried, what came back and what to do; nil means that the
// trunk answers and takes us for who we are. It takes no longer than the
// endpoint's NoResponse, or ctx.
func (e *Endpoint) Ping(ctx context.Context, t *Trunk) error {
	ctx, cancel := context.WithTimeout(ctx, e.conf.NoResponse)
	defer cancel()
	if err := e.ping(ctx, t); err != nil {
		return fmt.Errorf("trunk %q, OPTIONS to %s: %w", cleanText(t.Name, 64), maskSecret(t.URI), err)
	}
	return nil
}

func (e *Endpoint) ping(ctx context.Context, t *Trunk) error {
	hop, err := parseURI(t.URI)
	if err != nil {
		return err
	}
	transport, _ := uriTransport(&hop)
	if transport == "" {
		transport = "udp"
	}
	way, err := e.link(ctx, &hop, transport, false)
	if err != nil {
		return err
	}
	user := firstOf(t.User, hop.User)
	creds, asked := credentials{user: user, password: t.Password}, asks{}
	tag, seed, _ := secrets()
	id := identity{callID: seed + "@dozvon", tag: tag, seed: seed, agent: e.conf.UserAgent,
		host: e.addr.Addr().String(), port: int(e.addr.Port()),
		from: gosip.Uri{Scheme: "sip", User: cleanUser(firstOf(t.CallerID, user, "dozvon")), Host: hop.Host}}
	uri := requestURI(hop)
	uri.User = ""
	id.to = bare(uri)
	for n := 1; ; n++ {
		req := id.compose(gosip.OPTIONS, uri, "", uint32(n), n, transport)
		req.AppendHeader(gosip.NewHeader("Accept", "application/sdp"))
		for _, h := range creds.headers(gosip.OPTIONS, uri.String(), seed) {
			req.AppendHeader(h)
		}
		setBody(req, "", "")
		e.address(req, way.dest)
		r, err := e.exchange(ctx, req, way)
		if err != nil {
			return err
		}
		if r.code == 401 || r.code == 407 {
			if creds.accept(r.challenges, &asked) {
				continue
			}
		}
		return verdict(&r, &creds)
	}
}

// exchange sends a request and waits for its final response.
func (e *Endpoint) exchange(ctx context.Context, req *gosip.Request, way linked) (response, error) {
	start := time.Now()
	refused, forget := e.pings.expect(way)
	defer forget()
	tx, err := e.txl.Request(ctx, req)
	if err != nil {
		return response{}, err
	}
	defer tx.Terminate()
	for {
		select {
		case m := <-tx.Responses():
			if r, ok := readResponse(m); ok && r.final() {
				return r, nil
			}
		case <-tx.Done():
			return response{}, explainLost(lostOf(tx))
		case <-refused:
			return response{}, fmt.Errorf("nobody listens on UDP at %s: check port and transport, and that the trunk is up", way.dest)
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.Canceled) {
				return response{}, ctx.Err()
			}
			return response{}, fmt.Errorf("no response within %s: check the address, the transport (udp, tcp) and the firewall", time.Since(start).Round(100*time.Millisecond))
		case <-e.life.Done():
			return response{}, errors.New("the SIP endpoint is closed")
		}
	}
}

// verdict judges the answer to OPTIONS. Many trunks refuse OPTIONS itself;
// what counts is that they answer and do not refuse us.
func verdict(r *response, c *credentials) error {
	switch {
	case r.code == 401 || r.code == 407:
		return fmt.Errorf("%d %s: %s", r.code, r.reason, c.advise(r, ""))
	case r.code == 403:
		return fmt.Errorf("403 %s: the trunk forbids us to use it: check user, caller ID, and that our address is allowed at the carrier", r.reason)
	case r.code == 503 || r.code == 408:
		return fmt.Errorf("%d %s: the trunk is up but takes no calls now", r.code, r.reason)
	}
	return nil
}

// pings are the requests outside a dialog that wait for an answer: where each
// went, so that a refusal by ICMP reaches it.
type pings struct {
	mu sync.Mutex
	to map[chan struct{}]netip.AddrPort
}

// expect returns what is told when the destination refuses datagrams.
func (p *pings) expect(way linked) (refused <-chan struct{}, forget func()) {
	c := make(chan struct{}, 1)
	if way.transport != "udp" {
		return c, func() {}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.to == nil {
		p.to = map[chan struct{}]netip.AddrPort{}
	}
	p.to[c] = way.dest
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
