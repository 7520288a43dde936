package phonesim

import (
	"context"
	"time"

	"dozvon/dialer"
)

// Times of a simulated network.
const (
	postDial    = time.Second      // from INVITE to ringing
	defaultRing = 30 * time.Second // until we give up
	machineTime = 4 * time.Second  // until a greeting is known as a machine's
	faxTime     = 3 * time.Second
	muteTime    = 10 * time.Second // until a call without media is given up
	knownTime   = 2 * time.Second  // until an announcement is known
	busyTime    = 2 * time.Second  // until a busy tone is
)

// Call is an answered call as a Talk sees it.
type Call struct {
	Attempt dialer.Attempt
	Lead    dialer.Lead
	Profile Profile
	At      time.Time // the moment of the answer
}

// Talk is what our side does with a person who answered: the scenario at call
// level. It returns how long the call lasts from the answer on, and its result.
type Talk func(Call) (time.Duration, dialer.Result)

// Network is a telephone network on virtual time: a dialer.Caller that plays
// the profiles of a book, and the clock of the loop that calls through it. All
// of it runs on that loop's goroutine; time passes when the loop waits.
type Network struct {
	Book Book
	Talk Talk          // default: ends on the list "answered"
	Ring time.Duration // how long unanswered calls ring; default 30 s

	Peak int // most calls up at once so far

	now    time.Time
	seq    int
	post   func(dialer.Event)
	calls  map[dialer.AttemptID]*call
	nth    map[string]int // calls so far by number
	agenda heap[act]
}

// call is a call that is up: what is still to happen in it.
type call struct {
	acts     []act
	answered bool
}

// act is something that the far end does at a moment.
type act struct {
	at  time.Time
	seq int // acts of one moment happen in the order in which they were planned
	id  dialer.AttemptID
	ev  dialer.Event
}

// NewNetwork returns a network whose clock stands at start.
func NewNetwork(start time.Time, book Book) *Network {
	return &Network{
		Book: book, now: start, Ring: defaultRing,
		calls: map[dialer.AttemptID]*call{}, nth: map[string]int{},
		agenda: heap[act]{less: func(a, b *act) bool {
			return a.at.Before(b.at) || a.at.Equal(b.at) && a.seq < b.seq
		}},
	}
}

// Attach says where events go: the Post of the loop. It must come before the
// first call.
func (n *Network) Attach(post func(dialer.Event)) { n.post = post }

// Now returns the virtual time.
func (n *Network) Now() time.Time { return n.now }

// Jump sets the clock forward.
func (n *Network) Jump(to time.Time) {
	if to.After(n.now) {
		n.now = to
	}
}

// At plans an event for the loop at a moment of virtual time: a push from a
// CRM, a supervisor's pause.
func (n *Network) At(at time.Time, ev dialer.Event) {
	n.plan(act{at: at, ev: ev})
}

// Wait lets time pass: to the next act of the network or to until, whichever
// comes first. It blocks only if neither will ever come.
func (n *Network) Wait(ctx context.Context, until time.Time, wake <-chan struct{}) {
	select {
	case <-wake:
		return
	case <-ctx.Done():
		return
	default:
	}
	if n.agenda.len() == 0 || !until.IsZero() && until.Before(n.agenda.top().at) {
		if !until.IsZero() {
			n.Jump(until)
			return
		}
		select {
		case <-wake:
		case <-ctx.Done():
		}
		return
	}
	n.Jump(n.agenda.top().at)
	for n.agenda.len() > 0 && !n.agenda.top().at.After(n.now) {
		n.carryOut(n.agenda.pop())
	}
}

func (n *Network) plan(a act) {
	n.seq++
	a.seq = n.seq
	n.agenda.push(a)
}

// carryOut lets an act happen, unless its call is over.
func (n *Network) carryOut(a act) {
	if a.id == 0 {
		n.post(a.ev)
		return
	}
	c := n.calls[a.id]
	if c == nil {
		return
	}
	switch ev := a.ev.(type) {
	case dialer.Ended:
		delete(n.calls, a.id)
	case dialer.Progressed:
		c.answered = c.answered || ev.State == dialer.AttemptAnswered
		n.next(c)
	}
	n.post(a.ev)
}

func (n *Network) next(c *call) {
	a := c.acts[0]
	c.acts = c.acts[1:]
	n.plan(a)
}

// Place starts a call.
func (n *Network) Place(a dialer.Attempt, l dialer.Lead) {
	n.nth[a.Phone]++
	c := &call{acts: n.script(a, l, Draw(n.Book, a.Phone, n.nth[a.Phone]))}
	n.calls[a.ID] = c
	n.Peak = max(n.Peak, len(n.calls))
	n.next(c)
}

// HangUp ends a call at once: an answered one as answered, any other as not.
func (n *Network) HangUp(id dialer.AttemptID, _ string) {
	c := n.calls[id]
	if c == nil {
		return
	}
	delete(n.calls, id)
	r := dialer.Result{Disposition: dialer.NoAnswer, Cause: dialer.Cause{SIP: 487, Local: true}}
	if c.answered {
		r = dialer.Result{Disposition: dialer.Answered, Cause: dialer.Cause{SIP: 200, Local: true}}
	}
	n.post(dialer.Ended{Attempt: id, At: n.now, Result: r})
}

// script is the course of a call to somebody with that profile.
func (n *Network) script(a dialer.Attempt, l dialer.Lead, p Profile) []act {
	final := n.now.Add(p.Ring)
	giveUp := n.now.Add(n.Ring)
	var acts []act
	add := func(at time.Time, ev dialer.Event) { acts = append(acts, act{at: at, id: a.ID, ev: ev}) }
	if p.Kind.rings() {
		state := dialer.AttemptRinging
		if p.Early || p.Music || p.Kind == Announcement {
			state = dialer.AttemptEarly
		}
		at := n.now.Add(min(postDial, p.ringTime(n.Ring)))
		add(at, dialer.Progressed{Attempt: a.ID, State: state, At: at})
	}
	if p.Kind == RingsOut || final.After(giveUp) {
		add(giveUp, dialer.Ended{Attempt: a.ID, At: giveUp, Result: dialer.Result{
			Disposition: dialer.NoAnswer, Cause: dialer.Cause{SIP: 487, Local: true}}})
		return acts
	}
	if r, refused := p.refusal(); refused {
		add(final, dialer.Ended{Attempt: a.ID, At: final, Result: r})
		return acts
	}
	add(final, dialer.Progressed{Attempt: a.ID, State: dialer.AttemptAnswered, At: final})
	took, r := n.converse(Call{Attempt: a, Lead: l, Profile: p, At: final})
	over := final.Add(took)
	add(over, dialer.Ended{Attempt: a.ID, At: over, Result: r})
	return acts
}

// converse plays an answered call.
func (n *Network) converse(c Call) (time.Duration, dialer.Result) {
	ok := dialer.Cause{SIP: 200, Q850: 16}
	heard := func(d dialer.Disposition, after time.Duration, h dialer.Heard) (time.Duration, dialer.Result) {
		h.Confidence, h.After = 1, after
		return after, dialer.Result{Disposition: d, Verdict: h.Verdict, Heard: []dialer.Heard{h}, Cause: ok}
	}
	switch c.Profile.Kind {
	case Voicemail:
		return heard(dialer.Machine, machineTime, dialer.Heard{Verdict: dialer.VerdictMachine, Cause: "a machine's greeting"})
	case Fax:
		return heard(dialer.Fax, faxTime, dialer.Heard{Verdict: dialer.VerdictFax, Cause: "an answer tone"})
	case FalseAnswer:
		return heard(dialer.Busy, busyTime, dialer.Heard{Verdict: dialer.VerdictTone, Label: "busy", Cause: "a busy tone"})
	case Mute:
		return muteTime, dialer.Result{Disposition: dialer.Silent, Verdict: dialer.VerdictSilence, Cause: ok}
	}
	if n.Talk == nil {
		return c.Profile.Duration(), dialer.Result{Disposition: dialer.Answered, Cause: ok, List: "answered"}
	}
	took, r := n.Talk(c)
	if r.Disposition == "" {
		r.Disposition = dialer.Answered
	}
	if r.Cause == (dialer.Cause{}) {
		r.Cause = ok
	}
	return took, r
}
