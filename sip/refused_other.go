//go:build !linux

package sip

import (
	"net"
	"net/netip"
	"syscall"
)

// Other systems don't report ICMP errors to unconnected UDP sockets: a dead
// trunk is noticed by Config.NoResponse.

func askForRefusals(string, string, syscall.RawConn) error { return nil }

func isRefusal(error) bool { return false }

func refusals(net.PacketConn) []netip.AddrPort { return nil }
