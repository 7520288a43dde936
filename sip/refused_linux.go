package sip

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"syscall"
)

// Linux tells an unconnected UDP socket about ICMP errors (port or host
// unreachable) if asked by IP_RECVERR; see ip(7). The kernel then fails the
// next read or write, whichever call it belongs to, and keeps the details in
// an error queue. socket reads the queue and repeats what failed, so that one
// dead trunk can't disturb the calls of another.

// askForRefusals turns the reports on. It is the Control of a ListenConfig.
func askForRefusals(network, _ string, c syscall.RawConn) error {
	var err error
	if cerr := c.Control(func(fd uintptr) {
		if network == "udp6" {
			err = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_IPV6, syscall.IPV6_RECVERR, 1)
			return
		}
		err = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_IP, syscall.IP_RECVERR, 1)
	}); cerr != nil {
		return cerr
	}
	return err
}

// isRefusal reports whether a failed read or write may only be the report of
// an ICMP error.
func isRefusal(err error) bool {
	return errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.EHOSTUNREACH) || errors.Is(err, syscall.ENETUNREACH)
}

// refusals empties the error queue and returns the destinations that refused.
func refusals(conn net.PacketConn) []netip.AddrPort {
	sc, ok := conn.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return nil
	}
	var out []netip.AddrPort
	_ = raw.Control(func(fd uintptr) {
		buf, oob := make([]byte, 256), make([]byte, 512)
		for range 64 {
			_, n, _, from, err := syscall.Recvmsg(int(fd), buf, oob, syscall.MSG_ERRQUEUE|syscall.MSG_DONTWAIT)
			if err != nil {
				return
			}
			if a, ok := destination(from); ok && hard(oob[:n]) {
				out = append(out, a)
			}
		}
	})
	return out
}

// destination is the original destination of the datagram that failed.
func destination(sa syscall.Sockaddr) (netip.AddrPort, bool) {
	switch sa := sa.(type) {
	case *syscall.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(sa.Addr), uint16(sa.Port)), true
	case *syscall.SockaddrInet6:
		return netip.AddrPortFrom(netip.AddrFrom16(sa.Addr).Unmap(), uint16(sa.Port)), true
	}
	return netip.AddrPort{}, false
}

// hard reports whether an extended error is a refusal for good, not a size
// hint or a passing trouble of the route.
func hard(oob []byte) bool {
	msgs, err := syscall.ParseSocketControlMessage(oob)
	if err != nil {
		return false
	}
	for _, m := range msgs {
		if len(m.Data) >= 4 && syscall.Errno(binary.NativeEndian.Uint32(m.Data)) == syscall.ECONNREFUSED {
			return true
		}
	}
	return false
}
