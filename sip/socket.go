package sip

import (
	"errors"
	"net"
	"net/netip"
	"sync"
)

// socket is the UDP socket as sipgo sees it. sipgo stops reading for ever at
// the first error, and ends a transaction at a failed write; here only
// closing ends the reading, and reports about other destinations end nothing.
type socket struct {
	net.PacketConn
	once    sync.Once
	reading chan struct{}        // closed at the first read: sipgo has registered the socket by then
	refused func(netip.AddrPort) // a destination refused what was sent to it (ICMP)

	sent, received *tally
}

// maxFaults is how many reads in a row may fail before the socket counts as
// broken.
const maxFaults = 1000

// ReadFrom implements net.PacketConn.
func (s *socket) ReadFrom(b []byte) (int, net.Addr, error) {
	s.once.Do(func() { close(s.reading) })
	for faults := 1; ; faults++ {
		n, from, err := s.PacketConn.ReadFrom(b)
		if err == nil || errors.Is(err, net.ErrClosed) || faults == maxFaults {
			if err == nil {
				s.received.add(b[:n])
			}
			return n, from, err
		}
		s.report(err)
	}
}

// WriteTo implements net.PacketConn. A write that fails because of an earlier
// datagram is repeated.
func (s *socket) WriteTo(b []byte, to net.Addr) (int, error) {
	n, err := s.PacketConn.WriteTo(b, to)
	for range 3 {
		if err == nil || !isRefusal(err) {
			break
		}
		s.report(err)
		n, err = s.PacketConn.WriteTo(b, to)
	}
	if err == nil {
		s.sent.add(b)
	}
	return n, err
}

func (s *socket) report(err error) {
	if !isRefusal(err) {
		return
	}
	for _, a := range refusals(s.PacketConn) {
		s.refused(a)
	}
}
