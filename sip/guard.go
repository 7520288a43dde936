package sip

import (
	"bytes"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// guard stands at the door: it sees every datagram and every message of a
// connection that others opened before the SIP library does. What belongs to
// a call that is up goes in; what answers a request of ours goes in; all the
// rest is answered here, without keeping anything, as long as its source and
// all strangers together stay within their budgets, and dropped beyond. See
// docs/decisions/012-hostile-sip.md.
type guard struct {
	legs      *legs
	allow     []netip.Prefix
	own       netip.AddrPort
	answers   stateless
	registrar *registrar // nil: none
	log       *slog.Logger
	news      Strangers // counted with atomic operations

	mu        sync.Mutex // of all below, held for some instructions only
	known     map[netip.Addr]*acquaintance
	trunks    map[netip.AddrPort]time.Time // when we last sent to a trunk there
	homes     map[netip.Addr]bool          // addresses of registered phones
	friends   *crowd
	strangers *crowd
	everyone  bucket // of strangers
	conns     map[netip.Addr]int
	total     int
	told      time.Time // when the log last spoke of strangers
	toldOf    int64     // and of how many dropped messages
}

// Strangers counts what came from outside of our own calls and requests.
type Strangers struct {
	Answered    int64 // requests answered at the door, registrations included
	Dropped     int64 // messages dropped: over a limit, not allowed, or garbage
	Refused     int64 // connections refused or ended by a limit
	Connections int64 // open now, those that others opened
	Devices     int64 // registered now
}

// acquaintance is an address that we have sent something to.
type acquaintance struct {
	until time.Time
	ports []uint16 // from which its responses came
}

// visits is what the guard remembers of a leg's far ends.
type visits struct {
	budget bucket
	from   []netip.AddrPort
}

// Budgets. A call needs some ten messages to be set up and one for each key;
// a stranger needs two to register or one to ask whether we are alive.
var (
	legRate      = rate{perSecond: 100, burst: 300}
	friendRate   = rate{perSecond: 500, burst: 1000}
	strangerRate = rate{perSecond: 20, burst: 60}
	everyoneRate = rate{perSecond: 500, burst: 1000}
)

// Bounds on what is remembered.
const (
	maxKnownAddrs = 4096
	maxKnownPorts = 64 // of one address; the SIP library keeps each for ever
	maxLegSources = 16 // likewise
	knownFor      = 10 * time.Minute
)

func newGuard(c *Config, l *legs, own netip.AddrPort, log *slog.Logger) *guard {
	return &guard{legs: l, allow: c.Allow, own: own, log: log,
		answers: stateless{secret: randomBytes(32), agent: c.UserAgent},
		known:   map[netip.Addr]*acquaintance{}, trunks: map[netip.AddrPort]time.Time{},
		friends: newCrowd(), strangers: newCrowd(), conns: map[netip.Addr]int{}}
}

// judgement is what becomes of a message.
type judgement uint8

const (
	dropIt   judgement = iota
	passIt             // to the SIP library
	answerIt           // here, without keeping anything
)

// judge decides about a message by its source and as few bytes as possible, and
// tells which leg it belongs to; nil: to none.
func (g *guard) judge(now time.Time, src netip.AddrPort, b []byte) (judgement, *Leg) {
	if l := g.legOf(b); l != nil {
		return g.forLeg(now, l, src), l
	}
	return g.forNone(now, src, b), nil
}

// forNone decides about a message that belongs to no call.
func (g *guard) forNone(now time.Time, src netip.AddrPort, b []byte) judgement {
	response := len(b) >= 4 && strings.EqualFold(string(b[:4]), "SIP/")
	g.mu.Lock()
	defer g.mu.Unlock()
	friend := g.isFriend(now, src.Addr())
	switch {
	case response && !friend, !g.within(now, src.Addr(), friend):
		g.drop(now)
		return dropIt
	case !response:
		return answerIt
	case g.knowsPort(src):
		return passIt
	}
	g.drop(now)
	return dropIt
}

// legOf finds the leg that a message belongs to. Its own tag, which only its
// far ends know, must be in the message: the Call-ID alone may be guessed.
func (g *guard) legOf(b []byte) *Leg {
	id := findCallID(b)
	if id == "" {
		return nil
	}
	l := g.legs.find(id)
	if l == nil || !bytes.Contains(b, []byte(l.m.id.tag)) {
		return nil
	}
	return l
}

// forLeg limits what the far ends of one leg may send, so that one callee
// can't disturb the calls of others.
func (g *guard) forLeg(now time.Time, l *Leg, src netip.AddrPort) judgement {
	g.mu.Lock()
	defer g.mu.Unlock()
	known := false
	for _, a := range l.visits.from {
		known = known || a == src
	}
	if !known && len(l.visits.from) == maxLegSources || !l.visits.budget.take(now, legRate) {
		g.drop(now)
		return dropIt
	}
	if !known {
		l.visits.from = append(l.visits.from, src)
	}
	return passIt
}

// isFriend reports whether an address is more than a stranger: we send to it,
// a phone is registered there, or the configuration allows it. The caller
// holds the lock, here and below.
func (g *guard) isFriend(now time.Time, a netip.Addr) bool {
	if k := g.known[a]; k != nil && now.Before(k.until) || g.homes[a] {
		return true
	}
	for _, p := range g.allow {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// within takes a token for a message that belongs to no call.
func (g *guard) within(now time.Time, a netip.Addr, friend bool) bool {
	switch {
	case friend:
		return g.friends.take(now, a, friendRate)
	case len(g.allow) > 0:
		return false
	}
	return g.strangers.take(now, a, strangerRate) && g.everyone.take(now, everyoneRate)
}

// knowsPort bounds the ports of one address that the SIP library gets to see.
func (g *guard) knowsPort(src netip.AddrPort) bool {
	k := g.known[src.Addr()]
	if k == nil {
		return false
	}
	for _, p := range k.ports {
		if p == src.Port() {
			return true
		}
	}
	if len(k.ports) == maxKnownPorts {
		return false
	}
	k.ports = append(k.ports, src.Port())
	return true
}

// fewStrays is how many dropped messages are no news: a late packet of another
// program's call comes to any port now and then.
const fewStrays = 10

// drop counts, and tells the log at most once a minute.
func (g *guard) drop(now time.Time) {
	n := atomic.AddInt64(&g.news.Dropped, 1)
	if n-g.toldOf >= fewStrays && now.Sub(g.told) >= time.Minute {
		g.told, g.toldOf = now, n
		g.log.Warn("sip: messages from outside are dropped: they are over the limits for strangers, not allowed, or garbage; calls are not affected",
			"dropped_so_far", n)
	}
}

// meet notes that a request of ours goes to an address: its responses are
// welcome for a while.
func (g *guard) meet(now time.Time, to netip.AddrPort) {
	a := to.Addr().Unmap()
	g.mu.Lock()
	defer g.mu.Unlock()
	k := g.known[a]
	if k == nil {
		makeRoom(g.known, maxKnownAddrs, func(k *acquaintance) bool { return now.After(k.until) })
		k = &acquaintance{}
		g.known[a] = k
	}
	k.until = now.Add(knownFor)
}

// meetTrunk notes where a trunk is: no phone may register from there.
func (g *guard) meetTrunk(now time.Time, at netip.AddrPort) {
	g.mu.Lock()
	defer g.mu.Unlock()
	at = netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
	if _, ok := g.trunks[at]; !ok {
		makeRoom(g.trunks, maxKnownAddrs, func(t time.Time) bool { return now.Sub(t) > 24*time.Hour })
	}
	g.trunks[at] = now
}

// ours reports whether an address is a trunk's or our own.
func (g *guard) ours(a netip.AddrPort) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	_, trunk := g.trunks[netip.AddrPortFrom(a.Addr().Unmap(), a.Port())]
	return trunk || a == g.own
}

// settle takes the sources of all registered phones.
func (g *guard) settle(sources map[netip.AddrPort]bool) {
	homes := map[netip.Addr]bool{}
	for s := range sources {
		homes[s.Addr()] = true
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.homes = homes
}

// makeRoom keeps a map below max entries: the old ones go and, if that is not
// enough, any ones, an eighth at once so that the next calls are cheap.
func makeRoom[K comparable, V any](m map[K]V, max int, old func(V) bool) {
	if len(m) < max {
		return
	}
	for k, v := range m {
		if old(v) {
			delete(m, k)
		}
	}
	for k := range m {
		if len(m) <= max-max/8 {
			return
		}
		delete(m, k)
	}
}

// reply sends an answer; to may differ from where the request came from.
type reply func(msg []byte, to netip.AddrPort)

// consider answers a message that goes no further. For a registration the
// answer may come later, from another goroutine.
func (g *guard) consider(now time.Time, src netip.AddrPort, transport string, b []byte, send reply) {
	e, ok := cut(b)
	if !ok || !strings.Contains(strings.ToUpper(e.start), " SIP/") || strings.HasPrefix(e.start, "ACK ") {
		g.mu.Lock()
		defer g.mu.Unlock()
		if !strings.HasPrefix(e.start, "ACK ") {
			g.drop(now)
		}
		return
	}
	answer := func(no refused) {
		if msg, to := g.answers.write(&e, no, src, transport != "udp"); msg != nil {
			atomic.AddInt64(&g.news.Answered, 1)
			send(msg, to)
		}
	}
	o, no, ok := inspect(&e)
	switch {
	case !ok:
		answer(no)
	case o.method == "REGISTER" && g.registrar != nil:
		g.registration(o, src, transport, answer)
	default:
		_, tagged := o.to.param("tag")
		answer(decline(o.method, tagged))
	}
}

// registration hands a REGISTER to the registrar. The answer to a datagram
// leaves from the registrar's goroutine; a connection, whose peer may not
// read, waits for it on its own.
func (g *guard) registration(o order, src netip.AddrPort, transport string, answer func(refused)) {
	said := func(no refused) {
		if no.code != 0 {
			answer(no)
		}
	}
	r := g.registrar
	if transport == "udp" {
		o.body = nil // lies in the buffer that the next datagram will fill
		r.ask(application{order: o, src: src, transport: transport, answer: said})
		return
	}
	wait := make(chan refused, 1)
	if !r.ask(application{order: o, src: src, transport: transport, answer: func(no refused) { wait <- no }}) {
		return
	}
	select {
	case no := <-wait:
		said(no)
	case <-r.over:
	}
}

// Strangers tells what came to the door since the start.
func (e *Endpoint) Strangers() Strangers {
	n := &e.guard.news
	return Strangers{
		Answered: atomic.LoadInt64(&n.Answered), Dropped: atomic.LoadInt64(&n.Dropped), Refused: atomic.LoadInt64(&n.Refused),
		Connections: atomic.LoadInt64(&n.Connections), Devices: atomic.LoadInt64(&n.Devices),
	}
}
