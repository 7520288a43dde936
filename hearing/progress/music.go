package progress

const (
	musicLeast = 75   // sounding frames (1.5 s) before anything is called music
	musicHeld  = 0.56 // share of them that holds the pitch of the frame before
	heldHz     = 5.0
	heldShare  = 0.25 // of the power, in the peak that is held
)

// music tells sustained sound with notes from speech: notes hold their pitch
// for a tenth of a second and more, voices glide.
type music struct {
	frames, held int
	hz           float32 // of the frame before; 0: none
}

func (m *music) hear(p *peaks, sounds bool) {
	if !sounds {
		m.hz = 0
		return
	}
	m.frames++
	if m.hz > 0 && p.share >= heldShare && abs(p.hz-m.hz) < heldHz {
		m.held++
	}
	m.hz = p.hz
}

// share of the sounding frames that hold a pitch.
func (m *music) share() float32 { return float32(m.held) / float32(max(m.frames, 1)) }

// plays reports whether what was heard so far is music.
func (m *music) plays() bool { return m.frames >= musicLeast && m.share() >= musicHeld }
