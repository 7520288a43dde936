//go:build !linux || !(amd64 || arm64)

package media

import (
	"errors"
	"net/netip"
	"time"
)

// BareLoop can't be charged apart on this system.
type BareLoop struct{}

// NewBareLoop works on Linux only.
func NewBareLoop(netip.Addr, int) (*BareLoop, error) {
	return nil, errors.New("media: this system does not account for threads; measure on Linux")
}

func (*BareLoop) Local(int) netip.AddrPort { return netip.AddrPort{} }
func (*BareLoop) Aim(int, netip.AddrPort)  {}
func (*BareLoop) Start()                   {}
func (*BareLoop) CPU() time.Duration       { return 0 }
func (*BareLoop) Close()                   {}

func processTime() time.Duration { return 0 }
