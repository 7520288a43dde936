//go:build linux && (amd64 || arm64)

package media

import (
	"encoding/binary"
	"net/netip"
	"runtime"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// peers are the far ends of a measurement: a bare loop on one thread.
type peers struct {
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

// start sets the peers going, on a processor of the scheduler's on top of
// those that the engine has.
func (p *peers) start() {
	p.procs = runtime.GOMAXPROCS(0)
	runtime.GOMAXPROCS(p.procs + 1)
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
		for rest := time.Hour; rest > 0; {
			if rest = time.Until(begin.Add(time.Duration(slot) * slotPeriod)); rest > 0 {
				sleepRaw(rest)
			}
		}
		for i := int(slot % int64(slotCount)); i < len(p.list); i += slotCount {
			p.list[i].move(in)
		}
	}
}

// sleepRaw sleeps without telling the scheduler. Were it told, its watchdog
// would take the processor back every time, and wake up every 20 µs to do so:
// a cost that would be charged to the engine. A signal may end it early.
func sleepRaw(d time.Duration) {
	ts := unix.NsecToTimespec(int64(d))
	_, _, _ = unix.RawSyscall(unix.SYS_NANOSLEEP, uintptr(unsafe.Pointer(&ts)), 0, 0)
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
