package sip

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	gosip "github.com/emiago/sipgo/sip"
)

// way is an address that a request can take, and how.
type way struct {
	transport string // udp, tcp or tls
	addr      netip.AddrPort
}

// resolver finds the ways to a hop (RFC 3263) and remembers them for a while,
// so that a campaign does not ask the name server before each call. It also
// remembers which ways were found dead. NAPTR records are not asked for: the
// transport comes from the URI, or from the first of the domain's SRV records
// in the order UDP, TCP, TLS.
type resolver struct {
	dns  names
	six  bool // we listen on IPv6, and can reach nothing else
	mu   sync.Mutex
	by   map[string]found
	shun map[way]time.Time // until when a way counts as dead
}

// names is what we ask of a name server; *net.Resolver answers it.
type names interface {
	LookupSRV(ctx context.Context, service, proto, name string) (string, []*net.SRV, error)
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

type found struct {
	targets []target
	till    time.Time
}

const (
	rememberFor = time.Minute
	shunFor     = 30 * time.Second // a way found dead
	lookupTime  = 3 * time.Second
	maxKnown    = 4096
	maxWays     = 16 // addresses tried for one hop
)

// literal returns the address of a hop that is given by number.
func literal(u *gosip.Uri, transport string) (netip.AddrPort, bool) {
	host := u.Host
	if n := len(host); n > 2 && host[0] == '[' && host[n-1] == ']' {
		host = host[1 : n-1]
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return netip.AddrPort{}, false
	}
	return netip.AddrPortFrom(ip.Unmap(), portOf(u, transport)), true
}

func portOf(u *gosip.Uri, transport string) uint16 {
	switch {
	case u.Port != 0:
		return uint16(u.Port)
	case transport == "tls":
		return 5061
	}
	return 5060
}

// first finds where to send a request inside a dialog. A number costs nothing.
func (r *resolver) first(ctx context.Context, u *gosip.Uri, transport string) (way, error) {
	if a, ok := literal(u, transport); ok {
		return way{transport, a}, r.fits(a.Addr())
	}
	all, err := r.resolve(ctx, u, transport)
	if err != nil {
		return way{transport: transport}, err
	}
	return all[0], nil
}

// resolve finds all ways to a hop, in the order in which they are tried: its
// number; else, without a port, the names of its SRV records; else its own
// addresses (RFC 3263 section 4). Ways found dead a moment ago come last.
// transport is what the URI asks for, or "".
func (r *resolver) resolve(ctx context.Context, u *gosip.Uri, transport string) ([]way, error) {
	if a, ok := literal(u, transport); ok {
		return []way{{orUDP(transport), a}}, r.fits(a.Addr())
	}
	key := fmt.Sprintf("%s:%d/%s", u.Host, u.Port, transport)
	targets, ok := r.remembered(key, time.Now())
	if !ok {
		ctx, cancel := context.WithTimeout(ctx, lookupTime)
		defer cancel()
		var err error
		if targets, err = r.lookup(ctx, u, transport); err != nil {
			return nil, explainLookup(u.Host, err)
		}
		r.remember(key, targets, time.Now())
	}
	all := arrange(targets, rand.IntN)
	return r.livingFirst(all[:min(len(all), maxWays)], time.Now()), nil
}

func orUDP(transport string) string {
	if transport == "" {
		return "udp"
	}
	return transport
}

// fits reports whether our socket reaches an address.
func (r *resolver) fits(ip netip.Addr) error {
	switch {
	case ip.Is6() == r.six:
		return nil
	case r.six:
		return fmt.Errorf("%s is an IPv4 address and this program listens on IPv6: give it an IPv4 address to listen on", ip)
	}
	return fmt.Errorf("%s is an IPv6 address and this program listens on IPv4: give it an IPv6 address to listen on", ip)
}

func (r *resolver) remembered(key string, now time.Time) ([]target, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f, ok := r.by[key]
	return f.targets, ok && now.Before(f.till)
}

func (r *resolver) remember(key string, all []target, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.by == nil || len(r.by) >= maxKnown {
		r.by = map[string]found{}
	}
	r.by[key] = found{all, now.Add(rememberFor)}
}

// avoid remembers that a way is dead.
func (r *resolver) avoid(w way, until time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.shun == nil || len(r.shun) >= maxKnown {
		r.shun = map[way]time.Time{}
	}
	r.shun[w] = until
}

// isDead reports whether a way was found dead a moment ago.
func (r *resolver) isDead(w way, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	until, ok := r.shun[w]
	return ok && now.Before(until)
}

// livingFirst moves ways that were found dead to the end: they are still
// better than none.
func (r *resolver) livingFirst(all []way, now time.Time) []way {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.shun) == 0 || len(all) < 2 {
		return all
	}
	dead := func(w way) int {
		if until, ok := r.shun[w]; ok && now.Before(until) {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(all, func(a, b way) int { return dead(a) - dead(b) })
	return all
}

// lookup asks the name server: SRV if the URI has no port, then addresses.
func (r *resolver) lookup(ctx context.Context, u *gosip.Uri, transport string) ([]target, error) {
	if u.Port == 0 {
		records, over, err := r.services(ctx, u.Host, transport)
		if err != nil || len(records) > 0 {
			return r.targets(ctx, records, over, err)
		}
	}
	transport = orUDP(transport)
	ways, err := r.addresses(ctx, u.Host, portOf(u, transport), transport)
	return []target{{ways: ways}}, err
}

// services asks for the SRV records of a domain, for every transport that it
// may be reached by at once, and takes those of the transport that comes
// first.
func (r *resolver) services(ctx context.Context, host, transport string) (records []*net.SRV, over string, err error) {
	kinds := []string{"udp", "tcp", "tls"}
	if transport != "" {
		kinds = []string{transport}
	}
	answers := make([][]*net.SRV, len(kinds))
	var all sync.WaitGroup
	for i, kind := range kinds {
		all.Go(func() { answers[i] = r.service(ctx, host, kind) })
	}
	all.Wait()
	none := false
	for i, kind := range kinds {
		// A single record with the name "." says that there is no such
		// service (RFC 2782).
		if len(answers[i]) == 1 && answers[i][0].Target == "." {
			none = true
			continue
		}
		if len(answers[i]) > 0 {
			return answers[i], kind, nil
		}
	}
	if none {
		err = fmt.Errorf("the domain %s says that it takes no calls over %s: check host and transport", host, orUDP(transport))
	}
	return nil, "", err
}

// service asks for one kind of records. Domains without any are the rule, and
// some name servers never answer the question: then the address is asked for.
func (r *resolver) service(ctx context.Context, host, kind string) []*net.SRV {
	ctx, cancel := context.WithTimeout(ctx, lookupTime/2)
	defer cancel()
	scheme, proto := "sip", kind
	if kind == "tls" {
		scheme, proto = "sips", "tcp"
	}
	_, records, _ := r.dns.LookupSRV(ctx, scheme, proto, host)
	return records[:min(len(records), maxWays)]
}

// targets finds the addresses of SRV records. Names that have none are left
// out while others have some.
func (r *resolver) targets(ctx context.Context, records []*net.SRV, transport string, err error) ([]target, error) {
	var out []target
	for _, s := range records {
		ways, fault := r.addresses(ctx, s.Target, s.Port, transport)
		if fault != nil {
			err = fault
			continue
		}
		out = append(out, target{priority: s.Priority, weight: s.Weight, ways: ways})
	}
	if len(out) > 0 {
		return out, nil
	}
	return nil, err
}

// addresses finds the addresses of a name that our socket can reach.
func (r *resolver) addresses(ctx context.Context, host string, port uint16, transport string) ([]way, error) {
	ips, err := r.dns.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, err
	}
	var out []way
	for _, ip := range ips {
		ip = ip.Unmap()
		if fault := r.fits(ip); fault != nil {
			err = fmt.Errorf("%s: %w", host, fault)
			continue
		}
		if w := (way{transport, netip.AddrPortFrom(ip, port)}); !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	if len(out) > 0 {
		return out, nil
	}
	return nil, err
}

func explainLookup(host string, err error) error {
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return fmt.Errorf("the name %s does not exist: check the host in the URI", cleanText(dns.Name, maxHost))
	case errors.As(err, &dns) && dns.IsTimeout, errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("the name server did not answer for %s within %s: check the network and its name server", host, lookupTime)
	case !errors.As(err, &dns):
		return err
	}
	return fmt.Errorf("the name %s could not be found: %w", host, err)
}
