package sip

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	gosip "github.com/emiago/sipgo/sip"
)

// resolver finds addresses of hops and remembers them for a while, so that a
// campaign does not ask the name server before each call.
type resolver struct {
	mu    sync.Mutex
	known map[string]found
}

type found struct {
	addr netip.AddrPort
	till time.Time
}

const (
	rememberFor = time.Minute
	lookupTime  = 3 * time.Second
	maxKnown    = 4096
)

// literal returns the address of a hop that is given by number.
func literal(u *gosip.Uri) (netip.AddrPort, bool) {
	host := u.Host
	if n := len(host); n > 2 && host[0] == '[' && host[n-1] == ']' {
		host = host[1 : n-1]
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return netip.AddrPort{}, false
	}
	return netip.AddrPortFrom(ip.Unmap(), portOf(u)), true
}

func portOf(u *gosip.Uri) uint16 {
	if u.Port == 0 {
		return 5060
	}
	return uint16(u.Port)
}

// resolve finds where to send for a hop: its number, else, without a port,
// its first SRV record, else its A record (RFC 3263 section 4).
func (r *resolver) resolve(ctx context.Context, u *gosip.Uri, transport string) (netip.AddrPort, error) {
	if a, ok := literal(u); ok {
		return a, nil
	}
	key := fmt.Sprintf("%s:%d/%s", u.Host, u.Port, transport)
	if a, ok := r.remembered(key, time.Now()); ok {
		return a, nil
	}
	ctx, cancel := context.WithTimeout(ctx, lookupTime)
	defer cancel()
	a, err := lookup(ctx, u, transport)
	if err != nil {
		return a, explainLookup(u.Host, err)
	}
	r.remember(key, a, time.Now())
	return a, nil
}

func (r *resolver) remembered(key string, now time.Time) (netip.AddrPort, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f, ok := r.known[key]
	return f.addr, ok && now.Before(f.till)
}

func (r *resolver) remember(key string, a netip.AddrPort, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known == nil || len(r.known) >= maxKnown {
		r.known = map[string]found{}
	}
	r.known[key] = found{a, now.Add(rememberFor)}
}

func lookup(ctx context.Context, u *gosip.Uri, transport string) (netip.AddrPort, error) {
	host, port := u.Host, portOf(u)
	if u.Port == 0 {
		if _, srv, err := net.DefaultResolver.LookupSRV(ctx, "sip", transport, u.Host); err == nil && len(srv) > 0 {
			host, port = srv[0].Target, srv[0].Port
		}
	}
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip4", host)
	if err != nil {
		return netip.AddrPort{}, err
	}
	return netip.AddrPortFrom(ips[0].Unmap(), port), nil
}

func explainLookup(host string, err error) error {
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return fmt.Errorf("the name %s does not exist: check the host in the URI", host)
	case errors.As(err, &dns) && dns.IsTimeout, errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("the name server did not answer for %s within %s: check the network and its name server", host, lookupTime)
	}
	return fmt.Errorf("the name %s could not be found: %w", host, err)
}
