//go:build linux && (amd64 || arm64)

package media

import (
	"fmt"
	"net/netip"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// socket is a UDP socket that the Go runtime's poller never sees: the wheel
// asks it every 20 ms, so nobody needs to be woken when a packet comes. Calls
// to the kernel are raw: they never wait, so the scheduler need not know.
type socket struct {
	fd   int
	addr netip.AddrPort
}

// mmsghdr is struct mmsghdr of recvmmsg(2).
type mmsghdr struct {
	hdr unix.Msghdr
	len uint32
}

type batchSystem struct {
	msgs  [batchPackets]mmsghdr
	iovs  [batchPackets]unix.Iovec
	names [batchPackets]unix.RawSockaddrInet6 // the larger of the two families
}

func newBatch() *batch {
	b := new(batch)
	for i := range b.sys.msgs {
		b.sys.iovs[i].Base = &b.data[i][0]
		b.sys.iovs[i].SetLen(packetBytes)
		h := &b.sys.msgs[i].hdr
		h.Iov = &b.sys.iovs[i]
		h.SetIovlen(1)
		h.Name = (*byte)(unsafe.Pointer(&b.sys.names[i]))
		h.Namelen = unix.SizeofSockaddrInet6
	}
	return b
}

// expedited is the DSCP of voice, EF (RFC 4594), in the byte's upper bits.
const expedited = 46 << 2

func listen(addr netip.AddrPort) (*socket, error) {
	family, level, option := unix.AF_INET, unix.IPPROTO_IP, unix.IP_TOS
	if addr.Addr().Is6() {
		family, level, option = unix.AF_INET6, unix.IPPROTO_IPV6, unix.IPV6_TCLASS
	}
	fd, err := unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, socketBuffer)
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUF, socketBuffer)
	_ = unix.SetsockoptInt(fd, level, option, expedited)
	if err := unix.Bind(fd, sockaddrOf(addr)); err != nil {
		_ = unix.Close(fd)
		return nil, fmt.Errorf("%v: %w", addr, os.NewSyscallError("bind", err))
	}
	if addr.Port() == 0 {
		if addr, err = chosen(fd, addr); err != nil {
			_ = unix.Close(fd)
			return nil, err
		}
	}
	return &socket{fd: fd, addr: addr}, nil
}

// chosen returns the address of a socket whose port the system chose.
func chosen(fd int, asked netip.AddrPort) (netip.AddrPort, error) {
	sa, err := unix.Getsockname(fd)
	if err != nil {
		return asked, os.NewSyscallError("getsockname", err)
	}
	switch sa := sa.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(asked.Addr(), uint16(sa.Port)), nil
	case *unix.SockaddrInet6:
		return netip.AddrPortFrom(asked.Addr(), uint16(sa.Port)), nil
	}
	return asked, nil
}

func sockaddrOf(addr netip.AddrPort) unix.Sockaddr {
	if addr.Addr().Is6() {
		return &unix.SockaddrInet6{Port: int(addr.Port()), Addr: addr.Addr().As16()}
	}
	return &unix.SockaddrInet4{Port: int(addr.Port()), Addr: addr.Addr().As4()}
}

func (s *socket) local() netip.AddrPort { return s.addr }

func (s *socket) close() { _ = unix.Close(s.fd) }

// recv reads what has come, up to a batch, and never waits. An error (an ICMP
// message about an earlier packet) reads as nothing; the next call goes on.
func (s *socket) recv(b *batch) int {
	n, _, errno := unix.RawSyscall6(unix.SYS_RECVMMSG, uintptr(s.fd), uintptr(unsafe.Pointer(&b.sys.msgs[0])),
		batchPackets, unix.MSG_DONTWAIT, 0, 0)
	if errno != 0 {
		return 0
	}
	for i := range int(n) {
		m := &b.sys.msgs[i]
		b.size[i] = int(m.len)
		b.from[i] = addrOf(&b.sys.names[i])
		m.hdr.Namelen = unix.SizeofSockaddrInet6
	}
	return int(n)
}

func addrOf(raw *unix.RawSockaddrInet6) netip.AddrPort {
	port := raw.Port>>8 | raw.Port<<8 // network order; amd64 and arm64 are little-endian
	if raw.Family == unix.AF_INET6 {
		return netip.AddrPortFrom(netip.AddrFrom16(raw.Addr).Unmap(), port)
	}
	v4 := (*unix.RawSockaddrInet4)(unsafe.Pointer(raw))
	return netip.AddrPortFrom(netip.AddrFrom4(v4.Addr), port)
}

// target is an address in the form that send wants.
type target struct {
	raw unix.RawSockaddrInet6
	len uintptr
}

func (t *target) set(addr netip.AddrPort) {
	*t = target{}
	port := addr.Port()>>8 | addr.Port()<<8
	if addr.Addr().Is4() {
		v4 := (*unix.RawSockaddrInet4)(unsafe.Pointer(&t.raw))
		v4.Family, v4.Port, v4.Addr = unix.AF_INET, port, addr.Addr().As4()
		t.len = unix.SizeofSockaddrInet4
		return
	}
	t.raw.Family, t.raw.Port, t.raw.Addr = unix.AF_INET6, port, addr.Addr().As16()
	t.len = unix.SizeofSockaddrInet6
}

// send sends a packet, or drops it if the socket's buffer is full.
func (s *socket) send(packet []byte, to *target) error {
	_, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(s.fd), uintptr(unsafe.Pointer(&packet[0])), uintptr(len(packet)),
		unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, uintptr(unsafe.Pointer(&to.raw)), to.len)
	if errno != 0 {
		return errno
	}
	return nil
}
