package prints

import (
	"errors"
	"fmt"
	"math"
	"time"

	"dozvon/audio"
)

const (
	softest   = 0.03             // of the loudest frame's level (-30 dB): what is softer is a pause
	faintest  = 40.0             // root mean square: what is softer than that is silence anyhow
	longest   = 30 * time.Second // of an announcement: what follows repeats it, or is something else
	margin    = 100 * time.Millisecond
	steadyFor = 15   // frames that make steady sound a tone
	steadyLag = 5    // frames apart that are compared
	alikeness = 0.99 // cosine of the bands' powers of a tone, then and now
	apartFor  = 75   // frames of silence after which something else begins: a repetition, or after ring-back the announcement
	noiseSpan = 5.0  // dB between loud and soft frames of mere noise
)

// Trim cuts an announcement out of a recording: the longest piece of sound
// between tones (ring-back, busy) and silences of 1.5 s, at most 30 s. The error says
// that there is nothing in it to be known again by, and what there is.
func Trim(pcm []int16) ([]int16, error) {
	levels, tones := survey(pcm)
	loud := 0.0
	for i, v := range levels {
		if !tones[i] {
			loud = max(loud, v)
		}
	}
	least := max(loud*softest, faintest)
	from, to, sound := 0, 0, 0
	heard, toned := 0, 0
	for i := 0; i < len(levels); {
		first, last, n := -1, -1, 0
		for ; i < len(levels) && !tones[i] && (last < 0 || i-last < apartFor); i++ {
			if levels[i] >= least {
				if first < 0 {
					first = i
				}
				last = i
				n++
			}
		}
		if heard += n; n > sound {
			from, to, sound = first, last+1, n
		}
		for ; i < len(levels) && tones[i]; i++ {
			toned++
		}
	}
	if err := judge(levels[from:to], heard, toned, least); err != nil {
		return nil, err
	}
	a := max(0, from*audio.FrameSamples-audio.Samples(margin))
	b := min(len(pcm), to*audio.FrameSamples+audio.Samples(margin), a+audio.Samples(longest))
	return pcm[a:b], nil
}

// survey returns for every frame its level and whether it belongs to a tone.
func survey(pcm []int16) (levels []float64, tones []bool) {
	var l listener
	var then [steadyLag][bands]float64
	run := 0
	for i := 0; len(pcm) >= audio.FrameSamples; i, pcm = i+1, pcm[audio.FrameSamples:] {
		f := (*[audio.FrameSamples]int16)(pcm)
		l.hear(f)
		levels, tones = append(levels, audio.RMS(f[:])), append(tones, false)
		if levels[i] >= faintest && steady(&then[i%steadyLag], &l.second.sum) {
			run++
		} else {
			run = 0
		}
		then[i%steadyLag] = l.second.sum
		if run >= steadyFor {
			// It was steady for as long as the sums reach back, too.
			for k := max(0, i-steadyFor-steadyLag-warmup); k <= i; k++ {
				tones[k] = true
			}
		}
	}
	return levels, tones
}

// steady reports whether the powers of the bands are what they were.
func steady(a, b *[bands]float64) bool {
	var ab, aa, bb float64
	for i := range bands {
		ab += a[i] * b[i]
		aa += a[i] * a[i]
		bb += b[i] * b[i]
	}
	return ab > alikeness*math.Sqrt(aa*bb) && aa < 2*bb && bb < 2*aa
}

// judge says why what was found is no announcement. heard are the frames of
// sound that is no tone, toned those of tones.
func judge(levels []float64, heard, toned int, least float64) error {
	if heard == 0 && toned == 0 {
		return errors.New("there is nothing but silence in it; record the announcement itself")
	}
	if heard < needed && toned > 0 {
		return fmt.Errorf("there is hardly anything but tones in it (%v of speech); tones are known without being learned, an announcement has words",
			time.Duration(heard)*audio.FrameTime)
	}
	sounding, low, high := 0, math.Inf(1), 0.0
	for _, v := range levels {
		if v >= least {
			sounding++
		}
		low, high = min(low, v), max(high, v)
	}
	if sounding < needed || len(levels) < span {
		return fmt.Errorf("there is only %v of speech in it, and 2 s are needed to know it again; record more of it",
			time.Duration(sounding)*audio.FrameTime)
	}
	if high < low*math.Pow(10, noiseSpan/20) {
		return errors.New("it is as loud all the time as noise is, and as speech never is; record the announcement itself")
	}
	return nil
}

// needed is how many words of sound a print must have, some more than a match
// asks for.
const needed = enough + 15

// check says why a print is of no use.
func (p Print) check() error {
	if len(p.words) < span || p.Sound() < needed*audio.FrameTime {
		return fmt.Errorf("there is only %v of speech in it, and 2 s are needed to know it again; record more of it", p.Sound())
	}
	for shift := warmup + 1; shift <= 3*warmup; shift++ {
		wrong, of := 0, 0
		for i := shift; i < len(p.words); i++ {
			if p.counts(i) && p.counts(i-shift) {
				wrong += apart(p.words[i], p.words[i-shift])
				of += wordBits
			}
		}
		if of > enough*wordBits && float64(wrong) < Near*float64(of) {
			return errors.New("it sounds the same all the time, as signals do and speech does not; it would be found where it isn't")
		}
	}
	return nil
}

// Find names every announcement of the library that is heard in pcm, in the
// order in which a call would hear them.
func (l *Library) Find(pcm []int16) (found []Match) {
	m := NewMatcher(l)
	for ; len(pcm) >= audio.FrameSamples; pcm = pcm[audio.FrameSamples:] {
		if match, ok := m.Hear(audio.Frame{PCM: pcm[:audio.FrameSamples]}); ok {
			found = append(found, match)
		}
	}
	return found
}

// nearest is the announcement of the library that is most like pcm, nil if
// none is found in it.
func (l *Library) nearest(pcm []int16) (best *Match) {
	for _, m := range l.Find(pcm) {
		if best == nil || m.Distance < best.Distance {
			best = &m
		}
	}
	return best
}
