//go:build !linux || !(amd64 || arm64)

package media

import "net/netip"

type (
	socket      = portableSocket
	target      = portableTarget
	batchSystem struct{}
)

func newBatch() *batch { return new(batch) }

func listen(addr netip.AddrPort) (*socket, error) { return listenPortable(addr) }
