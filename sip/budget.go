package sip

import (
	"hash/maphash"
	"net/netip"
	"time"
)

// rate is a limit of so many a second, evenly refilled, and a burst after a
// pause.
type rate struct {
	perSecond, burst int
}

// bucket is a token bucket in one number (generic cell rate algorithm): the
// moment, in nanoseconds, at which it will be full again.
type bucket int64

// take takes one token and reports whether there was one.
func (b *bucket) take(now time.Time, r rate) bool {
	step := int64(time.Second) / int64(r.perSecond)
	at, full := now.UnixNano(), int64(*b)
	full = max(full, at)
	if full-at > step*int64(r.burst-1) {
		return false
	}
	*b = bucket(full + step)
	return true
}

// crowd limits each of any number of sources in constant memory. A source has
// a bucket in every row, found by a hash that nobody outside can foresee, and
// is refused only when all its buckets are empty; so two sources disturb each
// other only if they meet in each row. There is nothing to evict, and no flood
// of forged addresses can make it grow.
type crowd struct {
	seed maphash.Seed
	rows [crowdRows][crowdSize]bucket
}

const (
	crowdRows = 2
	crowdSize = 8192
)

func newCrowd() *crowd { return &crowd{seed: maphash.MakeSeed()} }

// take takes a token of a source.
func (c *crowd) take(now time.Time, source netip.Addr, r rate) bool {
	granted := false
	hash := maphash.Comparable(c.seed, sourceOf(source))
	for i := range c.rows {
		granted = c.rows[i][hash%crowdSize].take(now, r) || granted
		hash >>= 32
	}
	return granted
}

// sourceOf is what counts as one source: an IPv4 address, or the 64 bits of
// an IPv6 network that one subscriber usually has.
func sourceOf(a netip.Addr) netip.Addr {
	a = a.Unmap().WithZone("")
	if a.Is4() {
		return a
	}
	p, err := a.Prefix(64)
	if err != nil {
		return a
	}
	return p.Addr()
}
