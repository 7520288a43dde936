//go:build linux && (amd64 || arm64)

package media

import (
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// stamps says that a socket knows when its packets came.
const stamps = true

// siocGStamp is SIOCGSTAMPNS of linux/sockios.h: when the packet read last
// came in.
const siocGStamp = 0x8907

// stamp makes the system note when packets come.
func (s *socket) stamp() { _, _ = s.stamped() }

func (s *socket) stamped() (unix.Timespec, bool) {
	var ts unix.Timespec
	_, _, errno := unix.RawSyscall(unix.SYS_IOCTL, uintptr(s.fd), siocGStamp, uintptr(unsafe.Pointer(&ts)))
	return ts, errno == 0
}

// waited returns how long the packet read last had lain in the socket; 0 if
// the system does not say.
func (s *socket) waited() time.Duration {
	ts, ok := s.stamped()
	if !ok {
		return 0
	}
	return min(max(time.Since(time.Unix(ts.Unix())), 0), 2*readReports*framePeriod)
}
