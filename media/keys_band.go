package media

import (
	"time"

	"dozvon/audio"
)

const (
	// A key has between 28 and 65 changes of sign in 20 ms (697 to 1633 Hz); a
	// voice mostly fewer, noise more. What is outside needs no closer look.
	keySignsLeast = 20
	keySignsMost  = 72
	keyLookOn     = 2 // frames looked at after the last that might be a key, so that its end is seen

	// eventWait is how long a key heard in the sound waits for its
	// telephone-event, 200 ms: the sound may run ahead of it.
	eventWait = 10
	// eventLate is for how long the event of a key that was taken from the
	// sound is that same key.
	eventLate = time.Second
)

// bandKeys finds keys in the sound of a far end that sends no
// telephone-events. Where they are agreed, and merely have not been seen yet,
// a key waits until its event would have come: there is never one key of both.
type bandKeys struct {
	found  audio.DTMF
	agreed bool
	look   int  // frames still to be looked at
	key    byte // that waits; 0: none
	wait   int  // periods
	last   byte // that was taken from the sound
	lastAt time.Time
}

// mayHoldKey reports whether a key can be in the frame, at little cost.
func mayHoldKey(frame *[frameBytes]byte) bool {
	signs := 0
	before := frame[0]
	for _, c := range frame {
		signs += int((c ^ before) >> 7)
		before = c
	}
	return signs >= keySignsLeast && signs <= keySignsMost
}

// looks reports whether a frame is worth a closer look.
func (k *bandKeys) looks(frame *[frameBytes]byte) bool {
	if mayHoldKey(frame) {
		k.look = keyLookOn + 1
	}
	k.look -= min(k.look, 1)
	return k.look > 0
}

// due returns the key that has waited for its event in vain.
func (k *bandKeys) due() byte {
	if k.key == 0 {
		return 0
	}
	if k.wait--; k.wait > 0 {
		return 0
	}
	key := k.key
	k.key = 0
	return key
}

// hearKeys listens for keys in the sound.
func (s *Session) hearKeys(now time.Time, rx *[frameBytes]byte) {
	k := s.inband
	if key := k.due(); key != 0 {
		s.bandKey(now, key)
	}
	if !k.looks(rx) {
		return
	}
	s.wheel.keys = k.found.Feed(s.wheel.decode(s.remote.Law, rx), s.wheel.keys[:0])
	for _, key := range s.wheel.keys {
		if !k.agreed {
			s.digit(now, key, 0)
			continue
		}
		if k.key != 0 {
			s.bandKey(now, k.key)
		}
		k.key, k.wait = key, eventWait
	}
}

// bandKey takes a key from the sound although events are agreed.
func (s *Session) bandKey(now time.Time, key byte) {
	s.inband.last, s.inband.lastAt = key, now
	s.digit(now, key, 0)
}

// eventKey takes a key from a telephone-event. From the first on, the sound is
// not listened to any more; the key that waits is this one, or one before it.
func (s *Session) eventKey(now time.Time, digit byte, held time.Duration) {
	if k := s.inband; k != nil {
		s.inband = nil
		if k.key != 0 && k.key != digit {
			s.digit(now, k.key, 0)
		}
		if k.key == 0 && k.last == digit && now.Sub(k.lastAt) < eventLate {
			return
		}
	}
	s.digit(now, digit, held)
}
