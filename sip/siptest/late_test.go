package siptest

import (
	"context"
	"fmt"
	"net"
	"testing"

	"go.uber.org/goleak"
)

// TestCloseUnderFire: requests that come while the server closes open nothing
// that stays.
func TestCloseUnderFire(t *testing.T) {
	before := goleak.IgnoreCurrent()
	for range 20 {
		s, err := Start(context.Background(), Config{})
		if err != nil {
			t.Fatal(err)
		}
		c, err := net.Dial("udp", s.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		for i := range 300 {
			fmt.Fprintf(c, "OPTIONS sip:x@%s SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK%d\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:x@y>\r\nCall-ID: %d@b\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
				s.Addr(), c.LocalAddr(), i, i)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		c.Close()
	}
	goleak.VerifyNone(t, before)
}
