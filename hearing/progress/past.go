package progress

// pastFrames is how much is judged anew, 5.1 s: who speaks longer has been
// judged by then.
const pastFrames = 256

// past is the level of each frame of late. What is speech can only be told
// beside all else that was heard: a babble that comes first is louder than any
// silence, and weaker than the voice that comes later; a weak syllable is speech
// in a quiet room and nothing beside a road. So until it is known who is there,
// the whole past is judged anew with every frame.
type past struct {
	n     int
	level [pastFrames]uint8 // half decibels above pastLowest
	mute  [pastFrames]bool  // no sound to judge by: a tone, nothing that came
	weak  [pastFrames]bool  // behind a voice, not one: the line's noise, our own echo
	clear float64           // decibels of the voice above what was heard before it

	low, high    uint8 // the level below which two frames fell, and the one that three held
	gone         uint8 // what high was of frames that are forgotten
	rough, close measured
	before       uint8 // the level that most frames before the first word don't exceed
	first        int   // the frame that was taken for
}

// measured is what was said if all that is louder than bar is speech.
type measured struct {
	bar uint8
	of  int // frames
	talk
}

const (
	pastLowest = -80.0
	pastRoom   = pastFrames / 4 // that the oldest make for new ones
	decibel    = 2              // levels to a decibel

	pastTone  = 15  // frames of one pitch (300 ms) that are no vowel, not even a machine's
	pastFirst = 6   // frames before the first word that tell what is heard behind it
	pastMost  = 0.6 // share of them that are no louder than that

	// The voice lies between the loudest of it and what was heard before it, at
	// pastSpan of the way down, pastWeak decibels at most; belowPeak at least,
	// but not within pastOver of what was heard before.
	pastSpan = 0.6
	pastWeak = 22
	pastOver = 1.5
	pastNear = 8 // decibels below the loudest that are speech in any case
)

// add takes a frame, which mute says is no sound to judge by, and weak that it
// can only be what is heard behind a voice.
func (p *past) add(db float32, mute, weak bool) {
	if p.n == pastFrames {
		p.gone = p.high
		p.keep(pastFrames - pastRoom)
	}
	p.level[p.n] = uint8(decibel * max(0, min(db-pastLowest, -pastLowest)))
	p.mute[p.n], p.weak[p.n] = mute, weak
	p.n++
	p.stretch(p.n - 1)
}

// last returns the level of the last frame; false: there was none.
func (p *past) last() (db float32, ok bool) {
	if p.n == 0 {
		return 0, false
	}
	return float32(p.level[p.n-1])/decibel + pastLowest, true
}

// stretch lets the bounds take in frame i.
func (p *past) stretch(i int) {
	if i < 2 || p.mute[i] || p.mute[i-1] || p.mute[i-2] {
		return
	}
	a, b, c := p.level[i], p.level[i-1], p.level[i-2]
	p.low = min(p.low, max(a, b))
	if !p.weak[i] && !p.weak[i-1] && !p.weak[i-2] {
		p.high = max(p.high, min(a, b, c))
	}
}

// again forgets what was measured, not what was heard.
func (p *past) again() {
	p.low, p.high, p.first = 255, p.gone, 0
	p.rough, p.close = measured{}, measured{}
	for i := range p.n {
		p.stretch(i)
	}
}

// keep forgets all but the last n frames.
func (p *past) keep(n int) {
	n = min(n, p.n)
	copy(p.level[:], p.level[p.n-n:p.n])
	copy(p.mute[:], p.mute[p.n-n:p.n])
	copy(p.weak[:], p.weak[p.n-n:p.n])
	p.n = n
	p.again()
}

// tone says that the last n frames were a tone.
func (p *past) tone(n int) {
	news := false
	for i := max(0, p.n-n); i < p.n; i++ {
		news = news || !p.mute[i]
		p.mute[i] = true
	}
	if news {
		p.again()
	}
}

// talk measures what was said; frames are counted from the oldest that is known.
func (p *past) talk() talk {
	if p.high <= p.low {
		return talk{}
	}
	low, high := float32(p.low), float32(p.high)
	least := max(low+aboveFloor*decibel, decibel*(levelSilent-pastLowest))
	t := p.measure(&p.rough, max(high-belowPeak*decibel, least))
	if t.spoken == 0 || t.began < pastFirst {
		p.clear = float64(high-low) / decibel
		return *t
	}
	if p.first != t.began {
		p.first, p.before = t.began, p.usual(t.began-1)
	}
	before := float32(p.before)
	p.clear = float64(high-before) / decibel
	below := max(min(pastSpan*(high-before), pastWeak*decibel), belowPeak*decibel)
	bar := max(high-below, min(before+pastOver*decibel, high-pastNear*decibel))
	return *p.measure(&p.close, max(bar, least))
}

// measure counts as speech what is louder than bar. Only when that changes must
// it begin with the oldest frame again.
func (p *past) measure(m *measured, bar float32) *talk {
	if b := uint8(bar); b != m.bar || m.of >= p.n {
		*m = measured{bar: b}
	}
	for ; m.of < p.n; m.of++ {
		level := p.level[m.of]
		m.hear(m.of, level > m.bar && !p.mute[m.of] && !p.weak[m.of], float32(level)/decibel+pastLowest)
	}
	return &m.talk
}

// usual is the level that most of the first n frames don't exceed.
func (p *past) usual(n int) uint8 {
	var count [decibel*-pastLowest + 1]int
	all := 0
	for i := range n {
		if !p.mute[i] {
			count[p.level[i]]++
			all++
		}
	}
	most := int(float32(all) * pastMost)
	for l, c := range count {
		if most -= c; most < 0 {
			return uint8(l)
		}
	}
	return 0
}

// swells counts how often the level has risen to a peak and fallen by 4 dB
// again since frame from: syllables, roughly.
func (p *past) swells(from int) (n int) {
	const least = 4 * decibel
	low, high, rising := 255, 0, true
	for _, level := range p.level[min(max(from, 0), p.n):p.n] {
		v := int(level)
		if rising {
			high = max(high, v)
			if v < high-least {
				n++
				rising, low = false, v
			}
			continue
		}
		low = min(low, v)
		if v > low+least {
			rising, high = true, v
		}
	}
	return n
}
