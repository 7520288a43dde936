package media

import "time"

const (
	framePeriod = 20 * time.Millisecond
	slotPeriod  = time.Millisecond
	slotCount   = int(framePeriod / slotPeriod)

	// maxLag is how far a wheel may fall behind and still make up for it by
	// sending faster; beyond, what was missed is left out.
	maxLag = 60 * time.Millisecond
)

// schedule says when which slot of a wheel is due. Slots are numbered from an
// epoch, so lateness never adds up: slot n is due at epoch + n ms, whatever
// happened before. Slot n serves the sessions of n modulo slotCount. It reads
// no clock.
type schedule struct {
	epoch time.Time
	next  int64 // the first slot not served yet
}

// due returns when a slot is due.
func (s *schedule) due(slot int64) time.Time {
	return s.epoch.Add(time.Duration(slot) * slotPeriod)
}

// skipTo leaves out every slot that was due before now.
func (s *schedule) skipTo(now time.Time) {
	if n := int64((now.Sub(s.epoch) + slotPeriod - 1) / slotPeriod); n > s.next {
		s.next = n
	}
}

// upcoming returns the next slot, not before s.next, for which occupied holds;
// -1 if there is none.
func (s *schedule) upcoming(occupied func(int) bool) int64 {
	for n := s.next; n < s.next+int64(slotCount); n++ {
		if occupied(int(n % int64(slotCount))) {
			return n
		}
	}
	return -1
}

// periods returns how many frame periods lie between two slots of a session.
func periods(from, to int64) int { return int((to - from) / int64(slotCount)) }
