package media

import (
	"sync"
	"time"

	"dozvon/audio"
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
		s.bridgeIn, s.bridgeOut, s.mixIn, s.mixOut, s.onHold = in, out, nil, nil, false
		s.jitter.setDepth(depthBridged)
	})
}

func (s *Session) part(in *pipe) {
	s.post(func(time.Time) {
		if s.bridgeIn != in {
			return
		}
		s.unbridge()
	})
}

func (s *Session) unbridge() {
	s.bridgeIn, s.bridgeOut, s.mixIn, s.mixOut, s.onHold = nil, nil, nil, nil, false
	s.jitter.setDepth(depthAlone)
}

// Hold lets a bridged far end hear what its session plays instead of the
// bridge, or silence if nothing plays; what it says still goes to the others.
// A new bridge ends it.
func (s *Session) Hold(on bool) { s.post(func(time.Time) { s.onHold = on }) }

// passOn gives a received frame to the others of a bridge. What a far end
// sends while it holds the call (its own music) is for nobody.
func (s *Session) passOn(rx *[frameBytes]byte) {
	if s.remote.Inactive {
		return
	}
	if s.bridgeOut != nil {
		s.bridgeOut.put(s.remote.Law, rx)
	}
	if s.mixOut != nil {
		s.mixOut.put(s.remote.Law, rx)
	}
}

// fromBridge fills the frame to send with what the others of a bridge say. It
// is taken in every period, also where something else is sent, so that
// nothing old waits.
func (s *Session) fromBridge(law audio.Law) {
	if s.mixIn == nil || s.mixIn.empty() { // two parties, or the third is not heard: nothing to add up
		if !s.bridgeIn.take(law, s.sent[:]) {
			audio.FillSilence(law, s.sent[:])
		}
		return
	}
	sum, more := s.wheel.mix[0][:], s.wheel.mix[1][:]
	s.mixIn.decode(more)
	if s.bridgeIn.decode(sum) {
		audio.Mix(sum, more)
	} else {
		sum = more
	}
	audio.Encode(law, s.sent[:], sum)
}
