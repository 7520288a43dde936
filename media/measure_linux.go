//go:build linux && (amd64 || arm64)

package media

import (
	"encoding/binary"
	"net/netip"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// BareLoop moves the packets of calls and does nothing else: it has a socket
// per call as an engine has, reads what has come every 20 ms and sends one
// packet, on one thread. What it costs is what the kernel takes on this
// machine. Start, CPU and Close belong to one goroutine.
type BareLoop struct {
	list  []peer
	quit  chan struct{}
	done  chan struct{} // nil until start
	procs int           // GOMAXPROCS before start
	ask   chan chan time.Duration
}

type peer struct {
	sock   *socket
	to     target
	packet [rtpHeaderBytes + frameBytes]byte
	seq    uint16
	ts     uint32
}

// NewBareLoop opens n sockets on ip.
func NewBareLoop(ip netip.Addr, n int) (*BareLoop, error) {
	p := &BareLoop{list: make([]peer, n), quit: make(chan struct{}), ask: make(chan chan time.Duration)}
	for i := range p.list {
		sock, err := listen(netip.AddrPortFrom(ip, 0))
		if err != nil {
			p.list = p.list[:i]
			p.Close()
			return nil, err
		}
		q := &p.list[i]
		q.sock = sock
		q.packet[0], q.packet[1] = 0x80, 8
		binary.BigEndian.PutUint32(q.packet[8:], uint32(i))
	}
	return p, nil
}

// Local is where the i-th call receives.
func (p *BareLoop) Local(i int) netip.AddrPort { return p.list[i].sock.local() }

// Aim says where the i-th call sends; it comes before Start.
func (p *BareLoop) Aim(i int, to netip.AddrPort) { p.list[i].to.set(to) }

// Start sets the loop going, on a processor of the scheduler's on top of
// those that others have.
func (p *BareLoop) Start() {
	p.procs = runtime.GOMAXPROCS(0)
	runtime.GOMAXPROCS(p.procs + 1)
	p.done = make(chan struct{})
	go p.run()
}

// run moves packets until Close: every 20 ms each peer reads what has come
// and sends one packet.
func (p *BareLoop) run() {
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
		sleepThread(begin.Add(time.Duration(slot) * slotPeriod))
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

// CPU returns the processor time of the loop's thread so far.
func (p *BareLoop) CPU() time.Duration {
	answer := make(chan time.Duration)
	p.ask <- answer
	return <-answer
}

// Close ends the loop.
func (p *BareLoop) Close() {
	if p.done != nil { // it was started
		close(p.quit)
		<-p.done
		runtime.GOMAXPROCS(p.procs)
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
