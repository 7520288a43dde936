package sip

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// TestPingNobodyListens: a closed UDP port is told at once, where the system
// reports it, and not after the time for an answer.
func TestPingNobodyListens(t *testing.T) {
	closed, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := closed.LocalAddr().String()
	closed.Close()
	e, err := Listen(context.Background(), Config{IP: netip.MustParseAddr("127.0.0.1"), NoResponse: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	trunk, err := ParseTrunk("sip:robot@" + addr)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Ping(context.Background(), trunk); err == nil || !strings.Contains(err.Error(), "nobody listens on UDP at "+addr) {
		t.Errorf("%v", err)
	}
	if n := len(e.pings.to); n != 0 {
		t.Errorf("%d pings are still waited for", n)
	}
}
