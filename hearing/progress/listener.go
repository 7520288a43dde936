package progress

import (
	"time"

	"dozvon/audio"
	"dozvon/hearing"
)

// Listener hears one call. It belongs to one goroutine. Make it with New.
type Listener struct {
	opt Options

	old   [window - frameSamples]int16 // the end of the frame before
	floor floor
	loud  loudness
	tones tracker
	beats beats
	talk  talk
	past  past
	anew  talk // what the past was, by all that is known now
	music music
	beep  pendingBeep

	at       int // frame of this phase
	answered bool
	heard    int  // frames that sounded, of whatever
	filled   int  // frames in a row that never came
	sounds   bool // the last frame may have been speech
	quiet    int  // frames since the last tone ended
	before   talk // as it was when the tone that is on began
	began    int  // frame in which it began
	wasTone  bool // the last that ended was one
	isTone   bool // that tone is known for one

	said said
	out  []hearing.Verdict
	told int // verdicts of the call
}

// maxVerdicts bounds what one call can say, whatever it sounds like.
const maxVerdicts = 40

// New returns a listener that has heard nothing, before the answer.
func New(o Options) *Listener {
	o = o.withDefaults()
	l := &Listener{opt: o, beats: beats{home: o.Countries}, out: make([]hearing.Verdict, 0, 4)}
	l.past.again()
	return l
}

// Answer says that the call has been answered: the next frame is the first of
// the phase after. The line's noise is still known; what was said before
// counts only where it goes on through the answer, as the signal for that may
// come later than the word.
func (l *Listener) Answer() {
	if l.answered {
		return
	}
	old := l.talk
	if !old.on {
		old = talk{}
	}
	l.past.gone = 0
	l.past.keep(old.spoken + old.pause)
	l.answered, l.at, l.filled, l.quiet, l.heard, l.isTone = true, 0, 0, 0, 0, false
	l.tones, l.beats, l.talk, l.anew, l.music, l.beep = tracker{}, beats{home: l.opt.Countries}, talk{}, talk{}, music{}, pendingBeep{}
	l.said = said{}
	if old.on {
		l.talk = old
		l.talk.began, l.talk.start = 0, 0
	}
}

// Hear takes the next 20 ms and returns what has been decided with them,
// mostly nothing. The result is valid until the next call.
func (l *Listener) Hear(f hearing.Frame) []hearing.Verdict {
	l.out = l.out[:0]
	l.owed()
	l.keep(f)
	if f.Filled || len(f.PCM) < frameSamples {
		l.hearNothing()
	} else {
		l.hearSound((*[frameSamples]int16)(f.PCM), f.Echo)
	}
	l.wait()
	l.decide()
	l.look()
	l.at++
	return l.out
}

// hearSound takes a frame that came.
func (l *Listener) hearSound(pcm *[frameSamples]int16, echo uint32) {
	hole := l.filled > 0
	l.filled = 0
	db := levelOf(pcm)
	masked := echo > 0 && db < decibels(float64(echo))+echoMargin
	var p peaks
	if !masked && db > l.floor.bar(toneOut) {
		var s spectrum
		s.transform(&l.old, pcm)
		p = find(&s)
	}
	sounds := !masked && db > l.floor.bar(aboveFloor)
	copy(l.old[:], pcm[frameSamples-len(l.old):])
	if hole && p.share > 0 && l.tones.now.active {
		l.tones.skip(l.at, db)
		return
	}
	l.hearTone(&p, db)
	tone := l.tones.steady()
	if !masked && tone < burstShort {
		l.floor.hear(db)
	}
	if sounds {
		l.heard++
	}
	if !l.isTone || tone == 0 || !ofNetwork(l.tones.now.mean) {
		l.music.hear(&p, sounds)
	}
	if tone < burstShort && !masked && l.loud.hear(db) && l.said.who == "" {
		l.talk = talk{recent: 3}
	}
	l.sounds = sounds && db > l.loud.bar() && !l.ofTone(&p)
	l.hearTalk(l.sounds, tone, db)
	l.judge(db, false, masked, tone)
}

// hearTone follows tones, and what ends and begins of them.
func (l *Listener) hearTone(p *peaks, db float32) {
	power := powerOf(db)
	if ended, ok := l.tones.hear(l.at, p, power, db); ok {
		l.toneEnded(&ended, db)
	}
	l.quiet++
	if n := l.tones.steady(); n > 0 {
		l.quiet = 0
		if r := &l.tones.now; n >= r.judged+burstShort {
			l.toneGoesOn(r.judged == 0)
			r.judged = n
		}
	}
}

// hearTalk counts a frame as speech or as silence. A tone counts as speech
// until it is known for one; then what it was counted for is taken back.
func (l *Listener) hearTalk(sounds bool, tone int, db float32) {
	if start := l.tones.now.start; tone > 0 && (l.began != start || tone == 1) {
		l.before, l.began, l.isTone = l.talk, start, false
	}
	if tone >= toneKnown && !l.isTone && l.tones.now.sure() {
		l.isTone = true
		l.talk = l.before
		l.talk.forget(l.tones.now.start)
		for i := tone - 1; i > 0; i-- {
			l.talk.hear(l.at-i, false, db)
		}
	}
	l.talk.hear(l.at, sounds && !(tone > 0 && l.isTone), db)
}

// judge takes the level of a frame, and measures what was said by all that is
// known now.
func (l *Listener) judge(db float32, mute, weak bool, tone int) {
	if l.said.who != "" {
		return
	}
	long := tone >= pastTone && l.isTone
	weak = weak || l.at >= floorFrames*floorBlocks && db < l.floor.bar(aboveFloor)
	l.past.add(db, mute || long, weak)
	if long {
		l.past.tone(tone)
	}
	if l.answered {
		l.anew = l.past.talk()
		l.anew.began += l.at - (l.past.n - 1)
	}
}

// toneKnown is how many frames of one pitch and level are no vowel, 120 ms.
const toneKnown = 6

// ofTone reports whether a frame is what an edge leaves of the last tone.
func (l *Listener) ofTone(p *peaks) bool {
	return l.wasTone && l.quiet <= toneEdge && l.beats.n > 0 && abs(p.hz-l.beats.last[0].hz) < 2*burstDrift
}

// toneEdge is for how many frames a tone may leave traces.
const toneEdge = 4

// hearNothing takes a period in which nothing came. A loss or two change
// nothing; a far end that sends nothing is silent.
func (l *Listener) hearNothing() {
	if b, ok := l.tones.miss(); ok {
		l.toneEnded(&b, levelSilent)
	}
	l.filled++
	l.quiet++
	l.sounds = l.sounds && l.filled <= fillHold
	l.talk.hear(l.at, l.sounds, l.talk.lastDB)
	db, known := l.past.last()
	l.judge(db, !known || l.filled > fillHold, false, 0)
}

// fillHold is how many frames may be missing before they are silence.
const fillHold = 3

// Known says that a known announcement has been recognised: label is one of
// hearing's, or the user's own, confidence 0..1. The next Hear tells it.
func (l *Listener) Known(label string, confidence float64) {
	l.said.known, l.said.knownSure = label, min(max(confidence, 0), 1)
}

// At is the time of this phase.
func (l *Listener) time() time.Duration { return time.Duration(l.at+1) * audio.FrameTime }
