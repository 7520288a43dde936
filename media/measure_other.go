//go:build !linux || !(amd64 || arm64)

package media

import (
	"errors"
	"net/netip"
	"time"
)

// peers can't be charged apart on this system.
type peers struct{}

func newPeers(netip.Addr, int) (*peers, error) {
	return nil, errors.New("media: this system does not account for threads; measure on Linux")
}

func (*peers) addr(int) netip.AddrPort { return netip.AddrPort{} }
func (*peers) aim(int, netip.AddrPort) {}
func (*peers) start()                  {}
func (*peers) time() time.Duration     { return 0 }
func (*peers) close()                  {}

func processTime() time.Duration { return 0 }
