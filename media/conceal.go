package media

import "dozvon/audio"

// Limits of the concealment, after those of ITU-T G.711 Appendix I.
const (
	pitchLeast  = 40                      // samples, 5 ms: 200 Hz; a higher voice is found at a multiple
	pitchMost   = 120                     // samples, 15 ms: 67 Hz
	pitchWindow = 160                     // samples compared, 20 ms
	pastBytes   = pitchMost + pitchWindow // what must be known of the sound before a loss
	fadeFrom    = 80                      // samples, 10 ms: until then at full strength
	fadeTo      = 480                     // samples, 60 ms: silence from then on
	joinMost    = 80                      // samples, 10 ms: the longest blend back into the sound
)

// concealer fills in for sound that never came, in the spirit of ITU-T G.711
// Appendix I: the last period of the voice goes on and on, and fades. It is
// asked only when something is missing.
type concealer struct {
	pitch   int // length of the period; 0: nothing is missing
	elapsed int // samples since the loss began
	step    int // from where the sound broke off to where the period begins
	period  [pitchMost]int16
}

func (c *concealer) active() bool { return c.pitch != 0 }
func (c *concealer) stop()        { c.pitch = 0 }

// begin takes the sound before a loss, pastBytes of it.
func (c *concealer) begin(law audio.Law, past []byte) {
	var pcm [pastBytes]int16
	audio.Decode(law, pcm[:], past)
	p := pitch(&pcm)
	last := pcm[pastBytes-p:]
	copy(c.period[:], last)
	// The end of the period blends into what came before its beginning, so
	// that it can be repeated without a click.
	seam := p / 4
	for i := range seam {
		at := p - seam + i
		before := int(pcm[pastBytes-p-seam+i])
		c.period[at] = int16((int(last[at])*(seam-i) + before*i) / seam)
	}
	c.step = int(pcm[pastBytes-1]) - int(pcm[pastBytes-1-p])
	c.pitch, c.elapsed = p, 0
}

// pitch returns the lag at which the sound is most like itself: where the
// correlation of its end with what was that much earlier, squared, is the
// greatest share of the latter's energy. Every second sample of the end
// serves.
func pitch(pcm *[pastBytes]int16) int {
	best, found := 0.0, pitchMost
	now := pcm[pitchMost:]
	var energy [2]int64 // of every second sample, by the parity of the lag
	for lag := pitchLeast; lag <= pitchMost; lag++ {
		then := pcm[pitchMost-lag:][:pitchWindow]
		e := &energy[lag&1]
		if lag < pitchLeast+2 {
			for i := 0; i < pitchWindow; i += 2 {
				*e += int64(then[i]) * int64(then[i])
			}
		} else { // two samples earlier than the lag two before
			*e += int64(then[0])*int64(then[0]) - int64(pcm[pitchMost-lag+pitchWindow])*int64(pcm[pitchMost-lag+pitchWindow])
		}
		var dot int64
		for i := 0; i < pitchWindow; i += 2 {
			dot += int64(now[i]) * int64(then[i])
		}
		if dot <= 0 || *e == 0 {
			continue
		}
		if v := float64(dot) * float64(dot) / float64(*e); v > best {
			best, found = v, lag
		}
	}
	return found
}

// sample returns what stands for the sound i samples into the loss.
func (c *concealer) sample(i int) int {
	if i >= fadeTo {
		return 0
	}
	v := int(c.period[i%c.pitch])
	if seam := c.pitch / 4; i < seam {
		v += c.step * (seam - i) / seam
	}
	if i > fadeFrom {
		v = v * (fadeTo - i) / (fadeTo - fadeFrom)
	}
	return min(max(v, -1<<15), 1<<15-1)
}

// fill writes the next of it under law and reports whether it can be heard.
// If nothing is known of the sound before, that is silence.
func (c *concealer) fill(law audio.Law, dst []byte) bool {
	if !c.active() || c.elapsed >= fadeTo {
		audio.FillSilence(law, dst)
		return false
	}
	c.render(law, dst, c.elapsed)
	c.elapsed += len(dst)
	return true
}

// again writes what has been given out since the loss began.
func (c *concealer) again(law audio.Law, dst []byte) {
	if c.active() {
		c.render(law, dst[:min(len(dst), c.elapsed)], 0)
	}
}

func (c *concealer) render(law audio.Law, dst []byte, from int) {
	var pcm [frameBytes]int16
	for len(dst) > 0 {
		n := min(len(dst), len(pcm))
		for i := range n {
			pcm[i] = int16(c.sample(from + i))
		}
		audio.Encode(law, dst[:n], pcm[:n])
		dst, from = dst[n:], from+n
	}
}

// join blends from what was made up into the sound that has come again: over
// a quarter of a period, and 4 ms more for every 10 that were lost.
func (c *concealer) join(law audio.Law, b []byte) {
	if !c.active() {
		return
	}
	n := min(c.pitch/4+c.elapsed*4/10, joinMost, len(b))
	var pcm [joinMost]int16
	audio.Decode(law, pcm[:n], b)
	for i := range n {
		pcm[i] = int16((int(pcm[i])*(i+1) + c.sample(c.elapsed+i)*(n-i-1)) / n)
	}
	audio.Encode(law, b[:n], pcm[:n])
	c.stop()
}
