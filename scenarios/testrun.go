package scenarios

import (
	"fmt"
	"strings"
	"time"

	"dozvon/dialer"
	"dozvon/hearing/phrases"
)

var noLead dialer.Lead

// TestResult is what came of one of the scenario's own tests.
type TestResult struct {
	Name   string
	Line   int      // of the test in the file
	Faults []string // what was not as expected; none: passed
	Heard  []string // what the person heard, in order
}

// RunTests plays the scenario's own tests. Nothing is called, nothing waits:
// a test takes microseconds.
func (s *Scenario) RunTests() []TestResult {
	var out []TestResult
	for _, t := range s.tests {
		out = append(out, s.runTest(t))
	}
	return out
}

// testLead is the lead of a test: its columns over the examples.
func (s *Scenario) testLead(t Test) dialer.Lead {
	l := dialer.Lead{ID: 1, Phone: "+79990000001", Columns: map[string]string{}}
	for _, c := range s.Lead {
		l.Columns[c.Name] = c.Example
		if v, ok := t.Lead[c.Name]; ok {
			l.Columns[c.Name] = v
		}
	}
	return l
}

func (s *Scenario) runTest(t Test) TestResult {
	at := t.At
	if at.IsZero() {
		at = time.Date(2026, 3, 16, 11, 0, 0, 0, s.zoneOf(noLead))
	}
	r := &rehearsal{session: s.NewSession(s.testLead(t)), now: at}
	res := TestResult{Name: t.Name, Line: t.at.line}
	for _, a := range t.Callee {
		if fault := r.act(a); fault != "" {
			res.Faults = append(res.Faults, fmt.Sprintf("line %d: %s", a.at.line, fault))
			break
		}
	}
	if len(res.Faults) == 0 {
		res.Faults = r.judge(t.Expect)
	}
	res.Heard = r.heard
	return res
}

// rehearsal performs a session's actions in no time: the clock jumps to
// whatever happens next.
type rehearsal struct {
	session  *Session
	now      time.Time
	answered time.Time // the person's last answer
	heard    []string
	steps    []string // the step of each heard prompt
	play     *Play    // what is being played
	left     time.Duration
	timers   map[int]time.Time
	listen   *Listen
	record   *Record
	bridge   *Bridge
	outcome  *Outcome
}

func (r *rehearsal) send(ev Event) {
	for _, a := range r.session.Handle(r.now, ev) {
		switch a := a.(type) {
		case Play:
			r.play, r.left = &a, 0
			for _, p := range a.Prompts {
				r.heard, r.steps = append(r.heard, p.Text+p.File), append(r.steps, a.Step)
				r.left += time.Duration(len([]rune(p.Text))) * 70 * time.Millisecond
			}
		case StopPlay:
			r.play = nil
		case Listen:
			r.listen = &a
		case StopListen:
			r.listen = nil
		case Record:
			r.record = &a
		case StopRecord:
			r.recorded("")
		case SetTimer:
			if r.timers == nil {
				r.timers = map[int]time.Time{}
			}
			r.timers[a.ID] = r.now.Add(a.After)
		case Bridge:
			r.bridge, r.play = &a, nil
		case Finish:
			r.outcome = &a.Outcome
		}
	}
}

// recorded ends a recording that is on.
func (r *rehearsal) recorded(file string) bool {
	if r.record == nil {
		return false
	}
	id := r.record.ID
	r.record, r.answered = nil, r.now
	r.send(Recorded{ID: id, File: file})
	return true
}

// tick lets the next thing happen by itself; false: nothing can.
func (r *rehearsal) tick() bool {
	if r.outcome != nil || r.bridge != nil {
		return false
	}
	if r.play != nil {
		id := r.play.ID
		r.now, r.play = r.now.Add(r.left), nil
		r.send(PlayDone{id})
		return true
	}
	if r.record != nil {
		r.now = r.now.Add(r.record.Wait)
		return r.recorded("")
	}
	first := 0
	for id, at := range r.timers {
		if first == 0 || at.Before(r.timers[first]) || at.Equal(r.timers[first]) && id < first {
			first = id
		}
	}
	if first == 0 {
		return false
	}
	r.now = r.timers[first]
	delete(r.timers, first)
	r.send(Timer{first})
	return true
}

// maxTicks bounds a test: no call has as many prompts and waits.
const maxTicks = 1000

// act does what the test says; the text says why it could not.
func (r *rehearsal) act(a Act) string {
	if r.outcome != nil {
		return "the call is over already"
	}
	switch {
	case a.Answer:
		r.send(Answered{})
	case a.Heard.Verdict != "":
		a.Heard.Early = !r.session.started
		r.send(Heard{Heard: a.Heard})
	case a.Hear != "":
		return r.hear(a.Hear)
	case a.Speak:
		return r.reply(Voice{})
	case a.Silence:
		return r.silence()
	case a.HangUp:
		r.bridge = nil
		r.send(HungUp{})
	case a.Press != "":
		for i := range len(a.Press) {
			if fault := r.reply(Key{a.Press[i]}); fault != "" {
				return fault
			}
		}
	case a.Say != "":
		return r.say(a.Say)
	case a.Operator != "":
		return r.operator(a.Operator)
	}
	return ""
}

// hear lets time pass until the prompt has been played; keys may cut it, so
// it is enough that it has begun.
func (r *rehearsal) hear(what string) string {
	from := 0
	for range maxTicks {
		for i := from; i < len(r.heard); i++ {
			if r.steps[i] == what || strings.Contains(strings.ToLower(r.heard[i]), strings.ToLower(what)) {
				return ""
			}
		}
		from = len(r.heard)
		if !r.tick() {
			break
		}
	}
	return fmt.Sprintf("%q is never heard; heard was: %s", what, strings.Join(r.heard, " / "))
}

// silence lets the robot wait in vain once.
func (r *rehearsal) silence() string {
	for r.play != nil && r.listen == nil {
		r.tick()
	}
	if r.record != nil {
		r.tick()
		return ""
	}
	for r.play != nil && r.listen != nil {
		r.tick()
	}
	if r.listen == nil || !r.tick() {
		return "the robot is not waiting for an answer"
	}
	return ""
}

func (r *rehearsal) reply(ev Event) string {
	for range maxTicks {
		if _, speaks := ev.(Voice); speaks && r.recorded("answers/"+r.session.sc.Name+".wav") {
			return ""
		}
		if r.listen != nil || r.record != nil {
			r.answered = r.now
			r.send(ev)
			return ""
		}
		if !r.tick() {
			break
		}
	}
	return "the robot is not listening"
}

func (r *rehearsal) say(what string) string {
	for r.listen == nil && r.tick() {
	}
	for r.play != nil && r.listen != nil { // people answer what they have heard
		r.tick()
	}
	word := Word{Label: what, Confidence: 1}
	if r.listen != nil && r.listen.Words[what] == nil {
		word.Text = what
		word.Label, _ = phrases.Which(r.session.sc.Language, r.listen.Words, what)
	}
	return r.reply(word)
}

func (r *rehearsal) operator(what string) string {
	for r.bridge == nil && r.tick() {
	}
	if r.bridge == nil {
		return "nobody is being connected"
	}
	switch what {
	case "answers":
		for _, p := range r.bridge.Whisper {
			r.heard, r.steps = append(r.heard, p.Text), append(r.steps, "whisper")
		}
		r.send(Bridged{Operator: "operator"})
	case "nobody":
		r.now = r.now.Add(r.bridge.Ring)
		r.bridge = nil
		r.answered = r.now
		r.send(BridgeEnded{Outcome: BridgeNobody})
	case "hangs_up":
		r.now = r.now.Add(time.Minute)
		r.bridge = nil
		r.send(BridgeEnded{Outcome: BridgeEndedByOperator, Operator: "operator"})
	}
	return ""
}

// judge lets the call come to its end and compares.
func (r *rehearsal) judge(want Expect) []string {
	for i := 0; i < maxTicks && r.tick(); i++ {
	}
	if r.outcome == nil {
		return []string{fmt.Sprintf("line %d: the call does not end; add what the person or the operator does", want.at.line)}
	}
	got, faults := *r.outcome, []string(nil)
	miss := func(what string, got, want any) {
		faults = append(faults, fmt.Sprintf("%s is %v, expected %v", what, got, want))
	}
	if want.List != "" && got.List != want.List {
		miss("the list", quote(got.List), quote(want.List))
	}
	if want.Promise != 0 {
		// A moment that was said is kept to the second.
		if due := r.answered.Add(want.Promise); !got.Promise.Truncate(time.Second).Equal(due.Truncate(time.Second)) {
			miss("the promise", got.Promise.Format(time.RFC3339), due.Format(time.RFC3339))
		}
	}
	for name, v := range want.Answers {
		if got.Answers[name] != v {
			miss("the answer "+name, quote(got.Answers[name]), quote(v))
		}
	}
	if want.Disposition != "" && got.Disposition != want.Disposition {
		miss("the disposition", quote(string(got.Disposition)), want.Disposition)
	}
	if want.Abandoned != nil && got.Abandoned != *want.Abandoned {
		miss("abandoned", got.Abandoned, *want.Abandoned)
	}
	if want.effects {
		faults = append(faults, r.judgeEffects(got.Effects, want.Effects)...)
	}
	return faults
}

func (r *rehearsal) judgeEffects(got []dialer.Effect, want []string) []string {
	var shown []string
	ok := len(got) == len(want)
	for i, e := range got {
		out, err := r.session.sc.Render(e, r.session.lead, r.outcome.Answers)
		if err != nil {
			return []string{err.Error()}
		}
		text := string(out.Kind) + ": " + out.Name
		if out.Kind == dialer.EffectSMS {
			text = string(out.Kind) + ": " + out.Text
		}
		shown = append(shown, text)
		ok = ok && strings.HasPrefix(text, want[i])
	}
	if ok {
		return nil
	}
	return []string{fmt.Sprintf("the effects are %q, expected %q", shown, want)}
}

func quote(s string) string {
	if s == "" {
		return "none"
	}
	return fmt.Sprintf("%q", s)
}
