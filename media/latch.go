package media

import "net/netip"

// latch decides whose packets belong to a call. It begins with the address
// from SDP, follows the far end through a NAT once, and is strict from then
// on: nobody else gets in.
type latch struct {
	sdp  netip.AddrPort // what SDP said
	any  bool           // Options.AnySource
	from netip.AddrPort // whose packets are taken; zero until the first
}

// expect sets the address from a new SDP. The same address again keeps what
// the latch has learned.
func (l *latch) expect(sdp netip.AddrPort) {
	if sdp == l.sdp {
		return
	}
	l.sdp, l.from = sdp, netip.AddrPort{}
}

// admit reports whether a valid packet from src belongs to the call. The
// SDP's own address overrides a source that was only guessed.
func (l *latch) admit(src netip.AddrPort) bool {
	switch {
	case src == l.from:
		return true
	case src == l.sdp, !l.from.IsValid() && l.plausible(src.Addr()):
		l.from = src
		return true
	}
	return false
}

// possible reports whether the far end could send from src at all.
func (l *latch) possible(src netip.AddrPort) bool {
	return src == l.from || src == l.sdp || l.plausible(src.Addr())
}

// follow moves the latch to where the newest packet of an encrypted call came
// from. Its key proves whose it is, which says more than an address: a far end
// that a NAT moves in the middle of a call is not lost.
func (l *latch) follow(src netip.AddrPort) { l.from = src }

// plausible reports whether the far end may send from ip although SDP named
// another port or address: the same host behind a NAT that changes ports, or
// a host that knows only its private address.
func (l *latch) plausible(ip netip.Addr) bool {
	sdp := l.sdp.Addr()
	if !sdp.IsValid() {
		return false
	}
	return l.any || ip == sdp || sdp.IsPrivate() || sdp.IsUnspecified() || sdp.IsLinkLocalUnicast() || shared.Contains(sdp)
}

// shared is the space of carrier-grade NAT (RFC 6598).
var shared = netip.MustParsePrefix("100.64.0.0/10")

// target is where packets go: to the source that was learned (symmetric RTP,
// RFC 4961), else to the SDP's address.
func (l *latch) target() netip.AddrPort {
	if l.from.IsValid() {
		return l.from
	}
	return l.sdp
}
