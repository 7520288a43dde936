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
	// Look asks for the odds of the speech that began that many frames before
	// the last one, and of which the last pause frames are silence. It must not
	// block; where no recogniser is free nothing may follow.
	Look(began, pause int)
	// Odds returns the natural logarithm of the odds of a person, once for each
	// look; false: there is none yet.
	Odds() (float64, bool)
}

// What the odds make of the patience, tuned on the development half of the
// corpus: firstUsual at even odds, less firstStep for each unit, within bounds.
const (
	firstPause = 10 // frames of silence at which it is looked at, 200 ms
	firstUsual = 1000 * time.Millisecond
	firstStep  = 180 * time.Millisecond
	firstLeast = 360 * time.Millisecond
	firstLimit = 1200 * time.Millisecond
	firstMost  = 110 // frames of speech: what is longer is judged by its length
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
		l.said.glance = glance{l.talk.spoken, odds}
	}
}

// look asks for the odds early in each pause of the first sentences.
func (l *Listener) look() {
	if t := &l.talk; l.opt.First != nil && l.answered && l.said.who == "" && t.pause == firstPause && t.spoken >= wordLeast && t.spoken <= firstMost {
		l.opt.First.Look(l.at-t.began, t.pause)
	}
}

// glanced returns the odds of all that was said so far; false: nobody has
// looked at it since more was said.
func (l *Listener) glanced() (float64, bool) {
	g := &l.said.glance
	return g.odds, g.of > 0 && g.of == l.talk.spoken && g.of <= firstMost
}

// firstPatience is the silence that makes a person of speech with these odds.
func firstPatience(odds float64) time.Duration {
	less := time.Duration(max(-9, min(odds, 9)) * float64(firstStep))
	return min(max(firstUsual-less, firstLeast), firstLimit)
}
