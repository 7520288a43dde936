package media

import (
	"log/slog"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/rtp"
	"go.uber.org/goleak"

	"dozvon/audio"
	"dozvon/internal/mailbox"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var loopback = netip.MustParseAddr("127.0.0.1")

// lab is an engine whose only wheel is turned by hand: real sockets, virtual
// time. Loopback delivers a packet before the call that sends it returns, so
// what is sent in one period is there in the next.
type lab struct {
	t        testing.TB
	engine   *Engine
	wheel    *wheel
	now      time.Time
	slot     int64
	sessions []*Session
}

func newLab(t testing.TB) *lab {
	ports, err := newPortPool(20000, 59998, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	e := &Engine{ip: loopback, log: log, ports: ports, writer: startWriter(log)}
	w := &wheel{engine: e, ops: mailbox.New[func(now time.Time)](), batch: newBatch(), wake: func() {}}
	e.wheels = []*wheel{w}
	l := &lab{t: t, engine: e, wheel: w, now: time.Unix(1_800_000_000, 0)}
	t.Cleanup(func() {
		w.apply(l.now)
		w.releaseAll()
		e.writer.stop()
	})
	return l
}

// events are what a session's sink got.
type events []Event

func (e events) of(kind EventKind) (out []Event) {
	for _, ev := range e {
		if ev.Kind == kind {
			out = append(out, ev)
		}
	}
	return out
}

func (e events) digits() string {
	var b []byte
	for _, ev := range e.of(Digit) {
		b = append(b, ev.Digit)
	}
	return string(b)
}

// open opens a session whose events are collected.
func (l *lab) open(o Options) (*Session, *events) {
	l.t.Helper()
	got := new(events)
	o.Sink = func(e Event) { *got = append(*got, e) }
	s, err := l.engine.Open(o)
	if err != nil {
		l.t.Fatal(err)
	}
	l.sessions = append(l.sessions, s)
	return s, got
}

// pair opens two sessions that talk to each other.
func (l *lab) pair(law audio.Law, eventType uint8, o Options) (a, b *Session, ea, eb *events) {
	l.t.Helper()
	a, ea = l.open(o)
	b, eb = l.open(o)
	r := Remote{Law: law, PayloadType: law.PayloadType(), EventType: eventType, Watch: true}
	r.Addr = b.Local()
	a.SetRemote(r)
	r.Addr = a.Local()
	b.SetRemote(r)
	return a, b, ea, eb
}

// turn is one period: every session is served once, in the order of opening.
func (l *lab) turn() {
	l.wheel.apply(l.now)
	for _, s := range l.sessions {
		if !s.released && s.slot != unserved {
			s.serve(l.now, l.slot)
		}
	}
	l.now = l.now.Add(framePeriod)
	l.slot += int64(slotCount)
}

func (l *lab) run(d time.Duration) {
	for range d / framePeriod {
		l.turn()
	}
}

// far is a far end of which the test sees and makes every packet.
type far struct {
	t    *testing.T
	sock *socket
	to   target
	in   *batch
	h    rtp.Header
}

func newFar(t *testing.T, to *Session) *far {
	t.Helper()
	sock, err := listen(netip.AddrPortFrom(loopback, 0))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sock.close)
	f := &far{t: t, sock: sock, in: newBatch(), h: rtp.Header{Version: 2, PayloadType: 8, SSRC: 7, SequenceNumber: 65500, Timestamp: 1<<32 - 4000}}
	f.to.set(to.Local())
	return f
}

// sound sends a frame of the byte c and moves on by 20 ms.
func (f *far) sound(c byte) {
	payload := make([]byte, frameBytes)
	for i := range payload {
		payload[i] = c
	}
	f.packet(f.h, payload)
	f.h.SequenceNumber++
	f.h.Timestamp += frameBytes
}

func (f *far) packet(h rtp.Header, payload []byte) {
	f.t.Helper()
	p, err := (&rtp.Packet{Header: h, Payload: payload}).Marshal()
	if err != nil {
		f.t.Fatal(err)
	}
	f.raw(p)
}

func (f *far) raw(p []byte) {
	f.t.Helper()
	if err := f.sock.send(p, &f.to); err != nil {
		f.t.Fatal(err)
	}
}

// got returns the packets that have come.
func (f *far) got() (out []rtp.Packet) {
	f.t.Helper()
	for {
		n := f.sock.recv(f.in)
		for i := range n {
			var p rtp.Packet
			if err := p.Unmarshal(append([]byte(nil), f.in.data[i][:f.in.size[i]]...)); err != nil {
				f.t.Fatal(err)
			}
			out = append(out, p)
		}
		if n < batchPackets {
			return out
		}
	}
}

// remote is the far end's description, A-law and events on 101.
func (f *far) remote() Remote {
	return Remote{Addr: f.sock.local(), Law: audio.ALaw, PayloadType: 8, EventType: 101, Watch: true}
}

func tone(hz float64, d time.Duration) *audio.Clip {
	return audio.NewClip(audio.Tone([]float64{hz}, d, 0.3))
}

// ear collects what a session hears.
type ear struct{ pcm []int16 }

func (e *ear) hear(f audio.Frame) { e.pcm = append(e.pcm, f.PCM...) }
