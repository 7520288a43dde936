package progress

const (
	beepLow, beepHigh = 350.0, 2200.0
	beepLeast         = 0.14 // seconds, as measured: one of 160 ms may lose a packet's edge
	beepMost          = 3.5
	beepRipple        = 1.2 // decibels from frame to frame: a machine's beep keeps its level
	beepDrop          = 6.0 // decibels by which the sound falls at its end
	beepAlone         = 0.5 // seconds before it without another tone
	beepSpeech        = 15  // frames of speech before it that make it a machine's at once
	beepWait          = 12  // frames of silence after one that nobody spoke before
)

// pendingBeep is a beep that nobody spoke before. It may be the first of a
// network's tones, so a short silence must follow.
type pendingBeep struct {
	burst burst
	wait  int
}

// isBeep reports whether a burst that fell into silence is the beep of a
// machine. before is the one that preceded it, if there was one.
func isBeep(b, before *burst, fell bool, after float32) bool {
	if !fell || !b.pure() || b.hz < beepLow || b.hz > beepHigh || b.length < beepLeast || b.length > beepMost {
		return false
	}
	if b.ripple > beepRipple || b.level-after < beepDrop {
		return false
	}
	return before == nil || float32(b.start)*0.02-before.end() > beepAlone
}

// ofNetwork reports whether hz is one that networks ring and are busy with, or
// that begins a special information tone or belongs to a fax.
func ofNetwork(hz float32) bool {
	for _, f := range [...]float32{350, 400, 425, 440, 450, 480, 950, 1100, 2100} {
		if abs(hz-f) < cadenceHz {
			return true
		}
	}
	return false
}
