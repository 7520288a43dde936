//go:build linux && (amd64 || arm64)

package benchwire

import (
	"net/netip"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	batchSize   = 8
	packetBytes = 512
	stampBytes  = 64 // room for a control message with a timestamp
)

// mmsghdr is struct mmsghdr of recvmmsg(2).
type mmsghdr struct {
	hdr unix.Msghdr
	len uint32
}

// inbox is room for what one read brings: packets and when the kernel got them.
type inbox struct {
	msgs [batchSize]mmsghdr
	iovs [batchSize]unix.Iovec
	data [batchSize][packetBytes]byte
	ctrl [batchSize][stampBytes]byte
}

func newInbox() *inbox {
	b := new(inbox)
	for i := range b.msgs {
		b.iovs[i].Base = &b.data[i][0]
		b.iovs[i].SetLen(packetBytes)
		h := &b.msgs[i].hdr
		h.Iov = &b.iovs[i]
		h.SetIovlen(1)
		h.Control = &b.ctrl[i][0]
		h.SetControllen(stampBytes)
	}
	return b
}

// port is a UDP socket of one call, connected to its peer.
type port struct {
	fd    int
	local netip.AddrPort
}

// openPort opens a port that notes when packets come, and connects it.
func openPort(ip netip.Addr, peer netip.AddrPort) (port, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return port{}, os.NewSyscallError("socket", err)
	}
	err = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1)
	if err == nil {
		err = unix.Bind(fd, &unix.SockaddrInet4{Addr: ip.As4()})
	}
	if err == nil {
		err = unix.Connect(fd, &unix.SockaddrInet4{Addr: peer.Addr().As4(), Port: int(peer.Port())})
	}
	if err != nil {
		_ = unix.Close(fd)
		return port{}, os.NewSyscallError("bind, connect", err)
	}
	name, err := unix.Getsockname(fd)
	if err != nil {
		_ = unix.Close(fd)
		return port{}, os.NewSyscallError("getsockname", err)
	}
	return port{fd, netip.AddrPortFrom(ip, uint16(name.(*unix.SockaddrInet4).Port))}, nil
}

func (p port) close() { _ = unix.Close(p.fd) }

// read takes what has come, up to a batch, and never waits.
func (p port) read(b *inbox) int {
	n, _, errno := unix.RawSyscall6(unix.SYS_RECVMMSG, uintptr(p.fd), uintptr(unsafe.Pointer(&b.msgs[0])),
		batchSize, unix.MSG_DONTWAIT, 0, 0)
	if errno != 0 {
		return 0
	}
	return int(n)
}

// packet returns the i-th packet of a read and when it came.
func (b *inbox) packet(i int) (data []byte, at time.Duration) {
	m := &b.msgs[i]
	h := (*unix.Cmsghdr)(unsafe.Pointer(&b.ctrl[i][0]))
	if m.hdr.Controllen >= unix.SizeofCmsghdr && h.Level == unix.SOL_SOCKET && h.Type == unix.SCM_TIMESTAMPNS {
		ts := (*unix.Timespec)(unsafe.Pointer(&b.ctrl[i][unix.CmsgLen(0)]))
		at = time.Duration(ts.Nano())
	}
	m.hdr.SetControllen(stampBytes)
	return b.data[i][:m.len], at
}

// write sends a packet, or drops it if the system has no room for it.
func (p port) write(packet []byte) bool {
	_, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(p.fd), uintptr(unsafe.Pointer(&packet[0])), uintptr(len(packet)),
		unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, 0, 0)
	return errno == 0
}
