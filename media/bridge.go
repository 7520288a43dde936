package media

import (
	"sync"
	"time"
)

// Joined is a bridge between two sessions: each sends what the other hears.
// Their laws may differ. Keys are still reported, and not passed on;
// recordings go on; what plays on either side waits until the bridge closes.
type Joined struct {
	a, b       *Session
	aToB, bToA *pipe
	once       sync.Once
}

// Bridge joins two sessions. A session that is bridged already joins the new
// bridge and leaves the old one's other side in silence.
func Bridge(a, b *Session) *Joined {
	j := &Joined{a: a, b: b, aToB: new(pipe), bToA: new(pipe)}
	a.join(j.bToA, j.aToB)
	b.join(j.aToB, j.bToA)
	return j
}

// Close parts the sessions; each goes on with what its player holds. It does
// nothing to a session that has joined another bridge since, and nothing when
// called again.
func (j *Joined) Close() {
	j.once.Do(func() {
		j.a.part(j.bToA)
		j.b.part(j.aToB)
	})
}

func (s *Session) join(in, out *pipe) {
	s.post(func(time.Time) {
		s.bridgeIn, s.bridgeOut = in, out
		s.jitter.setDepth(depthBridged)
	})
}

func (s *Session) part(in *pipe) {
	s.post(func(time.Time) {
		if s.bridgeIn != in {
			return
		}
		s.bridgeIn, s.bridgeOut = nil, nil
		s.jitter.setDepth(depthAlone)
	})
}
