// Package testports gives tests network ports of their own: no test of another
// process, nor another test of this one, gets them meanwhile. It must never be
// part of the program.
//
// A port is chosen first and opened later, often by another program (SIPp,
// Kamailio, baresip), so that asking the kernel for a free one is not enough:
// it may give the same port to somebody else in between. And an RTP engine
// lets ports rest after a call, because the far end's last packets still come;
// it knows of its own ports only.
package testports

import (
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
)

// block is how many ports are taken together: SIPp opens a few next to its
// media port.
const block = 16

// area is a part of the ports that the kernel does not give out by itself
// (32768 to 60999 by default) and where no range of the program's own defaults
// lies.
type area struct{ first, last int }

var (
	ranges  = area{16384, 19999} // for RTP engines, which step over ports that others hold
	singles = area{61056, 65535} // for programs that can't choose another one
)

// turn makes each process begin elsewhere and come back to a port as late as
// may be.
var turn = struct {
	sync.Mutex
	n int
}{n: rand.IntN(1 << 20)}

// Range takes at least n consecutive ports, the first one even, until the
// test's end.
func Range(t testing.TB, n int) (first, last int) {
	t.Helper()
	blocks := (n + block - 1) / block
	first = take(t, ranges, blocks)
	return first, first + blocks*block - 1
}

// One takes an even port that is free on UDP and TCP until the test's end, and
// some after it.
func One(t testing.TB) int {
	t.Helper()
	for range 100 {
		if port := take(t, singles, 1); free(port) {
			return port
		}
	}
	t.Fatalf("other programs hold all ports from %d to %d", singles.first, singles.last)
	return 0
}

// free reports whether a port can be opened at any address of this machine.
func free(port int) bool {
	c, err := net.ListenPacket("udp", fmt.Sprintf(":%d", port))
	if err != nil {
		return false
	}
	defer c.Close()
	l, err := net.Listen("tcp", fmt.Sprintf(":%d", port))
	if err != nil {
		return false
	}
	return l.Close() == nil
}

// take takes consecutive blocks of an area and returns their first port.
func take(t testing.TB, a area, blocks int) int {
	t.Helper()
	turn.Lock()
	defer turn.Unlock()
	all := (a.last - a.first + 1) / block
	for range all {
		turn.n += blocks
		if at := turn.n % all; at+blocks <= all && claim(t, a.first+at*block, blocks) {
			return a.first + at*block
		}
	}
	t.Fatalf("tests hold all ports from %d to %d", a.first, a.last)
	return 0
}

// claim marks blocks as taken by sockets with names in a namespace that all
// processes of this machine share and that the kernel clears behind each.
func claim(t testing.TB, first, blocks int) bool {
	var held []net.Listener
	for i := range blocks {
		l, err := net.Listen("unix", fmt.Sprintf("@dozvon-test-ports-%d", first+i*block))
		if err != nil {
			for _, h := range held {
				h.Close()
			}
			return false
		}
		held = append(held, l)
	}
	t.Cleanup(func() {
		for _, h := range held {
			h.Close()
		}
	})
	return true
}
