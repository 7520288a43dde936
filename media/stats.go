package media

import (
	"sync/atomic"
	"time"

	"dozvon/audio"
)

// Stats counts what a session did.
type Stats struct {
	Sent       uint64        // packets
	Unsent     uint64        // packets that the system refused
	Received   uint64        // packets that belong to the call, without duplicates
	Lost       uint64        // packets that never came (RFC 3550 A.3)
	Late       uint64        // packets that came after their time and were left out
	Duplicates uint64        // packets that came again
	Strangers  uint64        // packets from elsewhere, left out
	Invalid    uint64        // no RTP, an unknown payload type, or out of any order
	Jitter     time.Duration // RFC 3550 A.8, as seen every 20 ms
	Unrecorded uint64        // frames missing in the recording because the disk was slow or full
}

// counter is written by one goroutine and read by any.
type counter struct{ v atomic.Uint64 }

func (c *counter) add(n uint64) { c.v.Store(c.v.Load() + n) }
func (c *counter) set(n uint64) {
	if c.v.Load() != n {
		c.v.Store(n)
	}
}

// counters are a session's, written by its wheel.
type counters struct {
	sent, unsent, received, lost, late, duplicates, strangers, invalid counter

	jitter     counter // samples
	unrecorded atomic.Uint64
}

func (c *counters) stats() Stats {
	return Stats{
		Sent: c.sent.v.Load(), Unsent: c.unsent.v.Load(),
		Received: c.received.v.Load(), Lost: c.lost.v.Load(), Late: c.late.v.Load(),
		Duplicates: c.duplicates.v.Load(), Strangers: c.strangers.v.Load(), Invalid: c.invalid.v.Load(),
		Jitter:     audio.Duration(int(c.jitter.v.Load())),
		Unrecorded: c.unrecorded.Load(),
	}
}

// EngineStats sums up an engine.
type EngineStats struct {
	Sessions     int // open now
	PortsInUse   int
	PortsResting int // released, and not yet to be used again; those that never were in use not counted
	Lateness     Lateness
}

// Lateness says how much after their time sessions were served.
type Lateness struct {
	Served  uint64                  // services in all, those left out for lateness too; each sends one packet
	Buckets [len(LateBounds)]uint64 // services no later than each bound, and later than the one before
	Max     time.Duration
}

// LateBounds are the upper bounds of Lateness.Buckets; what is later than the
// last one counts in Served alone.
var LateBounds = [...]time.Duration{
	250 * time.Microsecond, 500 * time.Microsecond, time.Millisecond, 2 * time.Millisecond,
	5 * time.Millisecond, 10 * time.Millisecond, 20 * time.Millisecond, 50 * time.Millisecond,
}

// Over returns the share of services that were later than d, which is one of
// LateBounds.
func (l Lateness) Over(d time.Duration) float64 {
	if l.Served == 0 {
		return 0
	}
	in := uint64(0)
	for i, b := range LateBounds {
		if b <= d {
			in += l.Buckets[i]
		}
	}
	return float64(l.Served-in) / float64(l.Served)
}

// lateness is a wheel's histogram.
type lateness struct {
	served  counter
	buckets [len(LateBounds)]counter
	max     counter
}

// add counts a service that was late by d, after missed ones that were left
// out; these are in no bucket.
func (l *lateness) add(d time.Duration, missed int) {
	l.served.add(1 + uint64(missed))
	d += time.Duration(missed) * framePeriod
	if uint64(max(d, 0)) > l.max.v.Load() {
		l.max.set(uint64(d))
	}
	for i, b := range LateBounds {
		if d <= b {
			l.buckets[i].add(1)
			return
		}
	}
}

func (l *lateness) addTo(t *Lateness) {
	t.Served += l.served.v.Load()
	t.Max = max(t.Max, time.Duration(l.max.v.Load()))
	for i := range l.buckets {
		t.Buckets[i] += l.buckets[i].v.Load()
	}
}

// Stats sums up the engine as it is now.
func (e *Engine) Stats() EngineStats {
	var s EngineStats
	for _, w := range e.wheels {
		s.Sessions += int(w.sessions.Load())
		w.late.addTo(&s.Lateness)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	s.PortsInUse = e.ports.inUse
	s.PortsResting = e.ports.resting(time.Now())
	return s
}
