package sip

import (
	"log/slog"
	"net/netip"
	"testing"
	"time"
)

// BenchmarkDrop is what a datagram of a flood costs, but for its system call.
func BenchmarkDrop(b *testing.B) {
	g := newGuard(&Config{}, &legs{}, netip.MustParseAddrPort("127.0.0.1:5060"), slog.New(slog.DiscardHandler))
	msg, now := []byte(floods(0, "192.0.2.1:5060")), time.Now()
	b.ReportAllocs()
	for i := range b.N {
		ip := netip.AddrFrom4([4]byte{127, byte(i >> 16), byte(i >> 8), byte(i)})
		judged(g, now, netip.AddrPortFrom(ip, 5060), msg)
	}
}
