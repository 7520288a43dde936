package calls

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"dozvon/audio"
	"dozvon/dialer"
	"dozvon/hearing"
	"dozvon/internal/crew"
	"dozvon/media"
	"dozvon/scenarios"
	"dozvon/sip"
)

// What reaches a call.
type (
	begin       struct{} // always the first
	personSIP   struct{ ev sip.Event }
	personMedia struct{ ev media.Event }
	partySIP    struct {
		line *line
		ev   sip.Event
	}
	partyMedia struct {
		line *line
		ev   media.Event
	}
	notTaken      struct{ op *party }
	scenarioTimer struct{ id int }
	huntTick      struct{}
	granted       struct {
		hunt      *hunt
		addresses []string
	}
	clipsReady struct {
		scenarios.Play // ID 0: a whisper
		clips          []*audio.Clip
		err            error
	}
	askedNow  struct{ play int } // of the session
	hangUpNow struct{ why string }
)

// call is one attempt being performed. Everything reaches it through its inbox,
// which one member of the crew works on at a time; a call that waits, as calls
// do nearly all of their time, has no goroutine and no stack.
type call struct {
	k       *Caller
	cfg     *Config
	attempt dialer.Attempt
	lead    dialer.Lead
	box     *crew.Inbox[any]
	ctx     context.Context         // ends the rendering of prompts
	cancel  context.CancelCauseFunc // with why the call ends

	scenario *scenarios.Scenario
	session  *scenarios.Session
	clips    map[scenarios.Prompt]*audio.Clip

	leg        *sip.Leg
	media      *media.Session
	answered   bool
	answeredAt time.Time
	secure     bool   // the person's sound is encrypted
	quitting   bool   // we have hung up
	ended      bool   // the leg is over, or never was
	early      uint64 // packets that had come before the answer
	keysBy     keySource

	saying    int                  // the session's id of the play it wants now; 0: none
	plays     map[media.PlayID]int // media's id → the session's
	timers    []*time.Timer
	bridge    *bridge
	words     hearing.Stream // nil: no words are listened for
	tape      *tape          // nil: nothing is recorded in answer to a question
	unhear    func()         // ends the stream's frames
	question  string         // that words are listened for
	told      bool           // a word was heard of it
	taken     bool           // the word just handled became its answer
	listened  bool           // the listener has said something
	proven    bool           // the far end has shown that it is a person
	watcher   *watcher       // nil: nobody listens for who answered
	unwatch   func()
	rung      int // operators rung so far; makes their Call-IDs unique
	inquiries int // wishes to call others through the telephone network so far

	finished bool // the session has finished
	result   dialer.Result

	earlyFile string // recording of what came before the answer; empty: none

	state dialer.AttemptState
	since time.Time                // of the state
	shown atomic.Pointer[standing] // how the call stands, for others
	done  chan struct{}            // closed when nothing that comes is handled any more
}

// keySource is how this person's keys arrive; the first way seen stays, so
// that a far end which sends both never counts twice.
type keySource uint8

const (
	keysUnknown keySource = iota
	keysMedia
	keysInfo
)

// maxKeys bounds how many keys of one call are kept: people press few.
const maxKeys = 256

// earlySlack is how many packets of early media may still be on the way at
// the moment of the answer.
const earlySlack = 10

func newCall(k *Caller, a dialer.Attempt, l dialer.Lead) *call {
	c := &call{k: k, cfg: &k.cfg, attempt: a, lead: l, plays: map[media.PlayID]int{}, done: make(chan struct{})}
	c.box = crew.NewInbox(k.crew, c.work)
	c.ctx, c.cancel = context.WithCancelCause(k.ctx)
	return c
}

// hangUp ends the call from any goroutine: before its INVITE has left, nobody
// is called at all.
func (c *call) hangUp(why string) {
	c.box.Put(hangUpNow{why})
	c.cancel(errors.New(why))
}

func (c *call) handle(m any) {
	switch m := m.(type) {
	case begin:
		c.begin()
	case personSIP:
		c.personSIP(m.ev)
	case personMedia:
		c.personMedia(m.ev)
	case scenarioTimer:
		c.decide(scenarios.Timer{ID: m.id})
	case clipsReady:
		c.clipsReady(m)
	case askedNow:
		c.asked(m)
	case heardWord:
		c.word(m)
	case verdictHeard:
		c.verdict(m)
	case tapeFull:
		if m.tape == c.tape {
			c.tapeOver()
		}
	case earlyOver:
		c.earlyOver()
	case hangUpNow:
		c.quit(m.why, dialer.Interrupted)
	default:
		c.bridgeMessage(m)
	}
}

// quit ends the call from our side. The scenario learns it at once, so that
// nothing more is said, asked or sought meanwhile. what is the disposition,
// unless the scenario had come to its end.
func (c *call) quit(why string, what dialer.Disposition) {
	if c.quitting {
		return
	}
	c.quitting = true
	if !c.finished {
		c.result.Disposition = what
	}
	c.hungUp()
	c.leg.HangUp(why)
}

// hungUp tells the scenario that nobody is on the line any more.
func (c *call) hungUp() {
	if b := c.bridge; b != nil && (b.joined != nil || b.handed) {
		c.decide(scenarios.BridgeEnded{Outcome: scenarios.BridgeEndedByPerson, Operator: c.result.Operator})
	}
	c.endBridge()
	c.tapeOver()
	c.decide(scenarios.HungUp{})
}

func (c *call) personSIP(ev sip.Event) {
	switch ev.Kind {
	case sip.Ringing:
		c.progress(dialer.AttemptRinging)
	case sip.Early:
		c.media.SetRemote(ev.Remote)
		c.recordEarly()
		c.progress(dialer.AttemptEarly)
	case sip.Answered:
		c.answer(ev)
	case sip.Reoffered:
		ev.Remote.Watch = true
		c.media.SetRemote(ev.Remote)
	case sip.Digit:
		c.key(ev.Digit, keysInfo)
	case sip.Transfer:
		c.handedOver(ev)
	case sip.Ended:
		c.personGone(ev)
	}
}

func (c *call) answer(ev sip.Event) {
	c.answered, c.answeredAt = true, c.cfg.Now()
	c.progress(dialer.AttemptAnswered)
	if c.quitting { // the answer was on its way when we hung up
		return
	}
	c.early = c.media.Stats().Received
	c.pickedUp()
	c.secure = ev.Remote.Crypto.Suite != 0
	ev.Remote.Watch = true
	c.media.SetRemote(ev.Remote)
	c.record()
	if c.watcher != nil && c.scenario.Hear.AfterWord {
		c.progress(dialer.AttemptScreening)
	} else {
		c.progress(dialer.AttemptTalking)
	}
	c.decide(scenarios.Answered{})
}

// record starts the recording. A disk that refuses it never ends a call.
func (c *call) record() {
	if !c.scenario.Call.Record || c.cfg.Recordings == "" {
		return
	}
	name := Recording(c.attempt.ID)
	path := filepath.Join(c.cfg.Recordings, name)
	err := os.MkdirAll(filepath.Dir(path), 0o755)
	if err == nil {
		err = c.media.Record(path)
	}
	if err != nil {
		c.cfg.Log.Warn("the call goes on without a recording", "attempt", c.attempt.ID, "error", err)
		return
	}
	c.result.Recording = name
}

func (c *call) progress(s dialer.AttemptState) {
	c.state, c.since = s, c.cfg.Now()
	c.show()
	c.cfg.Post(dialer.Progressed{Attempt: c.attempt.ID, State: s, At: c.since})
}

func (c *call) personMedia(ev media.Event) {
	switch ev.Kind {
	case media.Digit:
		c.key(ev.Digit, keysMedia)
	case media.SpeechBegan:
		if c.answered && !c.quitting {
			c.decide(scenarios.Voice{})
		}
	case media.PlayDone:
		if id, ok := c.plays[ev.Play]; ok {
			delete(c.plays, ev.Play)
			if !ev.Cut {
				c.decide(scenarios.PlayDone{ID: id})
			}
		}
	case media.Dead:
		c.dead()
	}
}

// dead ends a call on which nothing comes any more. If anything came since
// the answer, the person was there and is gone, as if they had hung up.
func (c *call) dead() {
	if c.media.Stats().Received > c.early+earlySlack {
		c.result.Detail = "the far end fell silent and was hung up"
		c.quit("no sound from the far end any more", "")
		return
	}
	c.result.Verdict = dialer.VerdictSilence
	c.quit("no sound from the far end", dialer.Silent)
}

func (c *call) key(digit byte, by keySource) {
	if !c.answered || c.quitting { // tones of early media are nobody's keys
		return
	}
	if c.keysBy == keysUnknown {
		c.keysBy = by
	}
	if c.keysBy != by {
		return
	}
	if len(c.result.Keys) < maxKeys {
		c.result.Keys += string(rune(digit))
	}
	c.prove("a key was pressed", true)
	c.decide(scenarios.Key{Digit: digit})
}

// personGone compiles the result: the network's part and, where the scenario
// ran, its decision.
func (c *call) personGone(ev sip.Event) {
	c.ended = true
	c.hungUp()
	c.result.Cause = ev.Cause
	if ev.Err != nil {
		c.result.Detail = ev.Err.Error()
	}
	if c.result.Disposition != "" { // silent, abandoned or interrupted: already known
		return
	}
	c.result.Disposition = ev.Disposition
	if c.answered {
		c.result.Disposition = dialer.Answered
	}
}

// decide gives the scenario an event and does what it wants. Before the answer
// it judges only what is heard of the network.
func (c *call) decide(ev scenarios.Event) {
	if c.finished {
		return
	}
	if !c.answered {
		switch ev.(type) {
		case scenarios.Heard, scenarios.Timer:
		default:
			return
		}
	}
	for _, a := range c.session.Handle(c.cfg.Now(), ev) {
		c.act(a)
	}
	if c.watcher != nil && c.answered && c.listened && !c.session.Heeds(c.cfg.Now()) {
		c.unheed() // it is known who is there, and nothing hangs on it any more
	}
}

func (c *call) act(a scenarios.Action) {
	switch a := a.(type) {
	case scenarios.Play:
		c.play(a)
	case scenarios.StopPlay:
		c.silence()
	case scenarios.SetTimer:
		c.timers = append(c.timers, time.AfterFunc(a.After, func() { c.box.Put(scenarioTimer{a.ID}) }))
	case scenarios.Bridge:
		c.startBridge(a)
	case scenarios.HangUp:
		if c.answered {
			c.leg.HangUp("the scenario is over")
		} else {
			c.giveUp()
		}
	case scenarios.Finish:
		c.finish(a.Outcome)
	case scenarios.Listen:
		c.listen(a)
	case scenarios.StopListen:
		if c.taken = a.Answered; c.taken {
			c.prove("a question was answered", false)
		}
		c.deafen()
	case scenarios.ListenAnew:
		c.listenAnew()
	case scenarios.Record:
		c.tapeAnswer(a)
	case scenarios.StopRecord:
		c.tapeOver()
	}
}

func (c *call) finish(o scenarios.Outcome) {
	c.finished = true
	c.result.List, c.result.Promise = o.List, o.Promise
	c.result.Answers, c.result.Effects = o.Answers, o.Effects
	if c.result.Disposition == "" {
		c.result.Disposition = o.Disposition
	}
	if o.Abandoned && c.result.Disposition == "" {
		c.result.Disposition = dialer.Abandoned
	}
}
