package media

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// portPool hands out even ports, the one released longest ago first, and lets
// a released port rest so that late packets of its last call find nobody. It
// reads no clock.
type portPool struct {
	free  []restingPort // in the order in which they will be handed out
	inUse int
	first int
	last  int
	drain time.Duration
}

type restingPort struct {
	port  uint16
	until time.Time
}

func newPortPool(first, last int, drain time.Duration) (*portPool, error) {
	if first == 0 && last == 0 {
		first, last = 16384, 32766
	}
	if first < 1024 || last > 65535 || first+first%2 > last {
		return nil, fmt.Errorf("media: RTP ports %d to %d; give a range within 1024 to 65535 that holds an even port", first, last)
	}
	p := &portPool{first: first, last: last, drain: drain}
	for port := first + first%2; port <= last; port += 2 {
		p.free = append(p.free, restingPort{port: uint16(port)})
	}
	// Another start each time: after a restart, packets of the calls before
	// the crash don't meet the first calls after it.
	k := rand.IntN(len(p.free))
	p.free = append(p.free[k:], p.free[:k:k]...)
	return p, nil
}

// take returns a port that has rested.
func (p *portPool) take(now time.Time) (uint16, error) {
	if len(p.free) == 0 || p.free[0].until.After(now) {
		return 0, fmt.Errorf("media: no RTP port is free: %d in use and %d resting of the range %d to %d; widen the range or allow fewer calls",
			p.inUse, len(p.free), p.first, p.last)
	}
	port := p.free[0].port
	p.free = p.free[1:]
	p.inUse++
	return port, nil
}

// release gives a port back.
func (p *portPool) release(port uint16, now time.Time) {
	p.inUse--
	p.free = append(p.free, restingPort{port, now.Add(p.drain)})
}

// resting returns how many released ports can't be handed out yet.
func (p *portPool) resting(now time.Time) int {
	n := 0
	for i := len(p.free) - 1; i >= 0 && p.free[i].until.After(now); i-- {
		n++
	}
	return n
}
