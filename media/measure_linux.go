//go:build linux && (amd64 || arm64)

package media

import (
	"encoding/binary"
	"net/netip"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// peers are the far ends of a measurement: a bare loop on one thread.
type peers struct {
	list []peer
	quit chan struct{}
	done chan struct{}
	ask  chan chan time.Duration
}

type peer struct {
	sock   *socket
	to     target
	packet [rtpHeaderBytes + frameBytes]byte
	seq    uint16
	ts     uint32
}

func newPeers(ip netip.Addr, n int) (*peers, error) {
	p := &peers{list: make([]peer, n), quit: make(chan struct{}), ask: make(chan chan time.Duration)}
	for i := range p.list {
		sock, err := listen(netip.AddrPortFrom(ip, 0))
		if err != nil {
			p.list = p.list[:i]
			p.close()
			return nil, err
		}
		q := &p.list[i]
		q.sock = sock
		q.packet[0], q.packet[1] = 0x80, 8
		binary.BigEndian.PutUint32(q.packet[8:], uint32(i))
	}
	return p, nil
}

func (p *peers) addr(i int) netip.AddrPort       { return p.list[i].sock.local() }
func (p *peers) aim(i int, local netip.AddrPort) { p.list[i].to.set(local) }

func (p *peers) start() {
	p.done = make(chan struct{})
	go p.run()
}

// run moves packets until close: every 20 ms each peer reads what has come
// and sends one packet.
func (p *peers) run() {
	defer close(p.done)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	in := newBatch()
	begin := time.Now()
	for slot := int64(0); ; slot++ {
		select {
		case <-p.quit:
			return
		case answer := <-p.ask:
			answer <- usage(unix.RUSAGE_THREAD)
		default:
		}
		rest := time.Until(begin.Add(time.Duration(slot) * slotPeriod))
		if rest > 0 {
			ts := unix.NsecToTimespec(int64(rest))
			_ = unix.Nanosleep(&ts, nil)
		}
		for i := int(slot % int64(slotCount)); i < len(p.list); i += slotCount {
			p.list[i].move(in)
		}
	}
}

func (q *peer) move(in *batch) {
	for q.sock.recv(in) == batchPackets {
	}
	q.seq++
	q.ts += frameBytes
	binary.BigEndian.PutUint16(q.packet[2:], q.seq)
	binary.BigEndian.PutUint32(q.packet[4:], q.ts)
	_ = q.sock.send(q.packet[:], &q.to)
}

// time returns the processor time of the peers' thread so far.
func (p *peers) time() time.Duration {
	answer := make(chan time.Duration)
	p.ask <- answer
	return <-answer
}

func (p *peers) close() {
	if p.done != nil { // it was started
		close(p.quit)
		<-p.done
	}
	for i := range p.list {
		p.list[i].sock.close()
	}
}

func processTime() time.Duration { return usage(unix.RUSAGE_SELF) }

func usage(who int) time.Duration {
	var u unix.Rusage
	if unix.Getrusage(who, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
