// Package lossy is a bad network for tests: a path that loses, delays,
// reorders and repeats packets by a seed, a UDP relay over loopback that puts
// such a path between two programs, and a measure of what speech suffers on
// the way. The relay keeps real time, as a network does; Path reads no clock,
// for tests that have a time of their own. Nothing but
// tests and simulated subscribers may use it.
package lossy

import (
	"math/rand/v2"
	"time"
)

// Network says how bad a path is.
type Network struct {
	Loss      float64       // share of packets that never arrive, 0 to 1
	Burst     float64       // how many packets in a row are lost on average; up to 1: each by itself
	Duplicate float64       // share of packets that arrive twice
	Reorder   float64       // share of packets that are held back by ReorderBy, so that later ones overtake them
	Delay     time.Duration // of every packet
	Jitter    time.Duration // greatest further delay; each packet's own is random
	Seed      uint64
}

// ReorderBy is how long a reordered packet is held back: two packets' time.
const ReorderBy = 50 * time.Millisecond

// Path decides the fate of the packets of one direction.
type Path struct {
	network Network
	random  *rand.Rand
	losing  bool // the last packet was lost
}

// Path returns one direction of the network; directions with different
// numbers have different fates.
func (n Network) Path(direction uint64) *Path {
	return &Path{network: n, random: rand.New(rand.NewPCG(n.Seed, direction))}
}

// Next returns how long each copy of the next packet travels; none: it is
// lost.
func (p *Path) Next() []time.Duration {
	if p.losing = p.random.Float64() < p.chance(); p.losing {
		return nil
	}
	copies := []time.Duration{p.delay()}
	if p.random.Float64() < p.network.Duplicate {
		copies = append(copies, p.delay())
	}
	return copies
}

// chance is how likely the next packet is lost: the two states of Gilbert's
// channel, of which one loses everything (Bell System Technical Journal 39,
// 1960).
func (p *Path) chance() float64 {
	n := p.network
	switch {
	case n.Burst <= 1 || n.Loss >= 1:
		return n.Loss
	case p.losing:
		return 1 - 1/n.Burst
	}
	return min(n.Loss/(1-n.Loss)/n.Burst, 1)
}

func (p *Path) delay() time.Duration {
	d := p.network.Delay + time.Duration(p.random.Float64()*float64(p.network.Jitter))
	if p.random.Float64() < p.network.Reorder {
		d += ReorderBy
	}
	return d
}
