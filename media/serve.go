package media

import (
	"time"

	"dozvon/audio"
)

// serve is a session's 20 ms: receive, hear, send, record, watch. It returns
// how many periods were left out before this one.
func (s *Session) serve(now time.Time, slot int64) (missed int) {
	missed = s.advance(slot)
	s.servedAt = now
	s.receive(now)
	rx := &s.wheel.rx
	sound := s.jitter.take(rx)
	s.hear(now, rx, sound)
	if missed > 0 {
		s.marker = true
	}
	if s.remote.Inactive || !s.reachable() {
		if s.bridgeIn != nil {
			s.fromBridge(s.remote.Law) // nobody hears it, and it must not wait for the resume
		}
		audio.FillSilence(s.remote.Law, s.sent[:])
		s.marker = true
		s.pack.drop()
	} else {
		s.transmit(now)
	}
	s.keep(rx)
	s.report(now)
	if s.watch.expired(now) {
		s.emit(Event{Kind: Dead, At: now})
	}
	return missed
}

// advance moves the session's clocks to the slot that is served, and returns
// how many periods were left out because the wheel fell behind.
func (s *Session) advance(slot int64) (missed int) {
	n := 1
	if s.lastSlot >= 0 {
		n = periods(s.lastSlot, slot)
	}
	s.lastSlot = slot
	s.ts += uint32(n) * frameBytes
	s.period += int64(n)
	return n - 1
}

// hear hands a received frame to those who want it.
func (s *Session) hear(now time.Time, rx *[frameBytes]byte, sound bool) {
	if sound {
		s.passOn(rx)
	}
	s.hearVoice(now, rx)
	if s.inband != nil {
		s.hearKeys(now, rx)
	}
	if len(s.listeners) > 0 {
		s.overhear(rx)
	}
}

// setRemote takes a new description of the far end.
func (s *Session) setRemote(r Remote, now time.Time) {
	if !s.ready || r.Law != s.remote.Law {
		s.jitter.reset(r.Law)
		audio.FillSilence(r.Law, s.sent[:]) // what was sent last is under the old law, or nothing
	}
	s.repack(r.Ptime, r.Law)
	s.secureWith(r.Crypto)
	r.Crypto = Crypto{} // the context has it
	s.remote, s.ready = r, true
	s.latch.expect(r.Addr)
	s.aim()
	s.reporting(r)
	s.watch.set(r.Watch && !r.Inactive, now)
	switch agreed := r.EventType != 0; {
	case !s.opt.InBand || agreed && s.events:
		s.inband = nil
	case s.inband == nil:
		s.inband = &bandKeys{agreed: agreed}
	default:
		s.inband.agreed = agreed
	}
}

// watch notices a call whose far end has fallen silent. It reads no clock.
type watch struct {
	after time.Duration
	on    bool
	since time.Time // of the start, or of the last packet
	fired bool
}

// set turns the watch on or off. What was before it was on does not count.
func (w *watch) set(on bool, now time.Time) {
	if on && !w.on {
		w.since = now
	}
	w.on = on
}

func (w *watch) alive(now time.Time) { w.since = now }

// expired reports, once, that nothing came for too long.
func (w *watch) expired(now time.Time) bool {
	if !w.on || w.fired || w.after <= 0 || now.Sub(w.since) < w.after {
		return false
	}
	w.fired = true
	return true
}
