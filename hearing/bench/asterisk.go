package bench

import (
	"time"

	"dozvon/audio"
	"dozvon/hearing"
)

// AsteriskRules are the settings of Asterisk's answering-machine detector
// (application AMD, amd.conf).
type AsteriskRules struct {
	InitialSilence       time.Duration // this much before any word: a machine
	Greeting             time.Duration // this much voice in all: a machine
	AfterGreetingSilence time.Duration // this much after a word: a person
	TotalAnalysis        time.Duration // no decision by then: not sure
	MinimumWord          time.Duration // voice without a pause that makes a word
	MaximumWord          time.Duration // and from here on a machine
	BetweenWords         time.Duration // silence that ends a word
	Words                int           // more words than this: a machine
	Threshold            int           // mean of the absolute samples of a frame, below it there is silence
}

// AsteriskDefaults returns the defaults of amd.conf, as its documentation and
// the sample file publish them. Older releases allow three words.
func AsteriskDefaults() AsteriskRules {
	const ms = time.Millisecond
	return AsteriskRules{
		InitialSilence: 2500 * ms, Greeting: 1500 * ms, AfterGreetingSilence: 800 * ms, TotalAnalysis: 5000 * ms,
		MinimumWord: 100 * ms, MaximumWord: 5000 * ms, BetweenWords: 50 * ms, Words: 2, Threshold: 256,
	}
}

// Asterisk decides as Asterisk's detector does with its rules. It was written
// anew from the published behaviour; no line of Asterisk is in it.
type Asterisk struct {
	Rules AsteriskRules

	heard   time.Duration // in all
	silence time.Duration // since the last voice
	voice   time.Duration // in all
	stretch time.Duration // of voice since the last pause between words
	words   int
	paused  bool // the pause before the next word was long enough
	greeted bool // a first word was heard
}

// Hear takes a frame and returns what has been decided with it: hearing.Human,
// hearing.Machine or hearing.Unsure; "" so far nothing. The cause has the name
// that Asterisk gives it in AMDCAUSE.
func (a *Asterisk) Hear(f audio.Frame) (kind hearing.Kind, cause string) {
	a.heard += audio.FrameTime
	if a.heard >= a.Rules.TotalAnalysis {
		return hearing.Unsure, "TOOLONG"
	}
	if meanAbs(f.PCM) < a.Rules.Threshold {
		return a.silent()
	}
	return a.voiced()
}

func (a *Asterisk) silent() (hearing.Kind, string) {
	a.silence += audio.FrameTime
	if a.silence >= a.Rules.BetweenWords {
		a.paused, a.stretch = true, 0
	}
	switch {
	case !a.greeted && a.silence >= a.Rules.InitialSilence:
		return hearing.Machine, "INITIALSILENCE"
	case a.greeted && a.silence >= a.Rules.AfterGreetingSilence:
		return hearing.Human, "HUMAN"
	}
	return "", ""
}

func (a *Asterisk) voiced() (hearing.Kind, string) {
	a.silence = 0
	a.voice += audio.FrameTime
	a.stretch += audio.FrameTime
	word := a.stretch >= a.Rules.MinimumWord
	if word && a.paused { // a word that no silence came before is not counted
		a.words++
		a.paused = false
	}
	switch {
	case a.stretch >= a.Rules.MaximumWord:
		return hearing.Machine, "MAXWORDLENGTH"
	case a.words > a.Rules.Words:
		return hearing.Machine, "MAXWORDS"
	case a.greeted && a.voice >= a.Rules.Greeting:
		return hearing.Machine, "LONGGREETING"
	}
	a.greeted = a.greeted || word
	return "", ""
}

func meanAbs(pcm []int16) int {
	if len(pcm) == 0 {
		return 0
	}
	sum := 0
	for _, s := range pcm {
		sum += max(int(s), -int(s))
	}
	return sum / len(pcm)
}
