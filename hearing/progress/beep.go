package progress

const (
	beepLow, beepHigh = 350.0, 2200.0
	beepLeast         = 0.14 // seconds, as measured: one of 160 ms may lose a packet's edge
	beepMost          = 3.5
	voiceHigh         = 450.0 // hertz that the pitch of a voice reaches: there a beep must be longer
	beepLong          = 0.185
	beepRipple        = 1.6 // decibels from frame to frame: a machine's beep keeps its level
	beepDrop          = 7.0 // decibels by which the sound falls at its end
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

// isBeep reports whether a burst, after which the level fell to after, is the
// beep of a machine. before is the one that preceded it, if there was one.
func isBeep(b, before *burst, after float32) bool {
	if !b.pure() || b.hz < beepLow || b.hz > beepHigh || b.length < beepLeast || b.length > beepMost {
		return false
	}
	if b.hz < voiceHigh && b.length < beepLong {
		return false
	}
	if b.ripple > beepRipple || b.level-after < beepDrop {
		return false
	}
	return before == nil || !before.note() || float32(b.start)*0.02-before.end() > beepAlone
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

// note reports whether a burst is a tone or a note of music rather than a
// vowel: it keeps its pitch and its level.
func (b *burst) note() bool {
	return b.length >= 0.2 && b.hz > 300 && b.spread < steadyHz && b.ripple < beepRipple
}

// network reports whether a burst may be one of a network's tones, even in
// noise: longer than a vowel, or a note, where networks have theirs.
func (b *burst) network() bool { return (b.length > 0.3 || b.note()) && ofNetwork(b.hz) }
