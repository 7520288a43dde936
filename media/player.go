package media

import (
	"slices"

	"dozvon/audio"
)

// player reads clips one after the other without a gap. Clips are shared and
// never copied; a player is a place in them.
//
// The end is announced as soon as less than a period is left, and that rest
// waits a period for the next Play: if it comes, its sound follows on the last
// sample, and not on the silence that would fill up the period.
type player struct {
	id    PlayID
	opt   PlayOptions
	clips []*audio.Clip
	first int // where a loop starts over
	clip  int // in clips
	at    int // in the clip
	told  bool
}

func (p *player) active() bool { return p.id != 0 }

// fill writes the next 20 ms under law and reports whether that was the end.
// What follows the end within the frame is silence.
func (p *player) fill(law audio.Law, dst []byte) (ended bool) {
	blank := 0 // clips in a row that gave nothing: a loop of empty clips must end
	for len(dst) > 0 {
		if p.clip == len(p.clips) {
			if !p.opt.Loop || blank >= len(p.clips)-p.first {
				audio.FillSilence(law, dst)
				return true
			}
			p.clip = p.first
		}
		n := copy(dst, p.clips[p.clip].Encoded(law)[p.at:])
		dst = dst[n:]
		p.at += n
		if n > 0 {
			blank = 0
		}
		if p.at == p.clips[p.clip].Len() {
			p.clip, p.at = p.clip+1, 0
			if n == 0 {
				blank++
			}
		}
	}
	return p.clip == len(p.clips) && !p.opt.Loop
}

// ending reports whether less than a period is left.
func (p *player) ending() bool {
	left := -p.at
	for _, c := range p.clips[p.clip:] {
		if left += c.Len(); left >= frameBytes {
			return false
		}
	}
	return !p.opt.Loop
}

// then returns a player of clips that begins with what p has left after its
// end was announced.
func (p *player) then(next player) player {
	if !p.told {
		return next
	}
	rest := p.clips[p.clip:]
	next.clips, next.first, next.at = slices.Concat(rest, next.clips), len(rest), p.at
	return next
}
