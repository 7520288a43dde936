package media

import "dozvon/audio"

// player reads clips one after the other without a gap. Clips are shared and
// never copied; a player is a place in them.
type player struct {
	id    PlayID
	opt   PlayOptions
	clips []*audio.Clip
	clip  int // in clips
	at    int // in the clip
}

func (p *player) active() bool { return p.id != 0 }

// fill writes the next 20 ms under law and reports whether that was the end.
// What follows the end within the frame is silence.
func (p *player) fill(law audio.Law, dst []byte) (ended bool) {
	blank := 0 // clips in a row that gave nothing: a loop of empty clips must end
	for len(dst) > 0 {
		if p.clip == len(p.clips) {
			if !p.opt.Loop || blank >= len(p.clips) {
				audio.FillSilence(law, dst)
				return true
			}
			p.clip = 0
		}
		n := copy(dst, p.clips[p.clip].Encoded(law)[p.at:])
		dst = dst[n:]
		p.at += n
		if n > 0 {
			blank = 0
		}
		if p.at == len(p.clips[p.clip].PCM()) {
			p.clip, p.at = p.clip+1, 0
			if n == 0 {
				blank++
			}
		}
	}
	return p.clip == len(p.clips) && !p.opt.Loop
}
