package progress

import (
	"time"

	"dozvon/hearing"
)

// First looks at the first utterance of a call with a recogniser: does it sound
// like what people say who pick up a telephone, or like the beginning of an
// announcement? One First serves one Listener, which calls it.
type First interface {
	// Keep takes each frame from the answer on. It must not block and must
	// keep nothing of the frame but a copy.
	Keep(f hearing.Frame)
	// Look asks for the odds of what was said so far. It must not block; where
	// no recogniser is free nothing may follow.
	Look(s Said)
	// Odds returns the natural logarithm of the odds of a person, once for each
	// look; false: there is none yet.
	Odds() (float64, bool)
}

// Said is what was said so far, up to a pause. Times are in frames of 20 ms.
type Said struct {
	Began   int     // how long ago it began
	Pause   int     // the silence at its end
	Spoken  int     // of speech, pauses up to 240 ms included
	Longest int     // pause before the last
	Words   int     // stretches of sound with 60 ms or more between
	Swells  int     // times that the level rises to a peak: syllables, roughly
	Clear   float64 // decibels of the voice above what was heard before it
}

// What the odds make of the patience, tuned on the development half of the
// corpus: firstUsual at even odds, less firstStep for each unit, within bounds.
const (
	firstUsual = 1120 * time.Millisecond
	firstStep  = 540 * time.Millisecond
	firstLeast = 380 * time.Millisecond
	firstLimit = 1150 * time.Millisecond
	// lateOdds are the odds below which it was a machine, once there is no time
	// to wait any longer.
	lateOdds = -2.5
)

const (
	firstPause = 10  // frames of silence at which it is looked at, 200 ms
	firstMost  = 120 // frames of speech: what is longer is judged by its length
)

// glance is what speech of this length sounded like.
type glance struct {
	of   int // frames of speech; 0: it was not looked at
	odds float64
}

// keep hands a frame on while nobody knows who is there.
func (l *Listener) keep(f hearing.Frame) {
	if l.opt.First == nil || !l.answered {
		return
	}
	if l.said.who != "" {
		l.opt.First = nil
		return
	}
	l.opt.First.Keep(f)
	if odds, ok := l.opt.First.Odds(); ok && odds == odds {
		l.said.glance = glance{l.anew.spoken, odds}
	}
}

// look weighs what was said early in each pause of the first sentences: by how
// it was said, and by what First makes of it, once it does.
func (l *Listener) look() {
	t := &l.anew
	if !l.answered || l.said.who != "" || t.pause != firstPause || t.spoken < wordLeast || t.spoken > firstMost {
		return
	}
	s := Said{l.at - t.began, t.pause, t.spoken, t.longest, t.words, l.past.swells(l.past.n - 1 - (l.at - t.began)), l.past.clear}
	l.said.glance = glance{t.spoken, s.odds()}
	if l.opt.First != nil {
		l.opt.First.Look(s)
	}
}

// glanced returns the odds of all that was said so far; false: nobody has
// looked at it since more was said.
func (l *Listener) glanced() (float64, bool) {
	g := &l.said.glance
	return g.odds, g.of > 0 && g.of == l.anew.spoken
}

// firstPatience is the silence that makes a person of speech with these odds.
func firstPatience(odds float64) time.Duration {
	less := time.Duration(max(-9, min(odds, 9)) * float64(firstStep))
	return min(max(firstUsual-less, firstLeast), firstLimit)
}
