//go:build !linux || !(amd64 || arm64)

package benchwire

import (
	"context"
	"errors"
	"io"
	"net/netip"
)

// Serve works on Linux only.
func Serve(context.Context, netip.Addr, io.Reader, io.Writer) error {
	return errors.New("the far end of the benchmarks needs the packet timestamps of Linux; run them there")
}
