package sip

import (
	"bytes"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	gosip "github.com/emiago/sipgo/sip"
)

// socket is the UDP socket as sipgo sees it. sipgo stops reading for ever at
// the first error, and ends a transaction at a failed write; here only
// closing ends the reading, and reports about other destinations end nothing.
// sipgo also remembers every source for ever; here it sees only datagrams that
// the guard lets in.
type socket struct {
	net.PacketConn
	guard   *guard
	parser  *gosip.Parser // of the reader
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
		judged, leg := s.guard.judge(now, from, b[:n])
		switch judged {
		case passIt:
			if leg != nil && bytes.HasPrefix(b[:n], []byte("SIP/")) {
				s.deliver(leg, b[:n])
				continue
			}
			return n, net.UDPAddrFromAddrPort(from), nil
		case answerIt:
			s.guard.consider(now, from, "udp", b[:n], s.send)
		}
	}
}

// deliver hands a response to its leg, which owns its transactions: in the order
// in which the responses came, and without a goroutine for each.
func (s *socket) deliver(l *Leg, b []byte) {
	msg, err := s.parser.ParseSIP(b)
	if r, ok := msg.(*gosip.Response); ok && err == nil {
		l.fromFar(r)
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
	_, _ = s.writeTo(msg, to)
}

// WriteTo implements net.PacketConn.
func (s *socket) WriteTo(b []byte, to net.Addr) (int, error) {
	return s.write(b, func() (int, error) { return s.PacketConn.WriteTo(b, to) })
}

// writeTo is WriteTo; on a real socket without allocating its address.
func (s *socket) writeTo(b []byte, to netip.AddrPort) (int, error) {
	return s.write(b, func() (int, error) {
		if u, ok := s.PacketConn.(*net.UDPConn); ok {
			return u.WriteToUDPAddrPort(b, to)
		}
		return s.PacketConn.WriteTo(b, net.UDPAddrFromAddrPort(to))
	})
}

// write sends a datagram. A write that fails because of an earlier datagram is
// repeated.
func (s *socket) write(b []byte, once func() (int, error)) (int, error) {
	n, err := once()
	for range 3 {
		if err == nil || !isRefusal(err) {
			break
		}
		s.report(err)
		n, err = once()
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
