package media

import (
	"fmt"
	"net/netip"
	"runtime"
	"time"

	"dozvon/audio"
)

// Measurement is what MeasureCallSeconds found.
type Measurement struct {
	Calls    int
	Duration time.Duration // over which the costs were taken
	// CPU is the processor time of one second of one call: 50 packets sent, 50
	// received, a prompt playing, keys listened for.
	CPU time.Duration
	// Raw is the same for the far ends of the same run, a loop that moves the
	// same packets through the same kind of socket and does nothing else: the
	// part of CPU that belongs to the kernel on this machine.
	Raw time.Duration
	// Memory is the heap that one call takes, in bytes; the kernel's buffers
	// are not in it.
	Memory   int
	Sent     uint64 // packets of all calls
	Received uint64
	Lost     uint64
	Lateness Lateness
}

// MeasureCallSeconds runs calls at once against far ends in the same process
// over loopback, for warm-up and then for d, and returns their cost. The far
// ends run on a thread of their own whose processor time is taken apart, so
// that only the engine's is charged; on loopback a packet's way through the
// kernel is charged to its sender. It works where the system accounts for
// threads (Linux).
func MeasureCallSeconds(calls int, d time.Duration) (Measurement, error) {
	if calls < 1 || d <= 0 {
		return Measurement{}, fmt.Errorf("media: cannot measure %d calls over %v", calls, d)
	}
	loopback := netip.AddrFrom4([4]byte{127, 0, 0, 1})
	peers, err := NewBareLoop(loopback, calls)
	if err != nil {
		return Measurement{}, err
	}
	defer peers.Close()
	before := heap()
	engine, err := New(Config{IP: loopback})
	if err != nil {
		return Measurement{}, err
	}
	defer engine.Close()
	music := audio.NewClip(audio.Tone([]float64{440}, 10*time.Second, 0.3))
	music.Encoded(audio.ALaw)
	sessions := make([]*Session, calls)
	for i := range sessions {
		s, err := engine.Open(Options{Sink: func(Event) {}, DeadAfter: time.Minute})
		if err != nil {
			return Measurement{}, err
		}
		s.SetRemote(Remote{Addr: peers.Local(i), Law: audio.ALaw, PayloadType: 8, EventType: 101, Watch: true})
		s.Play(PlayOptions{Loop: true, StopOnDigit: true}, music)
		peers.Aim(i, s.Local())
		sessions[i] = s
	}
	peers.Start()
	m := Measurement{Calls: calls}
	m.take(engine, peers, sessions, d)
	m.Memory = (heap() - before) / calls
	return m, nil
}

// take lets everything settle, and then charges d.
func (m *Measurement) take(e *Engine, p *BareLoop, sessions []*Session, d time.Duration) {
	time.Sleep(min(time.Second, d))
	start, late := time.Now(), e.Stats().Lateness
	all, raw := processTime(), p.CPU()
	time.Sleep(d)
	all, raw = processTime()-all, p.CPU()-raw
	m.Duration = time.Since(start)
	m.Lateness = e.Stats().Lateness.Since(late)
	share := m.Duration.Seconds() * float64(m.Calls)
	m.CPU = time.Duration(float64(all-raw) / share)
	m.Raw = time.Duration(float64(raw) / share)
	for _, s := range sessions {
		st := s.Stats()
		m.Sent += st.Sent
		m.Received += st.Received
		m.Lost += st.Lost
	}
}

// heap returns the bytes in use on the heap after a collection.
func heap() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// Since returns what was added since an earlier state; Max stays.
func (l Lateness) Since(earlier Lateness) Lateness {
	l.Served -= earlier.Served
	for i := range l.Buckets {
		l.Buckets[i] -= earlier.Buckets[i]
	}
	return l
}

// String is a line for people.
func (m Measurement) String() string {
	return fmt.Sprintf("%d calls: %v CPU a call-second, %.2f times a bare loop that moves the same packets (%v); %.1f KB a call; %.3f %% of packets more than 5 ms late, at most %v; %d sent, %d received, %d lost",
		m.Calls, m.CPU.Round(time.Microsecond), float64(m.CPU)/float64(max(m.Raw, 1)), m.Raw.Round(time.Microsecond),
		float64(m.Memory)/1024, 100*m.Lateness.Over(5*time.Millisecond), m.Lateness.Max.Round(10*time.Microsecond), m.Sent, m.Received, m.Lost)
}
