//go:build linux && (amd64 || arm64)

package benchwire

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/netip"
	"runtime"
	"time"

	"dozvon/audio"
	"dozvon/internal/mailbox"
)

const slots = 20 // of a millisecond each

// farEnd holds the calls. All but sip belongs to the goroutine of run.
type farEnd struct {
	ip    netip.Addr
	ops   *mailbox.Box[func()]
	calls map[string]*call
	slots [slots][]*call
	in    *inbox
	epoch time.Time

	tally tally
	gaps  gaps
	sent  uint64
	count struct{ invites, acks, byes int }
}

// call is one far end of a call.
type call struct {
	port   port
	out    [12 + 160]byte
	seq    uint16
	ts     uint32
	key    int // packets of a key that are still to go
	keyTS  uint32
	stream stream
	heard  succession
}

// Serve is the far end's process: it answers calls on a UDP port of ip, prints
// "listens on ADDRESS", and carries out orders until in or ctx ends.
func Serve(ctx context.Context, ip netip.Addr, in io.Reader, out io.Writer) error {
	runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + 1) // the packets never wait for the signalling
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: ip.AsSlice()})
	if err != nil {
		return fmt.Errorf("the far end has no port: %w", err)
	}
	defer conn.Close()
	_ = conn.SetReadBuffer(4 << 20)
	f := &farEnd{ip: ip, ops: mailbox.New[func()](), calls: map[string]*call{}, in: newInbox(), epoch: time.Now()}
	fmt.Fprintf(out, "listens on %s\n", conn.LocalAddr())
	ctx, stop := context.WithCancel(ctx)
	go f.signal(conn)
	go func() { defer stop(); f.obey(in, out) }()
	f.run(ctx)
	return nil
}

// ask has the owner of the calls do something, and waits until it is done.
func (f *farEnd) ask(do func()) {
	done := make(chan struct{})
	f.ops.Put(func() { do(); close(done) })
	<-done
}

// signal answers SIP until the socket is closed.
func (f *farEnd) signal(conn *net.UDPConn) {
	local := conn.LocalAddr().(*net.UDPAddr).AddrPort()
	buf := make([]byte, 8192)
	for {
		n, from, err := conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			return
		}
		msg := buf[:n]
		out := answers(msg, local, func(sdp []byte) (at netip.AddrPort) {
			id, peer := callOf(msg), mediaOf(sdp)
			f.ask(func() { at = f.open(id, peer) })
			return at
		})
		for _, o := range out {
			_, _ = conn.WriteToUDPAddrPort(o, from)
		}
		f.note(msg)
	}
}

// note counts a message, and ends a call.
func (f *farEnd) note(msg []byte) {
	id := callOf(msg)
	switch method := msg[:min(3, len(msg))]; string(method) {
	case "INV":
		f.ops.Put(func() { f.count.invites++ })
	case "ACK":
		f.ops.Put(func() { f.count.acks++ })
	case "BYE", "CAN":
		f.ops.Put(func() { f.count.byes++; f.end(id) })
	}
}

// obey carries out orders until there are no more.
func (f *farEnd) obey(in io.Reader, out io.Writer) {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	enc := json.NewEncoder(out)
	for lines.Scan() {
		var o Order
		if json.Unmarshal(lines.Bytes(), &o) != nil {
			return
		}
		var r Report
		f.ask(func() { r = f.order(o) })
		if enc.Encode(r) != nil {
			return
		}
	}
}

func (f *farEnd) order(o Order) Report {
	switch o.Do {
	case "open":
		r := Report{}
		for i, p := range o.Peers {
			r.Local = append(r.Local, f.open(fmt.Sprint("open ", i), p))
		}
		return r
	case "drop":
		for id := range f.calls {
			f.end(id)
		}
	case "begin":
		f.tally, f.gaps, f.sent = tally{}, gaps{}, 0
	case "press":
		for _, c := range f.calls {
			c.key, c.keyTS = keyPackets, c.ts
		}
	}
	r := report(&f.tally, &f.gaps)
	r.Calls, r.Sent = len(f.calls), f.sent
	r.Invites, r.Acks, r.Byes = f.count.invites, f.count.acks, f.count.byes
	return r
}

// open starts a call with those who receive at peer; a repeated INVITE finds
// the one that is up.
func (f *farEnd) open(id string, peer netip.AddrPort) netip.AddrPort {
	if c := f.calls[id]; c != nil {
		return c.port.local
	}
	p, err := openPort(f.ip, peer)
	if err != nil {
		return netip.AddrPortFrom(f.ip, 9) // discard: the caller hears nothing, which its benchmark notices
	}
	c := &call{port: p}
	c.out[0], c.out[1] = 0x80, 8
	binary.BigEndian.PutUint32(c.out[8:], uint32(len(f.calls)+1))
	copy(c.out[12:], voice[:])
	best := 0
	for i := range f.slots {
		if len(f.slots[i]) < len(f.slots[best]) {
			best = i
		}
	}
	f.calls[id], f.slots[best] = c, append(f.slots[best], c)
	return p.local
}

func (f *farEnd) end(id string) {
	c := f.calls[id]
	if c == nil {
		return
	}
	delete(f.calls, id)
	for i, slot := range f.slots {
		for k, other := range slot {
			if other == c {
				slot[k] = slot[len(slot)-1]
				f.slots[i] = slot[:len(slot)-1]
				c.port.close()
				return
			}
		}
	}
}

// run moves packets: each call reads and sends once in 20 ms.
func (f *farEnd) run(ctx context.Context) {
	runtime.LockOSThread()
	var ops []func()
	for n := int64(0); ctx.Err() == nil; n++ {
		due := f.epoch.Add(time.Duration(n) * time.Millisecond)
		if wait := time.Until(due); wait > 0 {
			time.Sleep(wait)
		} else if -wait > time.Second { // the machine stood still
			f.epoch = f.epoch.Add(-wait)
		}
		ops = f.ops.Take(ops)
		for _, op := range ops {
			op()
		}
		for _, c := range f.slots[n%slots] {
			f.serve(c)
		}
	}
}

func (f *farEnd) serve(c *call) {
	for {
		n := c.port.read(f.in)
		for i := range n {
			data, at := f.in.packet(i)
			if len(data) < 12 {
				continue
			}
			c.stream.add(at, binary.BigEndian.Uint16(data[2:]), binary.BigEndian.Uint32(data[4:]), &f.tally)
			c.heard.add(data[12:], &f.gaps)
		}
		if n < batchSize {
			break
		}
	}
	c.seq++
	c.ts += 160
	binary.BigEndian.PutUint16(c.out[2:], c.seq)
	out := c.out[:]
	if c.key > 0 {
		out = c.press()
	} else {
		binary.BigEndian.PutUint32(c.out[4:], c.ts)
	}
	if c.port.write(out) {
		f.sent++
	}
}

// keyPackets is how many packets tell of a key: five while it is down and three
// of its end (RFC 4733 section 2.5.1).
const keyPackets = 8

// press makes the next packet of the key 1.
func (c *call) press() []byte {
	out := make([]byte, 16)
	copy(out, c.out[:12])
	n := keyPackets - c.key
	c.key--
	out[1] = 101
	if n == 0 {
		out[1] |= 0x80
	}
	binary.BigEndian.PutUint32(out[4:], c.keyTS)
	out[12], out[13] = 1, 10
	if n >= keyPackets-3 {
		out[13] |= 0x80
		n = keyPackets - 3
	}
	binary.BigEndian.PutUint16(out[14:], uint16(n+1)*160)
	return out
}

// voice is a payload of a tone, loud enough to count as somebody speaking.
var voice = func() (b [160]byte) {
	audio.Encode(audio.ALaw, b[:], audio.Tone([]float64{500}, frame, 0.3))
	return b
}()
