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
	Invalid    uint64        // no RTP, not under the key of the call, an unknown payload type, or out of any order
	Jitter     time.Duration // RFC 3550 A.8, as seen every 20 ms
	Reports    uint64        // of the far end (RTCP) that were understood

	// Loss is the share of the far end's packets that were not heard: lost, or
	// too late; 0 to 1.
	Loss float64
	// FarLoss and FarJitter are what the far end's last report says of our
	// packets, if FarKnown: the share of all that it missed, and the variation
	// of their time (RFC 3550 6.4.1).
	FarKnown  bool
	FarLoss   float64
	FarJitter time.Duration
	// RoundTrip is the way there and back, by the far end's last report; 0: not
	// known. If RTCP shares the port of the sound it may be 20 ms too long.
	RoundTrip time.Duration
	// MOS is the mean opinion score of what was heard here, 1 to 4.5, by the
	// E-model (ITU-T G.107) for G.711 with concealment: from Loss, half the
	// RoundTrip and what the jitter buffer adds. 0: less than a second came.
	MOS float64

	Unrecorded uint64 // frames missing in the recording because the disk was slow or full
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
	buffered   counter // samples that wait to be heard
	reports    counter
	farKnown   counter // 1: farLoss and farJitter are
	farLoss    counter // packets of a million
	farJitter  counter // nanoseconds
	roundTrip  counter // nanoseconds
	unrecorded atomic.Uint64
}

func (c *counters) stats() Stats {
	st := Stats{
		Sent: c.sent.v.Load(), Unsent: c.unsent.v.Load(),
		Received: c.received.v.Load(), Lost: c.lost.v.Load(), Late: c.late.v.Load(),
		Duplicates: c.duplicates.v.Load(), Strangers: c.strangers.v.Load(), Invalid: c.invalid.v.Load(),
		Jitter:     audio.Duration(int(c.jitter.v.Load())),
		Unrecorded: c.unrecorded.Load(),
		Reports:    c.reports.v.Load(),
		FarKnown:   c.farKnown.v.Load() != 0,
		FarLoss:    float64(c.farLoss.v.Load()) / 1e6,
		FarJitter:  time.Duration(c.farJitter.v.Load()),
		RoundTrip:  time.Duration(c.roundTrip.v.Load()),
	}
	st.judge(audio.Duration(int(c.buffered.v.Load())))
	return st
}

// enough is how many packets must have come for a judgement.
const enough = 50

// judge fills in what follows from the rest, where the jitter buffer holds
// sound for so long.
func (s *Stats) judge(buffered time.Duration) {
	expected := s.Received + s.Lost
	if expected == 0 {
		return
	}
	s.Loss = min(1, float64(s.Lost+s.Late)/float64(expected))
	if s.Received >= enough {
		s.MOS = meanOpinion(rating(s.Loss, s.RoundTrip/2+buffered+framePeriod))
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
