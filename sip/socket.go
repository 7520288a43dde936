package sip

import (
	"errors"
	"net"
	"sync"
)

// socket is the UDP socket as sipgo sees it. sipgo stops reading for ever at
// the first error; here only closing ends the reading.
type socket struct {
	net.PacketConn
	once    sync.Once
	reading chan struct{} // closed at the first read: sipgo has registered the socket by then
}

// maxFaults is how many reads in a row may fail before the socket counts as
// broken.
const maxFaults = 1000

// ReadFrom implements net.PacketConn.
func (s *socket) ReadFrom(b []byte) (int, net.Addr, error) {
	s.once.Do(func() { close(s.reading) })
	for faults := 1; ; faults++ {
		n, from, err := s.PacketConn.ReadFrom(b)
		if err == nil || errors.Is(err, net.ErrClosed) || faults == maxFaults {
			return n, from, err
		}
	}
}
