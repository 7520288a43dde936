package media

import (
	"errors"
	"net"
	"net/netip"
	"time"
)

const (
	batchPackets = 8
	packetBytes  = 1500
	rounds       = 4        // batches read for one session in a period: a flood costs no more
	socketBuffer = 64 << 10 // bytes the kernel keeps for a session, in either direction
)

// batch is room for the packets of one read. A wheel has one for all of its
// sessions.
type batch struct {
	data [batchPackets][packetBytes]byte
	size [batchPackets]int // a size of packetBytes or more: cut off, not to be used
	from [batchPackets]netip.AddrPort
	sys  batchSystem
}

// portableSocket is a session's socket on systems without a batched
// non-blocking read of our own: a goroutine moves packets from the socket to
// a queue that the wheel reads.
type portableSocket struct {
	conn *net.UDPConn
	in   chan arrival
	free chan *[packetBytes]byte
}

type arrival struct {
	data *[packetBytes]byte
	size int
	from netip.AddrPort
}

func listenPortable(addr netip.AddrPort) (*portableSocket, error) {
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(addr))
	if err != nil {
		return nil, err
	}
	_ = conn.SetReadBuffer(socketBuffer)
	const queue = 16
	s := &portableSocket{conn: conn, in: make(chan arrival, queue), free: make(chan *[packetBytes]byte, queue+1)}
	for range queue + 1 {
		s.free <- new([packetBytes]byte)
	}
	go s.read()
	return s, nil
}

// read ends when the socket is closed. A packet that finds the queue full is
// dropped, as a full kernel buffer would drop it.
func (s *portableSocket) read() {
	buf := <-s.free
	for {
		n, from, err := s.conn.ReadFromUDPAddrPort(buf[:])
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue // an ICMP error of an earlier packet
		}
		select {
		case s.in <- arrival{buf, n, netip.AddrPortFrom(from.Addr().Unmap(), from.Port())}:
			buf = <-s.free // one more buffer than places in the queue
		default:
		}
	}
}

func (s *portableSocket) local() netip.AddrPort {
	return s.conn.LocalAddr().(*net.UDPAddr).AddrPort()
}

// recv reads what has come, up to a batch, and never waits.
func (s *portableSocket) recv(b *batch) int {
	for n := range batchPackets {
		select {
		case a := <-s.in:
			b.size[n], b.from[n] = a.size, a.from
			copy(b.data[n][:], a.data[:a.size])
			s.free <- a.data
		default:
			return n
		}
	}
	return batchPackets
}

// send sends a packet, or drops it if the socket's buffer is full.
func (s *portableSocket) send(packet []byte, to *portableTarget) error {
	_ = s.conn.SetWriteDeadline(time.Now().Add(time.Millisecond))
	_, err := s.conn.WriteToUDPAddrPort(packet, to.addr)
	return err
}

func (s *portableSocket) close() { _ = s.conn.Close() }

// portableTarget is an address in the form that send wants.
type portableTarget struct{ addr netip.AddrPort }

func (t *portableTarget) set(addr netip.AddrPort) { t.addr = addr }
