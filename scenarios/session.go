package scenarios

import (
	"maps"
	"slices"
	"time"

	"dozvon/dialer"
)

// Session plays a scenario on one call. It is a pure state machine: Handle is
// its only entry, nothing in it waits or looks at a clock, and it must be
// used by one goroutine at a time.
//
//	idle → playing | asking | bridging … → finished
//
// When the person hangs up, what has begun is carried to its end without a
// voice: a text is still sent and a list still reached after a farewell that
// nobody heard. Where the flow would need the person again (ask, bridge), the
// hangup block decides.
type Session struct {
	sc   *Scenario
	lead dialer.Lead
	now  time.Time // of the event that is being handled
	out  []Action  // of the event that is being handled

	started, finished bool
	answered          time.Time // when the person picked up
	gone              bool      // nobody is on the line any more
	inHangup          bool      // the hangup block runs

	step    *step
	next    int      // the item to run next
	waiting waiter   // what the session waits for; nil while it runs
	ahead   []Prompt // said right before an ask: played with its question
	lastID  int      // plays and timers
	maxID   int      // the timer of the longest talk

	decided   time.Time // the person's last answer, or the end of a bridge
	list      string
	promise   time.Time
	answers   map[string]string
	effects   []dialer.Effect
	abandoned bool

	person      bool               // shown by a key, an answer or a bridge: no verdict counts any more
	disposition dialer.Disposition // by what was heard
	sitID       int                // the timer of an announcement that is to follow its tones
	sitAs       dialer.Disposition // what the call is if none does
}

// waiter is what a session waits for. handle reports whether the flow goes on.
type waiter interface {
	handle(s *Session, ev Event) (done bool)
}

// NewSession starts a session for one call of a lead.
func (s *Scenario) NewSession(lead dialer.Lead) *Session {
	return &Session{sc: s, lead: lead, answers: map[string]string{}}
}

// Handle takes an event and returns what to do about it, in order. Exactly
// one Finish is returned in the life of a session, as the last action;
// later events return nothing.
func (s *Session) Handle(now time.Time, ev Event) []Action {
	if s.finished {
		return nil
	}
	s.now = now
	s.take(ev)
	out := s.out
	s.out = nil // for a minute or an hour nothing may follow
	return out
}

// take handles an event; what is to be done about it is in out.
func (s *Session) take(ev Event) {
	switch ev := ev.(type) {
	case Answered:
		if !s.started {
			s.started, s.decided, s.answered = true, s.now, s.now
			s.armMax()
			s.greet()
		}
		return
	case Heard:
		switch {
		case ev.Early != !s.started: // it crossed the answer
			return
		case ev.Early:
			s.early(ev)
			return
		case s.judge(ev):
			return
		}
	case Key:
		s.person = s.started
	case HungUp:
		s.gone = true
		if !s.started {
			s.conclude()
			return
		}
	case Timer:
		if !s.started {
			if ev.ID == s.sitID {
				s.giveUp(&follow{}, s.sitAs)
			}
			return
		}
		if ev.ID == s.maxID && !s.bridging() {
			s.cut()
			return
		}
	}
	if s.waiting != nil && s.waiting.handle(s, ev) {
		s.waiting = nil
		s.advance()
	}
}

// advance runs items until one waits or the session is finished.
func (s *Session) advance() {
	for !s.finished && s.waiting == nil {
		if s.next >= len(s.step.items) {
			// Only the hangup block may end without an outcome: the check
			// refuses any other step that falls off its end.
			s.conclude()
			return
		}
		it := s.step.items[s.next]
		s.next++
		if !it.op.run(s) {
			continue
		}
		return
	}
}

// jump goes on at the start of a branch's step.
func (s *Session) jump(b *branch) { s.step, s.next = b.to, 0 }

// hangupBlock goes on with what follows an undecided hang-up.
func (s *Session) hangupBlock() {
	if s.sc.hangup == nil || s.inHangup {
		s.step, s.next = &step{}, 0
		return
	}
	s.inHangup = true
	s.step, s.next = s.sc.hangup, 0
}

// cut ends a talk that has lasted too long as if the person had hung up.
func (s *Session) cut() {
	s.do(HangUp{})
	s.gone = true
	if s.waiting != nil && s.waiting.handle(s, HungUp{}) {
		s.waiting = nil
	}
	s.advance()
}

func (s *Session) bridging() bool {
	_, ok := s.waiting.(*bridgeWait)
	return ok
}

// conclude ends the session: the only place that returns Finish.
func (s *Session) conclude() {
	if s.finished {
		return
	}
	s.finished = true
	if s.started && !s.gone {
		s.do(HangUp{})
	}
	o := Outcome{List: s.list, Answers: maps.Clone(s.answers), Effects: slices.Clone(s.effects), Abandoned: s.abandoned,
		Disposition: s.disposition}
	if o.List == "" {
		o.Promise = s.promise
	}
	if again, ok := s.sc.CallAgain(s.list, s.now); ok {
		o.Answers[varAgain] = again.In(s.sc.zoneOf(s.lead)).Format(time.DateOnly)
	}
	s.do(Finish{o})
}

func (s *Session) do(a Action) { s.out = append(s.out, a) }

func (s *Session) filling() filling { return s.sc.filling(s.lead, s.answers) }

// armMax starts the time of the longest talk with the robot anew.
func (s *Session) armMax() {
	if !s.gone {
		s.maxID = s.after(s.sc.Call.Max)
	}
}

func (s *Session) after(d time.Duration) int {
	s.lastID++
	s.do(SetTimer{ID: s.lastID, After: d})
	return s.lastID
}

func (s *Session) play(prompts []Prompt, barge bool) int { return s.playFrom(0, prompts, barge) }

// playFrom plays prompts of which the first lead are said before a question.
func (s *Session) playFrom(lead int, prompts []Prompt, barge bool) int {
	s.lastID++
	s.do(Play{ID: s.lastID, Prompts: prompts, Lead: lead, Barge: barge, Step: s.step.name})
	return s.lastID
}

// speak plays prompts and waits for their end; to nobody it says nothing.
// What more is said or asked right after is played together with it, without
// a gap; before an ask, a key may then answer early.
func (s *Session) speak(prompts []Prompt) (wait bool) {
	if s.gone {
		return false
	}
	if s.next < len(s.step.items) {
		switch s.step.items[s.next].op.(type) {
		case sayOp, playOp, askOp:
			s.ahead = append(s.ahead, prompts...)
			return false
		}
	}
	if len(prompts)+len(s.ahead) == 0 {
		return false
	}
	s.waiting = playWait{id: s.play(append(s.takeLead(), prompts...), false)}
	return true
}

// takeLead takes what was to be said right before.
func (s *Session) takeLead() []Prompt {
	p := s.ahead
	s.ahead = nil
	return p
}

// playWait waits for the end of a play.
type playWait struct{ id int }

func (w playWait) handle(_ *Session, ev Event) bool {
	switch ev := ev.(type) {
	case PlayDone:
		return ev.ID == w.id
	case HungUp:
		return true
	}
	return false
}

// endWait ends the session once a play is over.
type endWait struct{ play playWait }

func (w endWait) handle(s *Session, ev Event) bool {
	if w.play.handle(s, ev) {
		s.conclude()
		return true
	}
	return false
}
