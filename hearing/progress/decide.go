package progress

import (
	"fmt"
	"time"

	"dozvon/audio"
	"dozvon/hearing"
)

// said is what has been told in this phase.
type said struct {
	who       hearing.Kind // the last verdict on who is there
	tones     [16]string   // labels of tones told already
	toneCount int
	music     bool // told as music, or as unknown speech
	silence   bool
	unsure    bool
	beeps     int
	fax       bool
	known     string // an announcement that was recognised, not told yet
	knownSure float64
	words     string // a hint's meaning, not told yet
	wordsSaid string
	glance    glance // at the first utterance
}

// tell puts a verdict out.
func (l *Listener) tell(v hearing.Verdict) {
	if l.told >= maxVerdicts {
		return
	}
	l.told++
	v.At, v.Early = l.time(), !l.answered
	l.out = append(l.out, v)
}

func (l *Listener) tellTone(f finding, sure float64) {
	for _, t := range l.said.tones[:l.said.toneCount] {
		if t == f.label {
			return
		}
	}
	if l.said.toneCount < len(l.said.tones) {
		l.said.tones[l.said.toneCount] = f.label
		l.said.toneCount++
	}
	if f.label != Ringback && f.label != Dial {
		l.said.who = hearing.Tone
	}
	l.tell(hearing.Verdict{Kind: hearing.Tone, Label: f.label, Cause: f.cause, Confidence: sure})
}

// toneGoesOn judges a tone every 100 ms while it is on.
func (l *Listener) toneGoesOn(first bool) {
	now := l.tones.soFar()
	if first {
		if f, ok := l.beats.began(now); ok {
			l.beep = pendingBeep{}
			l.tellTone(f, 0.95)
		}
		return
	}
	if f, ok := l.beats.sit(now); ok {
		l.tellTone(f, 0.97)
	}
	if f, ok := l.beats.forever(now); ok {
		l.tellTone(f, 0.8)
	}
	l.faxGoesOn(now)
}

const (
	cedHz, cngHz      = 2100.0, 1100.0
	cedSlack          = 25.0 // V.25 has 15; and the error of a short window
	cngSlack          = 40.0 // T.30 has 38
	cedSoon, cedLate  = 0.6, 1.0
	cngLeast, cngMost = 0.40, 0.62 // 0.5 s within 15 % (T.30 section 4.3.3.3)
	cngRest           = 3.7        // seconds from one to the next at most: 3 s within 15 %, and 0.25
)

// faxGoesOn looks for the answer tone of a fax or a modem (ITU-T T.30 section
// 4.3.3.2, V.25): 2100 Hz for 2.6 to 4 s. After speech it must be longer than
// most beeps are.
func (l *Listener) faxGoesOn(now burst) {
	least := float32(cedSoon)
	if l.talk.heard() {
		least = cedLate
	}
	if l.said.fax || now.apart > 0 || abs(now.hz-cedHz) > cedSlack || now.length < least {
		return
	}
	l.tellFax(fmt.Sprintf("an answer tone: %.0f Hz for %.1f s and more", now.hz, least))
}

func (l *Listener) tellFax(cause string) {
	l.said.fax, l.said.who = true, hearing.Fax
	l.tell(hearing.Verdict{Kind: hearing.Fax, Cause: cause, Confidence: 0.95})
}

// toneEnded judges a tone that is over. after is the level since.
func (l *Listener) toneEnded(b *burst, after float32) {
	if b.frames < burstShort || b.spread > calmHz {
		return
	}
	var before *burst
	if l.beats.n > 0 {
		before = &l.beats.last[0]
	}
	beep := isBeep(b, before, after)
	isCNG := b.apart == 0 && abs(b.hz-cngHz) < cngSlack && b.length > cngLeast && b.length < cngMost
	again := isCNG && before != nil && abs(before.hz-cngHz) < cngSlack && float32(b.start-before.start)*0.02 < cngRest
	l.beats.add(*b)
	l.wasTone = l.isTone && l.began == b.start
	l.quiet = 0
	if isCNG && !l.said.fax && (again || !l.talk.heard()) {
		l.tellFax(fmt.Sprintf("a calling tone: %.0f Hz for %.2f s", b.hz, b.length))
		return
	}
	if !beep || l.said.fax || l.said.toneCount > 0 && ofNetwork(b.hz) || l.time() > l.opt.BeepWithin {
		return
	}
	if l.talk.spoken >= beepSpeech {
		l.tellBeep(b, 0.9)
	} else if l.answered && !ofNetwork(b.hz) {
		l.beep = pendingBeep{burst: *b, wait: beepWait}
	}
}

// tellBeep says that a machine records from now on.
func (l *Listener) tellBeep(b *burst, sure float64) {
	if l.said.beeps++; l.said.beeps > 8 {
		return
	}
	l.said.who = hearing.Machine
	cause := fmt.Sprintf("a beep of %.0f Hz for %.2f s", b.hz, b.length)
	if l.talk.heard() {
		cause += fmt.Sprintf(" after %s of speech", seconds(l.talk.spoken))
	}
	l.tell(hearing.Verdict{Kind: hearing.Machine, Cause: cause, Confidence: sure, Beep: true})
}

// wait follows what only time decides about tones.
func (l *Listener) wait() {
	if l.beep.wait > 0 {
		if l.beep.wait--; l.beep.wait == 0 {
			l.tellBeep(&l.beep.burst, 0.7)
		}
	}
	if l.quiet == restFrames && !l.talk.on {
		if f, ok := l.beats.rests(float32(l.quiet) * 0.02); ok {
			l.tellTone(f, 0.9)
		}
	}
}

const restFrames = 46 // ringRest, and one

// owed tells what others have found since the last frame.
func (l *Listener) owed() {
	if k := l.said.known; k != "" {
		l.said.known = ""
		l.tellKnown(k, "a known announcement", l.said.knownSure)
	}
	if w := l.said.words; w != "" {
		l.said.words = ""
		l.tellKnown(w, "the words \""+l.said.wordsSaid+"\"", 0.85)
	}
}

func (l *Listener) tellKnown(label, cause string, sure float64) {
	v := hearing.Verdict{Kind: hearing.Announcement, Label: label, Cause: cause, Confidence: sure}
	if label == hearing.LabelMachine {
		v.Kind, v.Label = hearing.Machine, ""
		if l.said.who == hearing.Machine {
			return
		}
	}
	l.said.who = v.Kind
	l.tell(v)
}

// decide says who is there, by how they talk.
func (l *Listener) decide() {
	t := &l.anew
	switch {
	case !l.answered:
		l.decideEarly()
	case l.said.who == hearing.Human:
		l.overrule()
	case l.said.who != "" || l.musical() || !t.heard():
	case t.steady():
		l.takeForNoise(t.high)
	case l.goesOn():
		l.long()
	case l.toneOn() || l.leftOver():
	case l.late() && l.unlikely():
		l.long()
	case l.late() || frames(t.pause) >= l.need():
		l.human()
	}
	l.deadlines()
}

// human tells that a person has said what they say who pick up.
func (l *Listener) human() {
	t := &l.anew
	if l.music.plays() {
		l.tellMusic()
		return
	}
	l.said.who = hearing.Human
	l.tell(hearing.Verdict{Kind: hearing.Human, Confidence: l.humanSure(),
		Cause: fmt.Sprintf("%s of speech, then %s of silence", seconds(t.spoken), seconds(t.pause))})
}

// takeForNoise forgets what was thought to be speech: noise of db that has
// begun, or a hum.
func (l *Listener) takeForNoise(db float32) {
	l.floor.settle(db)
	l.talk, l.loud = talk{}, loudness{}
	l.past.gone = 0
	l.past.keep(0)
	l.anew = talk{}
}

// goesOn reports whether more was said than a person says who picks up.
func (l *Listener) goesOn() bool {
	t := &l.anew
	return frames(t.spoken) > l.opt.Long ||
		frames(t.spoken) > l.opt.Talk && frames(l.at-t.began) > l.opt.Elapsed && t.pause < 5
}

// toneOn reports whether a tone sounds just now: its end will tell more than
// the silence before it.
func (l *Listener) toneOn() bool {
	return l.tones.now.active && (l.isTone || l.tones.steady() >= 2 && l.tones.now.held > beepLow)
}

// leftOver reports whether what seems to be a word is a click, or the rest of
// a tone in noise.
func (l *Listener) leftOver() bool {
	if l.anew.spoken >= 15 {
		return false
	}
	if l.anew.spoken < wordLeast {
		return true
	}
	for i := range l.beats.n {
		if b := &l.beats.last[i]; b.network() && l.anew.began-b.start < 150 {
			return true
		}
	}
	return false
}

// wordLeast is the least a person says, in frames: 120 ms.
const wordLeast = 6

// need is the silence that makes a person of what was said so far.
func (l *Listener) need() time.Duration {
	if odds, ok := l.glanced(); ok {
		return firstPatience(odds)
	}
	return firstLimit
}

// late reports whether a sentence is over and it took so long that there is no
// time to wait for more.
func (l *Listener) late() bool {
	t := &l.anew
	return t.pause > firstPause && frames(t.spoken) > l.opt.Talk && frames(l.at-t.began) >= l.opt.Latest
}

// unlikely reports whether hardly any person would have said this.
func (l *Listener) unlikely() bool {
	odds, ok := l.glanced()
	return !ok || odds < lateOdds
}

func (l *Listener) humanSure() float64 {
	return min(0.95, 1.05-0.2*frames(l.anew.spoken).Seconds())
}

// long judges more speech than a person says who picks up.
func (l *Listener) long() {
	t := &l.anew
	if l.music.plays() {
		l.tellMusic()
		return
	}
	l.said.who = hearing.Machine
	l.tell(hearing.Verdict{Kind: hearing.Machine, Confidence: 0.85,
		Cause: fmt.Sprintf("%s of speech, the longest pause %s", seconds(t.spoken), seconds(t.longest))})
}

// musical tells music that has gone on for longer than a person speaks who
// picks up, and reports whether it plays.
func (l *Listener) musical() bool {
	if frames(l.music.frames) <= l.opt.Long || !l.music.plays() {
		return false
	}
	l.tellMusic()
	return true
}

func (l *Listener) tellMusic() {
	if l.said.music || l.said.toneCount > 0 {
		return
	}
	l.said.music = true
	l.tell(hearing.Verdict{Kind: hearing.Unsure, Label: Music, Confidence: 0.7,
		Cause: fmt.Sprintf("%s of sound, of which %.0f %% holds its pitch", seconds(l.music.frames), 100*l.music.share())})
}

// decideEarly names sustained sound before the answer. It is never a person or
// a machine: subscribers choose what rings.
func (l *Listener) decideEarly() {
	if l.said.music || l.said.who != "" || l.musical() || frames(l.talk.spoken) <= l.opt.Long {
		return
	}
	if l.music.plays() {
		l.tellMusic()
		return
	}
	if l.talk.steady() {
		l.takeForNoise(l.talk.high)
		return
	}
	l.said.music = true
	l.tell(hearing.Verdict{Kind: hearing.Unsure, Label: Speech, Confidence: 0.6,
		Cause: fmt.Sprintf("%s of speech before the answer, no announcement that is known", seconds(l.talk.spoken))})
}

// overrule makes a machine of a person who talks on and on.
func (l *Listener) overrule() {
	t := &l.talk
	if !t.on || frames(t.start) > l.opt.OverruleWithin {
		return
	}
	if long := l.at - t.start; frames(long) > l.opt.Overrule && !t.steady() && !l.music.plays() {
		l.said.who = hearing.Machine
		l.tell(hearing.Verdict{Kind: hearing.Machine, Confidence: 0.75,
			Cause: fmt.Sprintf("%s of speech without a pause, whatever we said", seconds(long))})
	}
}

// deadlines say so when nothing was heard, or nothing could be told.
func (l *Listener) deadlines() {
	limits := l.opt.Early
	if l.answered {
		limits = l.opt.Answered
	}
	if l.said.who != "" || l.said.toneCount > 0 || l.said.fax {
		return
	}
	if now := l.time(); now >= limits.Silence && !l.said.silence && !l.said.unsure && !l.talk.heard() && l.heard < someSound {
		l.said.silence = true
		l.tell(hearing.Verdict{Kind: hearing.Silence, Confidence: 0.9, Cause: fmt.Sprintf("nothing for %.1f s", now.Seconds())})
	} else if now >= limits.Total && !l.said.unsure && (!l.said.silence || l.talk.heard()) {
		l.said.unsure = true
		l.tell(hearing.Verdict{Kind: hearing.Unsure, Confidence: 0.5,
			Cause: fmt.Sprintf("%s of speech in %.1f s, and nothing that decides", seconds(l.talk.spoken), now.Seconds())})
	}
}

// someSound is how many sounding frames are not silence any more, 0.5 s.
const someSound = 25

func frames(n int) time.Duration { return time.Duration(n) * audio.FrameTime }

func seconds(n int) string { return fmt.Sprintf("%.1f s", frames(n).Seconds()) }
