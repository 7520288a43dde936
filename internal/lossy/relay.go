package lossy

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"
)

// Relay carries packets between two programs on loopback. Each is told the
// relay's address on its side as the far end's; RTCP goes over the ports one
// above, by the same path.
type Relay struct {
	a, b  *side
	lanes sync.WaitGroup

	mu     sync.Mutex // guards what follows
	closed bool
	flying map[*time.Timer]struct{}
}

// side is the relay's end towards one program: RTP and RTCP.
type side struct {
	ports [2]*net.UDPConn
	peer  netip.AddrPort // where that program receives RTP
}

// Start relays between the programs that receive RTP at a and b until Close.
func Start(n Network, a, b netip.AddrPort) (*Relay, error) {
	r := &Relay{flying: make(map[*time.Timer]struct{})}
	var err error
	if r.a, err = newSide(a); err != nil {
		return nil, err
	}
	if r.b, err = newSide(b); err != nil {
		r.a.close()
		return nil, err
	}
	for i := range r.a.ports {
		r.lanes.Go(func() { r.carry(n.Path(uint64(2*i)), r.a, r.b, i) })
		r.lanes.Go(func() { r.carry(n.Path(uint64(2*i+1)), r.b, r.a, i) })
	}
	return r, nil
}

// A is where program a sends to, and what its packets come from; B likewise.
func (r *Relay) A() netip.AddrPort { return r.a.addr() }

// B is A for program b.
func (r *Relay) B() netip.AddrPort { return r.b.addr() }

// Close ends the relay; what is on its way is lost.
func (r *Relay) Close() {
	r.mu.Lock()
	r.closed = true
	for t := range r.flying {
		t.Stop()
	}
	r.mu.Unlock()
	r.a.close()
	r.b.close()
	r.lanes.Wait()
}

// newSide finds two neighbouring ports, the lower one even.
func newSide(peer netip.AddrPort) (*side, error) {
	loopback := net.IPv4(127, 0, 0, 1)
	for range 100 {
		low, err := net.ListenUDP("udp4", &net.UDPAddr{IP: loopback})
		if err != nil {
			return nil, fmt.Errorf("lossy: %w", err)
		}
		port := low.LocalAddr().(*net.UDPAddr).Port
		if port%2 == 0 {
			if high, err := net.ListenUDP("udp4", &net.UDPAddr{IP: loopback, Port: port + 1}); err == nil {
				return &side{ports: [2]*net.UDPConn{low, high}, peer: peer}, nil
			}
		}
		_ = low.Close()
	}
	return nil, errors.New("lossy: no two neighbouring ports are free")
}

func (s *side) addr() netip.AddrPort { return s.ports[0].LocalAddr().(*net.UDPAddr).AddrPort() }

func (s *side) close() {
	for _, c := range s.ports {
		_ = c.Close()
	}
}

// carry moves what comes in at one side out of the other: RTP where port is 0,
// RTCP where it is 1.
func (r *Relay) carry(path *Path, from, to *side, port int) {
	buf := make([]byte, 2048)
	target := netip.AddrPortFrom(to.peer.Addr(), to.peer.Port()+uint16(port))
	for {
		n, _, err := from.ports[port].ReadFromUDPAddrPort(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue // an ICMP error of an earlier packet
		}
		for _, d := range path.Next() {
			if d == 0 {
				_, _ = to.ports[port].WriteToUDPAddrPort(buf[:n], target)
				continue
			}
			packet := append([]byte(nil), buf[:n]...)
			r.after(d, func() { _, _ = to.ports[port].WriteToUDPAddrPort(packet, target) })
		}
	}
}

// after runs f later, unless the relay is closed by then.
func (r *Relay) after(d time.Duration, f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return
	}
	var t *time.Timer
	t = time.AfterFunc(d, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.flying, t)
		if !r.closed {
			f()
		}
	})
	r.flying[t] = struct{}{}
}
