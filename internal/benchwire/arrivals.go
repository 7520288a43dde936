package benchwire

import "time"

const (
	frame  = 20 * time.Millisecond
	sample = time.Second / 8000

	// inTime is how much after its time a packet may come and still count as
	// one that left in time: on loopback a packet needs microseconds.
	inTime = 5 * time.Millisecond

	// window is after how many packets a stream's time base is found anew, so
	// that two clocks that drift apart are not taken for lateness.
	window = 250
)

// stream follows the packets of one call as they come.
type stream struct {
	known    bool
	seq      uint16
	last     time.Duration
	first    time.Duration // arrival and timestamp of the first packet:
	firstTS  uint32        // transits count from here
	base     time.Duration // the least transit lately: what a packet in time needs
	next     time.Duration // the least in this window
	n        int
	lastTime uint32
}

// add takes the arrival of a packet and adds to the tally.
func (s *stream) add(at time.Duration, seq uint16, ts uint32, t *tally) {
	if !s.known {
		*s = stream{known: true, seq: seq, last: at, first: at, firstTS: ts, lastTime: ts}
		return
	}
	step := int16(seq - s.seq)
	if step <= 0 {
		t.Disordered++
		return
	}
	t.Packets++
	t.Missing += uint64(step - 1)
	if step == 1 {
		t.spacing.add(at - s.last)
	}
	transit := at - s.first - time.Duration(int32(ts-s.firstTS))*sample
	s.base, s.next = min(s.base, transit), min(s.next, transit)
	if transit-s.base > inTime {
		t.Late++
	}
	t.Worst = max(t.Worst, transit-s.base)
	if s.n++; s.n%window == 0 {
		s.base, s.next = s.next, transit
	}
	s.seq, s.last, s.lastTime = seq, at, ts
}

// tally sums up the packets of all calls.
type tally struct {
	Packets    uint64        // that came, without the first of each call
	Missing    uint64        // that never came
	Disordered uint64        // that came twice or after a later one
	Late       uint64        // that came more than 5 ms after their time
	Worst      time.Duration // the latest
	spacing    spread
}

const (
	spreadStep  = 50 * time.Microsecond
	spreadSteps = 4000 // 200 ms; more counts as that
)

// spread is a histogram of times.
type spread struct {
	n     uint64
	count [spreadSteps]uint32
}

func (h *spread) add(d time.Duration) {
	h.n++
	h.count[min(max(d/spreadStep, 0), spreadSteps-1)]++
}

// quantile returns the time that a share q of all does not exceed.
func (h *spread) quantile(q float64) time.Duration {
	rank, sum := uint64(q*float64(h.n)), uint64(0)
	for i, n := range h.count {
		if sum += uint64(n); sum > rank {
			return time.Duration(i) * spreadStep
		}
	}
	return 0
}
