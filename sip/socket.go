package sip

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"
)

// socket is the UDP socket as sipgo sees it. sipgo stops reading for ever at
// the first error, and ends a transaction at a failed write; here only
// closing ends the reading, and reports about other destinations end nothing.
// sipgo also remembers every source for ever; here it sees only datagrams that
// the guard lets in.
type socket struct {
	net.PacketConn
	guard   *guard
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
	for faults := 1; ; {
		n, from, err := s.read(b)
		if err != nil {
			if errors.Is(err, net.ErrClosed) || faults == maxFaults {
				return n, nil, err
			}
			faults++
			s.report(err)
			continue
		}
		faults = 1
		s.received.add(b[:n])
		if n <= 4 {
			continue // a keep-alive (RFC 5626 section 3.5.1), which has no answer on UDP
		}
		now := time.Now()
		switch s.guard.judge(now, from, b[:n]) {
		case passIt:
			return n, net.UDPAddrFromAddrPort(from), nil
		case answerIt:
			s.guard.consider(now, from, "udp", b[:n], s.send)
		}
	}
}

// read reads one datagram; on a real socket without allocating its address.
func (s *socket) read(b []byte) (int, netip.AddrPort, error) {
	if u, ok := s.PacketConn.(*net.UDPConn); ok {
		n, from, err := u.ReadFromUDPAddrPort(b)
		return n, netip.AddrPortFrom(from.Addr().Unmap(), from.Port()), err
	}
	n, from, err := s.PacketConn.ReadFrom(b)
	if err != nil {
		return n, netip.AddrPort{}, err
	}
	a, err := netip.ParseAddrPort(from.String())
	return n, netip.AddrPortFrom(a.Addr().Unmap(), a.Port()), err
}

// send lets an answer of the guard leave. One that does not is sent again when
// its request is.
func (s *socket) send(msg []byte, to netip.AddrPort) {
	_, _ = s.WriteTo(msg, net.UDPAddrFromAddrPort(to))
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
