package calls

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"dozvon/audio"
	"dozvon/dialer"
	"dozvon/internal/mailbox"
	"dozvon/media"
	"dozvon/scenarios"
	"dozvon/sip"
)

// What reaches a call's goroutine.
type (
	personSIP   struct{ ev sip.Event }
	personMedia struct{ ev media.Event }
	operatorSIP struct {
		op *operatorLeg
		ev sip.Event
	}
	operatorMedia struct {
		op *operatorLeg
		ev media.Event
	}
	notAccepted   struct{ op *operatorLeg }
	scenarioTimer struct{ id int }
	huntTick      struct{}
	granted       struct {
		hunt      *hunt
		addresses []string
	}
	clipsReady struct {
		play  scenarios.Play
		clips []*audio.Clip
		err   error
	}
	hangUpNow struct{ why string }
)

// call is one attempt being performed. Only its own goroutine touches it.
type call struct {
	k       *Caller
	cfg     *Config
	attempt dialer.Attempt
	lead    dialer.Lead
	box     *mailbox.Box[any]

	scenario *scenarios.Scenario
	session  *scenarios.Session
	clips    map[scenarios.Prompt]*audio.Clip

	leg      *sip.Leg
	media    *media.Session
	answered bool
	ended    bool
	keysBy   keySource

	plays  map[media.PlayID]int // media's id → the session's
	timers []*time.Timer
	bridge *bridge

	finished bool // the session has finished
	result   dialer.Result
}

// keySource is how this person's keys arrive; the first way seen stays, so
// that a far end which sends both never counts twice.
type keySource uint8

const (
	keysUnknown keySource = iota
	keysMedia
	keysInfo
)

func newCall(k *Caller, a dialer.Attempt, l dialer.Lead) *call {
	return &call{k: k, cfg: &k.cfg, attempt: a, lead: l, box: mailbox.New[any](), plays: map[media.PlayID]int{}}
}

// run performs the call from its preparation to its end.
func (c *call) run() {
	defer c.k.orders.Put(overOrder{c.attempt.ID})
	if c.prepare() {
		c.dial()
		var batch []any
		for !c.ended {
			<-c.box.Ready()
			batch = c.box.Take(batch)
			for _, m := range batch {
				if !c.ended {
					c.handle(m)
				}
			}
		}
	}
	c.release()
	c.cfg.Post(dialer.Ended{Attempt: c.attempt.ID, At: c.cfg.Now(), Result: c.result})
}

// prepare gets everything ready that must be there before a phone rings: the
// scenario, this lead's prompts, a port. It reports whether to go on.
func (c *call) prepare() bool {
	c.scenario = c.cfg.Scenario(c.attempt.Campaign)
	if c.scenario == nil {
		return c.fail("the campaign "+c.attempt.Campaign+" has no scenario", dialer.TrunkOK)
	}
	c.clips = map[scenarios.Prompt]*audio.Clip{}
	for _, p := range c.scenario.PromptsFor(c.lead) {
		clip, err := c.cfg.Voice.Clip(c.k.ctx, c.scenario, p)
		if err != nil {
			return c.fail(err.Error(), dialer.TrunkOK)
		}
		c.clips[p] = clip
	}
	m, err := c.cfg.Media.Open(media.Options{
		Sink:      func(ev media.Event) { c.box.Put(personMedia{ev}) },
		DeadAfter: c.scenario.Call.SilentAfter,
		InBand:    true,
	})
	if err != nil {
		// Nobody was called: the lead keeps its attempt.
		return c.fail(err.Error(), dialer.TrunkUnavailable)
	}
	c.media = m
	c.session = c.scenario.NewSession(c.lead)
	return true
}

func (c *call) fail(detail string, trunk dialer.TrunkFailure) bool {
	c.result.Disposition = dialer.Failed
	c.result.Detail = detail
	c.result.Cause = dialer.Cause{Local: true, Text: detail, Failed: trunk}
	c.finished = true
	return false
}

func (c *call) dial() {
	trunk := c.cfg.Trunks[c.attempt.Trunk]
	params := sip.Call{
		ID:    callID(c.attempt),
		Trunk: trunk,
		To:    c.lead.Phone,
		Ring:  c.scenario.Call.Ring,
		Local: c.media.Local(),
		Sink:  func(ev sip.Event) { c.box.Put(personSIP{ev}) },
	}
	if trunk != nil {
		params.From, params.Display = trunk.CallerID, trunk.Display
	}
	if c.scenario.Call.Label != "" {
		params.Display = c.scenario.Call.Label
	}
	c.leg = c.cfg.Phone.Invite(params)
}

func (c *call) handle(m any) {
	switch m := m.(type) {
	case personSIP:
		c.personSIP(m.ev)
	case personMedia:
		c.personMedia(m.ev)
	case scenarioTimer:
		c.decide(scenarios.Timer{ID: m.id})
	case clipsReady:
		c.clipsReady(m)
	case hangUpNow:
		c.result.Disposition = dialer.Interrupted
		c.leg.HangUp(m.why)
	default:
		c.bridgeMessage(m)
	}
}

func (c *call) personSIP(ev sip.Event) {
	switch ev.Kind {
	case sip.Ringing:
		c.progress(dialer.AttemptRinging)
	case sip.Early:
		c.media.SetRemote(ev.Remote)
		c.progress(dialer.AttemptEarly)
	case sip.Answered:
		c.answer(ev)
	case sip.Reoffered:
		ev.Remote.Watch = true
		c.media.SetRemote(ev.Remote)
	case sip.Digit:
		c.key(ev.Digit, keysInfo)
	case sip.Ended:
		c.personGone(ev)
	}
}

func (c *call) answer(ev sip.Event) {
	c.answered = true
	ev.Remote.Watch = true
	c.media.SetRemote(ev.Remote)
	c.progress(dialer.AttemptAnswered)
	c.record()
	c.progress(dialer.AttemptTalking)
	c.decide(scenarios.Answered{})
}

// record starts the recording. A disk that refuses it never ends a call.
func (c *call) record() {
	if !c.scenario.Call.Record || c.cfg.Recordings == "" {
		return
	}
	name := filepath.Join("recordings", strconv.FormatInt(int64(c.attempt.ID), 10)+".wav")
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
	c.cfg.Post(dialer.Progressed{Attempt: c.attempt.ID, State: s, At: c.cfg.Now()})
}

func (c *call) personMedia(ev media.Event) {
	switch ev.Kind {
	case media.Digit:
		c.key(ev.Digit, keysMedia)
	case media.PlayDone:
		if id, ok := c.plays[ev.Play]; ok {
			delete(c.plays, ev.Play)
			if !ev.Cut {
				c.decide(scenarios.PlayDone{ID: id})
			}
		}
	case media.Dead:
		c.result.Disposition = dialer.Silent
		c.result.Verdict = dialer.VerdictSilence
		c.leg.HangUp("no sound from the far end")
	}
}

func (c *call) key(digit byte, by keySource) {
	if c.keysBy == keysUnknown {
		c.keysBy = by
	}
	if c.keysBy != by || !c.answered {
		return
	}
	c.result.Keys += string(digit)
	c.decide(scenarios.Key{Digit: digit})
}

// personGone compiles the result: the network's part and, where the scenario
// ran, its decision.
func (c *call) personGone(ev sip.Event) {
	c.ended = true
	if c.answered {
		if c.bridge != nil && c.bridge.joined != nil {
			c.decide(scenarios.BridgeEnded{Outcome: scenarios.BridgeEndedByPerson, Operator: c.result.Operator})
		}
		c.endBridge()
		c.decide(scenarios.HungUp{})
	}
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

// decide gives the scenario an event and does what it wants.
func (c *call) decide(ev scenarios.Event) {
	if c.finished || !c.answered {
		return
	}
	for _, a := range c.session.Handle(c.cfg.Now(), ev) {
		c.act(a)
	}
}

func (c *call) act(a scenarios.Action) {
	switch a := a.(type) {
	case scenarios.Play:
		c.play(a)
	case scenarios.StopPlay:
		clear(c.plays)
		c.media.StopPlay()
	case scenarios.SetTimer:
		c.timers = append(c.timers, time.AfterFunc(a.After, func() { c.box.Put(scenarioTimer{a.ID}) }))
	case scenarios.Bridge:
		c.startBridge(a)
	case scenarios.HangUp:
		c.leg.HangUp("the scenario is over")
	case scenarios.Finish:
		c.finish(a.Outcome)
	case scenarios.Listen, scenarios.StopListen:
		// Keys always come; a recogniser of words will listen here.
	}
}

// play starts prompts. All of them are ready unless the scenario could not
// foresee one; such a one is rendered beside the call.
func (c *call) play(p scenarios.Play) {
	clips := make([]*audio.Clip, len(p.Prompts))
	for i, prompt := range p.Prompts {
		clip, ok := c.clip(prompt)
		if !ok {
			c.renderLate(p)
			return
		}
		clips[i] = clip
	}
	clear(c.plays)
	c.plays[c.media.Play(media.PlayOptions{}, clips...)] = p.ID
}

// clip returns a prompt that is ready: this lead's, or one that all share.
func (c *call) clip(p scenarios.Prompt) (*audio.Clip, bool) {
	if clip, ok := c.clips[p]; ok {
		return clip, true
	}
	return c.cfg.Voice.Ready(c.scenario, p)
}

func (c *call) renderLate(p scenarios.Play) {
	ctx, sc, voice := c.k.ctx, c.scenario, c.cfg.Voice
	c.k.calls.Go(func() {
		ready := clipsReady{play: p}
		for _, prompt := range p.Prompts {
			ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
			clip, err := voice.Clip(ctx, sc, prompt)
			cancel()
			if err != nil {
				ready.err = err
				break
			}
			ready.clips = append(ready.clips, clip)
		}
		c.box.Put(ready)
	})
}

func (c *call) clipsReady(m clipsReady) {
	if m.err != nil {
		c.cfg.Log.Error("a prompt could not be said", "attempt", c.attempt.ID, "error", m.err)
		c.result.Detail = m.err.Error()
		c.decide(scenarios.PlayDone{ID: m.play.ID})
		return
	}
	for i, clip := range m.clips {
		c.clips[m.play.Prompts[i]] = clip
	}
	c.play(m.play)
}

func (c *call) finish(o scenarios.Outcome) {
	c.finished = true
	c.result.List, c.result.Promise = o.List, o.Promise
	c.result.Answers, c.result.Effects = o.Answers, o.Effects
	if o.Abandoned && c.result.Disposition == "" {
		c.result.Disposition = dialer.Abandoned
	}
}

func (c *call) release() {
	for _, t := range c.timers {
		t.Stop()
	}
	c.endBridge()
	if c.media != nil {
		c.media.Close()
	}
}
