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
	tones tracker
	beats beats
	talk  talk
	music music
	beep  pendingBeep

	at       int // frame of this phase
	answered bool
	filled   int // frames in a row that never came
	quiet    int // frames since the last tone ended
	tonal    int // frames of the tone that is on and may still be speech

	said said
	out  []hearing.Verdict
	told int // verdicts of the call
}

// maxVerdicts bounds what one call can say, whatever it sounds like.
const maxVerdicts = 40

// New returns a listener that has heard nothing, before the answer.
func New(o Options) *Listener {
	o = o.withDefaults()
	return &Listener{opt: o, beats: beats{home: o.Countries}, out: make([]hearing.Verdict, 0, 4)}
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
	l.answered, l.at, l.filled, l.quiet, l.tonal = true, 0, 0, 0, 0
	l.tones, l.beats, l.talk, l.music, l.beep = tracker{}, beats{home: l.opt.Countries}, talk{}, music{}, pendingBeep{}
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
	if f.Filled || len(f.PCM) < frameSamples {
		l.hearNothing()
	} else {
		l.hearSound((*[frameSamples]int16)(f.PCM), f.Echo)
	}
	l.wait()
	l.decide()
	l.at++
	return l.out
}

// hearSound takes a frame that came.
func (l *Listener) hearSound(pcm *[frameSamples]int16, echo uint32) {
	hole := l.filled > 0
	l.filled = 0
	db := levelOf(pcm)
	bar := l.floor.bar()
	masked := echo > 0 && db < decibels(float64(echo))+echoMargin
	sounds := db > bar && !masked
	var p peaks
	if db > max(bar-toneBelow, levelSilent) && !masked {
		var s spectrum
		s.transform(&l.old, pcm)
		p = find(&s)
	}
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
	l.music.hear(&p, sounds)
	l.hearTalk(sounds && !l.ofTone(&p), tone, db)
}

// hearTone follows tones, and what ends and begins of them.
func (l *Listener) hearTone(p *peaks, db float32) {
	power := powerOf(db)
	ended, ok, fell := l.tones.hear(l.at, p, power, db)
	if ok {
		l.toneEnded(&ended, fell, db)
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

// hearTalk counts a frame as speech or as silence. What may be a tone counts
// as neither until that is known.
func (l *Listener) hearTalk(sounds bool, tone int, db float32) {
	switch {
	case tone >= burstShort && l.tones.now.calm():
		l.tonal = 0
		l.talk.forget(l.tones.now.start)
		l.talk.hear(l.at, false, db)
	case tone > 0:
		l.tonal++
	default:
		for ; l.tonal > 0; l.tonal-- {
			l.talk.hear(l.at-l.tonal, true, db)
		}
		l.talk.hear(l.at, sounds, db)
	}
}

// ofTone reports whether a frame is what an edge leaves of the last tone.
func (l *Listener) ofTone(p *peaks) bool {
	return l.quiet <= toneEdge && l.beats.n > 0 && abs(p.hz-l.beats.last[0].hz) < 2*burstDrift
}

// toneEdge is for how many frames a tone may leave traces.
const toneEdge = 4

// hearNothing takes a period in which nothing came. A loss or two change
// nothing; a far end that sends nothing is silent.
func (l *Listener) hearNothing() {
	if b, ok := l.tones.miss(); ok {
		l.toneEnded(&b, true, levelSilent)
	}
	l.filled++
	l.quiet++
	if l.filled > fillHold {
		l.talk.hear(l.at, false, levelSilent)
	} else if l.talk.on && l.filled == fillHold {
		for range fillHold {
			l.talk.hear(l.at, false, levelSilent)
		}
	}
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
