package calls

import (
	"sync/atomic"
	"time"

	"dozvon/audio"
	"dozvon/dialer"
	"dozvon/hearing"
	"dozvon/hearing/prints"
	"dozvon/hearing/progress"
	"dozvon/scenarios"
)

// Listening is the setting of the listener that works on every call.
type Listening struct {
	// Countries are those whose tones come first where two mean different
	// things by one sound; empty: the listener's own default.
	Countries []string
	// Library returns the announcements that are known now; nil: none are.
	Library func() *prints.Library
	// First returns what looks at the first words of a call in a language; nil,
	// or a nil result: how they speak alone tells people from machines.
	First func(language string) progress.First
}

// verdictHeard brings a verdict to the call.
type verdictHeard struct {
	what  dialer.Heard
	means dialer.Disposition // of an announcement that was learnt; may be empty
}

// mostHeard bounds how many verdicts of one call are kept.
const mostHeard = 64

// knownSure is how sure an announcement is that was known again at all: of a
// thousand other sounds not one is taken for it. How near it was adds to that.
const knownSure = 0.8

// watcher listens to a call from its first sound on. Its hear runs on the
// wheel, and owns all but the fields that say otherwise.
type watcher struct {
	ear      *progress.Listener
	known    *prints.Matcher // nil: no announcement is known
	post     func(verdictHeard)
	means    map[string]dialer.Disposition // of labels that were found
	frames   int                           // of this phase
	answered bool

	// What the call tells it.
	pickedUp atomic.Bool
	anew     atomic.Pointer[progress.Listener] // to go on with
	words    atomic.Pointer[string]            // that a recogniser has heard
}

// watch begins to listen to the call.
func (c *call) watch() {
	if c.cfg.Listening == nil {
		return
	}
	var known *prints.Library
	if c.cfg.Listening.Library != nil {
		known = c.cfg.Listening.Library()
	}
	c.watcher = newWatcher(c.earOptions(), known, func(v verdictHeard) { c.box.Put(v) })
	c.unwatch = c.media.Listen(c.watcher.hear)
}

func newWatcher(o progress.Options, known *prints.Library, post func(verdictHeard)) *watcher {
	w := &watcher{ear: progress.New(o), means: map[string]dialer.Disposition{}, post: post}
	if known != nil && known.Len() > 0 {
		w.known = prints.NewMatcher(known)
	}
	return w
}

// earOptions are the listener's by the call's scenario.
func (c *call) earOptions() progress.Options {
	timers := func(t scenarios.HearTimers) progress.Timers {
		return progress.Timers{Silence: t.Silence, Total: t.Undecided}
	}
	h := &c.scenario.Hear
	o := progress.Options{Early: timers(h.Before), Answered: timers(h.After), Countries: c.cfg.Listening.Countries}
	if c.cfg.Listening.First != nil {
		o.First = c.cfg.Listening.First(c.scenario.Language)
	}
	return o
}

// hear takes the next 20 ms.
func (w *watcher) hear(f audio.Frame) {
	if next := w.anew.Load(); next != nil && next != w.ear {
		w.ear = next
	}
	if !w.answered && w.pickedUp.Load() {
		w.answered, w.frames = true, 0
		w.ear.Answer()
	}
	if text := w.words.Load(); text != nil {
		w.words.Store(nil)
		w.ear.Hint(*text)
	}
	if w.known != nil {
		if m, ok := w.known.Hear(f); ok {
			w.means[m.Entry.Label] = dialer.Disposition(m.Entry.Disposition)
			w.ear.Known(m.Entry.Label, knownSure+(1-knownSure)*m.Confidence)
		}
	}
	w.frames++
	for _, v := range w.ear.Hear(f) {
		w.post(w.verdict(v))
	}
}

// verdict turns a verdict into what is kept of it.
func (w *watcher) verdict(v hearing.Verdict) verdictHeard {
	return verdictHeard{
		what: dialer.Heard{
			Verdict: dialer.Verdict(v.Kind), Label: v.Label, Cause: v.Cause, Confidence: min(max(v.Confidence, 0), 1),
			After: time.Duration(w.frames) * audio.FrameTime, Early: v.Early, Beep: v.Beep,
		},
		means: w.means[v.Label],
	}
}

// pickedUp tells the listener of the answer, so that what it decides from now
// on is about whoever picked up.
func (c *call) pickedUp() {
	if c.watcher != nil {
		c.watcher.pickedUp.Store(true)
	}
}

// listenAnew has the listener judge as if the call had just been answered.
func (c *call) listenAnew() {
	if c.watcher == nil {
		return
	}
	ear := progress.New(c.earOptions())
	ear.Answer()
	c.watcher.anew.Store(ear)
}

// unheed ends the listening: an operator hears from now on, nobody is there, or
// nothing that is heard changes anything any more.
func (c *call) unheed() {
	if c.watcher != nil {
		c.unwatch()
		c.watcher, c.unwatch = nil, nil
	}
}

// verdict keeps what was heard, and lets the scenario say what follows.
func (c *call) verdict(m verdictHeard) {
	if c.watcher == nil || c.quitting {
		return
	}
	if len(c.result.Heard) < mostHeard {
		c.result.Heard = append(c.result.Heard, m.what)
	}
	c.listened = true
	if !c.proven && tells(c.result.Verdict, m.what) {
		c.result.Verdict = m.what.Verdict
	}
	c.decide(scenarios.Heard{Heard: m.what, Means: m.means})
}

// prove notes that the far end has shown that it is a person: by a key, which no
// machine presses, or by an answer in words, unless it was heard to be a machine.
// What the listener makes of the call is kept beside it, for its own report.
func (c *call) prove(by string, key bool) {
	if c.proven || !key && c.result.Verdict != "" && c.result.Verdict != dialer.VerdictSilence && c.result.Verdict != dialer.VerdictUnsure && c.result.Verdict != dialer.VerdictTone {
		return
	}
	c.proven = true
	if c.result.Verdict == dialer.VerdictHuman {
		return
	}
	c.result.Verdict = dialer.VerdictHuman
	if len(c.result.Heard) < mostHeard {
		c.result.Heard = append(c.result.Heard, dialer.Heard{Verdict: dialer.VerdictHuman, Cause: by, Confidence: 1, After: c.cfg.Now().Sub(c.answeredAt), Shown: true})
	}
}

// giveUp ends a call that nobody has answered, by what was heard of the
// network. An answer that crosses it changes nothing any more.
func (c *call) giveUp() {
	c.quitting = true
	c.leg.HangUp("the network has said why nobody answers")
}

// tells reports whether a verdict says more of the call than the one before.
func tells(before dialer.Verdict, h dialer.Heard) bool {
	switch {
	case h.Verdict == dialer.VerdictTone && (h.Label == progress.Ringback || h.Label == progress.Dial):
		return before == ""
	case h.Verdict == dialer.VerdictUnsure || h.Verdict == dialer.VerdictSilence:
		return before == "" || before == dialer.VerdictTone
	}
	return true
}
