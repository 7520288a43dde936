package sip

import (
	"net/netip"
	"sync"
	"time"
)

// farewells are the ACKs to refused INVITEs, kept while the refusal may come
// again because its ACK was lost (timer D, RFC 3261 section 17.1.1.2). They
// outlive their legs: 0.5 KB each, for 32 to 64 s.
type farewells struct {
	mu    sync.Mutex
	fresh map[string]farewell // by the branch of the INVITE
	stale map[string]farewell
	since time.Time // when fresh was begun
}

type farewell struct {
	ack []byte
	to  netip.AddrPort
}

// keep remembers an ACK.
func (f *farewells) keep(now time.Time, branch string, ack farewell) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fresh == nil || now.Sub(f.since) >= t164 {
		f.fresh, f.stale, f.since = map[string]farewell{}, f.fresh, now
	}
	f.fresh[branch] = ack
}

// of finds the ACK to the INVITE with a branch.
func (f *farewells) of(branch string) (farewell, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	a, ok := f.fresh[branch]
	if !ok {
		a, ok = f.stale[branch]
	}
	return a, ok
}
