package scenarios

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dozvon/dialer"
)

// line is a call in a test: it sends events and shows actions as words.
type line struct {
	t   *testing.T
	s   *Session
	now time.Time
	got []Action
}

func dial(t *testing.T, text string) *line {
	return &line{t: t, s: mustParse(t, text).NewSession(anna), now: noon}
}

// at sends an event so long after noon, and expects these actions.
func (l *line) at(after time.Duration, ev Event, want ...string) {
	l.t.Helper()
	l.now = noon.Add(after)
	l.got = l.s.Handle(l.now, ev)
	if l.s.out != nil {
		l.t.Fatalf("%s %T: the session keeps what it has asked for", after, ev)
	}
	var shown []string
	for _, a := range l.got {
		shown = append(shown, show(a))
	}
	if !slices.Equal(shown, want) {
		l.t.Fatalf("%s %T%+v:\n got %q\nwant %q", after, ev, ev, shown, want)
	}
}

func (l *line) outcome() Outcome {
	l.t.Helper()
	f, ok := l.got[len(l.got)-1].(Finish)
	if !ok {
		l.t.Fatalf("the call is not finished: %v", l.got)
	}
	return f.Outcome
}

func show(a Action) string {
	switch a := a.(type) {
	case Play:
		var texts []string
		for _, p := range a.Prompts {
			texts = append(texts, p.Text+p.File)
		}
		return fmt.Sprintf("play %d: %s", a.ID, strings.Join(texts, " "))
	case StopPlay:
		return "stop"
	case Listen:
		return "listen"
	case StopListen:
		return "deaf"
	case ListenAnew:
		return "listen anew"
	case SetTimer:
		return fmt.Sprintf("timer %d: %s", a.ID, a.After)
	case Bridge:
		return fmt.Sprintf("bridge %s %s %s %s", a.Group, a.Music, a.Ring, a.Mode)
	case HangUp:
		return "hang up"
	case Finish:
		return "finish " + a.Outcome.List
	}
	return "?"
}

const s = time.Second

func TestKeyCutsThePromptAndBridges(t *testing.T) {
	l := dial(t, small)
	l.at(0, Answered{}, "timer 1: 5m0s", "listen", "play 2: Здравствуйте, Анна! Да или нет?")
	l.at(2*s, Key{'1'}, "stop", "deaf", "bridge managers hold.wav 20s in_order")
	l.at(5*s, Bridged{"sip:op1"})
	l.at(60*s, BridgeEnded{BridgeEndedByOperator, "sip:op1"}, "timer 3: 5m0s", "hang up", "finish yes")
	o := l.outcome()
	if o.Answers["hello"] != "yes" || o.Abandoned || !o.Promise.IsZero() || len(o.Effects) != 1 {
		t.Errorf("%+v", o)
	}
	if e := o.Effects[0]; e.Kind != dialer.EffectSMS || e.Text != "{{name}}, спасибо" {
		t.Errorf("the effect is %+v", e)
	}
	l.at(61*s, HungUp{})
	l.at(62*s, Key{'1'})
}

// barging is small with a way to cut its question short.
func barging(how string) string {
	return strings.Replace(small, "        wait: 5s", "        wait: 5s\n        barge: "+how, 1)
}

func TestVoiceCutsTheQuestionAndTheRobotWaits(t *testing.T) {
	l := dial(t, barging("voice"))
	l.at(0, Answered{}, "timer 1: 5m0s", "listen", "play 2: Здравствуйте, Анна! Да или нет?")
	if !l.got[1].(Listen).Voice || !mustParse(t, barging("voice")).HearsVoice() {
		t.Error("nobody listens for the voice")
	}
	l.at(1*s, Voice{}) // «Алло?»
	l.at(3*s, Voice{}, "stop", "timer 3: 5s")
	l.at(4*s, Voice{})     // goes on speaking
	l.at(4*s, PlayDone{2}) // stale
	l.at(8*s, Timer{3}, "play 4: Не слышу. Да или нет? Если да, нажмите один. Если нет, нажмите два.")
	l.at(9*s, Voice{}, "stop", "timer 5: 5s")
	l.at(10*s, Word{Label: "no", Confidence: 0.9}, "deaf", "hang up", "finish no")
}

func TestVoiceCutsNothingUnlessAskedTo(t *testing.T) {
	for _, how := range []string{"key", "off"} {
		l := dial(t, barging(how))
		l.at(0, Answered{}, "timer 1: 5m0s", "listen", "play 2: Здравствуйте, Анна! Да или нет?")
		if l.got[1].(Listen).Voice || mustParse(t, barging(how)).HearsVoice() {
			t.Error("the voice is listened for in vain")
		}
		l.at(3*s, Voice{})
		l.at(4*s, PlayDone{2}, "timer 3: 5s")
	}
}

func TestAQuestionThatMustBeHeardToItsEnd(t *testing.T) {
	l := dial(t, barging("off"))
	l.at(0, Answered{}, "timer 1: 5m0s", "listen", "play 2: Здравствуйте, Анна! Да или нет?")
	l.at(2*s, Key{'1'})
	l.at(2*s, Word{Label: "yes", Confidence: 1})
	l.at(4*s, PlayDone{2}, "timer 3: 5s")
	l.at(5*s, Key{'2'}, "deaf", "hang up", "finish no")
}

func TestRepeatsThenGivesUp(t *testing.T) {
	l := dial(t, small)
	l.at(0, Answered{}, "timer 1: 5m0s", "listen", "play 2: Здравствуйте, Анна! Да или нет?")
	l.at(4*s, PlayDone{2}, "timer 3: 5s")
	l.at(9*s, Timer{3}, "play 4: Не слышу. Да или нет? Если да, нажмите один. Если нет, нажмите два.")
	l.at(9*s, Timer{3})    // stale
	l.at(9*s, PlayDone{2}) // stale
	l.at(10*s, Key{'9'}, "stop", "deaf", "play 5: Перезвоним.")
	l.at(12*s, PlayDone{5}, "hang up", "finish ")
	o := l.outcome()
	if want := noon.Add(10*s + 2*time.Hour); !o.Promise.Equal(want) {
		t.Errorf("promised %s, want %s", o.Promise, want)
	}
	if o.Answers["promise"] != "2026-03-16T14:00:10+03:00" {
		t.Errorf("answers: %v", o.Answers)
	}
	if len(o.Effects) != 1 || o.Effects[0].Name != "Перезвонить {{name}}" {
		t.Errorf("effects: %+v", o.Effects)
	}
}

func TestWrongKeyAsksAgain(t *testing.T) {
	l := dial(t, small)
	l.at(0, Answered{}, "timer 1: 5m0s", "listen", "play 2: Здравствуйте, Анна! Да или нет?")
	l.at(4*s, PlayDone{2}, "timer 3: 5s")
	l.at(5*s, Key{'7'}, "play 4: Не понял. Да или нет? Если да, нажмите один. Если нет, нажмите два.")
	l.at(6*s, Timer{3}) // of the first question
	l.at(7*s, Key{'3'}, "stop", "deaf", "hang up", "finish no")
}

func TestWords(t *testing.T) {
	l := dial(t, small)
	l.at(0, Answered{}, "timer 1: 5m0s", "listen", "play 2: Здравствуйте, Анна! Да или нет?")
	if words := l.got[1].(Listen).Words["yes"]; words[0] != "да" || !slices.Contains(words, "ага") {
		t.Errorf("words %q", words)
	}
	l.at(1*s, Word{Label: "yes", Confidence: 0.2}) // doubtful while the robot speaks: its echo
	l.at(4*s, PlayDone{2}, "timer 3: 5s")
	l.at(5*s, Word{Label: "yes", Confidence: 0.6}, "play 4: Не слышу. Да или нет? Если да, нажмите один. Если нет, нажмите два.")
	l.at(6*s, Word{Label: "no", Confidence: 0.9}, "stop", "deaf", "hang up", "finish no")
}

func TestHangUps(t *testing.T) {
	t.Run("before the answer", func(t *testing.T) {
		l := dial(t, small)
		l.at(0, HungUp{}, "finish ")
		if o := l.outcome(); o.List != "" || o.Abandoned {
			t.Errorf("%+v", o)
		}
	})
	t.Run("during the question", func(t *testing.T) {
		l := dial(t, small)
		l.at(0, Answered{}, "timer 1: 5m0s", "listen", "play 2: Здравствуйте, Анна! Да или нет?")
		l.at(1*s, HungUp{}, "finish no")
	})
	t.Run("without a hangup block", func(t *testing.T) {
		l := dial(t, edit(t, "hangup:\n  - finish: \"no\"\n", ""))
		l.at(0, Answered{}, "timer 1: 5m0s", "listen", "play 2: Здравствуйте, Анна! Да или нет?")
		l.at(1*s, HungUp{}, "finish ")
	})
	t.Run("while operators ring", func(t *testing.T) {
		l := dial(t, small)
		l.at(0, Answered{}, "timer 1: 5m0s", "listen", "play 2: Здравствуйте, Анна! Да или нет?")
		l.at(1*s, Key{'1'}, "stop", "deaf", "bridge managers hold.wav 20s in_order")
		l.at(3*s, HungUp{}, "finish no")
		if !l.outcome().Abandoned {
			t.Error("not abandoned")
		}
		l.at(3*s, BridgeEnded{Outcome: BridgeEndedByPerson})
	})
	t.Run("after talking", func(t *testing.T) {
		l := dial(t, small)
		l.at(0, Answered{}, "timer 1: 5m0s", "listen", "play 2: Здравствуйте, Анна! Да или нет?")
		l.at(1*s, Key{'1'}, "stop", "deaf", "bridge managers hold.wav 20s in_order")
		l.at(2*s, Bridged{"op"})
		l.at(3*s, HungUp{}, "finish yes")
		if o := l.outcome(); o.Abandoned || len(o.Effects) != 1 {
			t.Errorf("%+v", o)
		}
	})
	t.Run("during a farewell", func(t *testing.T) {
		l := dial(t, edit(t, `[{finish: "no"}]`, `[{say: "Пока."}, {sms: "x"}, {finish: "no"}]`))
		l.at(0, Answered{}, "timer 1: 5m0s", "listen", "play 2: Здравствуйте, Анна! Да или нет?")
		l.at(1*s, Key{'2'}, "stop", "deaf", "play 3: Пока.")
		l.at(2*s, HungUp{}, "finish no")
		if len(l.outcome().Effects) != 1 {
			t.Error("the text was not sent")
		}
	})
}

func TestNobodyTakesTheCall(t *testing.T) {
	l := dial(t, small)
	l.at(0, Answered{}, "timer 1: 5m0s", "listen", "play 2: Здравствуйте, Анна! Да или нет?")
	l.at(1*s, Key{'1'}, "stop", "deaf", "bridge managers hold.wav 20s in_order")
	l.at(21*s, BridgeEnded{Outcome: BridgeNobody}, "timer 3: 5m0s", "play 4: Перезвоним.")
	l.at(22*s, HungUp{}, "finish ")
	o := l.outcome()
	if !o.Abandoned || !o.Promise.Equal(noon.Add(21*s+2*time.Hour)) {
		t.Errorf("%+v", o)
	}
}

func TestLongestTalk(t *testing.T) {
	l := dial(t, edit(t, "lists:", "call: {max: 1m}\nlists:"))
	l.at(0, Answered{}, "timer 1: 1m0s", "listen", "play 2: Здравствуйте, Анна! Да или нет?")
	l.at(60*s, Timer{1}, "hang up", "finish no")

	l = dial(t, edit(t, "lists:", "call: {max: 1m}\nlists:"))
	l.at(0, Answered{}, "timer 1: 1m0s", "listen", "play 2: Здравствуйте, Анна! Да или нет?")
	l.at(1*s, Key{'1'}, "stop", "deaf", "bridge managers hold.wav 20s in_order")
	l.at(2*s, Bridged{"op"})
	l.at(60*s, Timer{1}) // a talk with an operator is not cut
	l.at(600*s, BridgeEnded{BridgeEndedByPerson, "op"}, "finish yes")
}

// A promise keeps to the calling hours of the scenario and of the law.
func TestPromises(t *testing.T) {
	for _, c := range []struct{ at, callback, want, said string }{
		{"2026-03-16T12:00:00+03:00", `{in: 2h, say: "В срок.", outside: "Позже."}`, "2026-03-16T14:00:00+03:00", "В срок."},
		{"2026-03-16T19:00:01+03:00", `{in: 2h, say: "В срок.", outside: "Позже."}`, "2026-03-17T10:00:00+03:00", "Позже."},
		{"2026-03-16T12:00:00+03:00", `{in: 1h30m, say: "Ждите в {{promise|time}}."}`, "2026-03-16T13:30:00+03:00", "Ждите в тринадцать часов тридцать минут."},
		{"2026-03-16T12:00:00+03:00", `{at: "{{due}}", say: "Ждите {{promise}}."}`, "2026-03-18T15:00:00+03:00", "Ждите восемнадцатого марта в пятнадцать часов."},
		{"2026-03-19T12:00:00+03:00", `{at: "{{due}}", say: "Ждите."}`, "2026-03-19T13:00:00+03:00", "Ждите."}, // has passed: an hour from now
	} {
		text := strings.Replace(edit(t, `{in: 2h, say: "Перезвоним."}`, c.callback), "lead:", "lead:\n  due: {type: date}", 1)
		text = strings.Replace(text, "dialogue:\n", "dialogue:\n  first:\n    - ask: {answers: {go: {keys: 1, go: later}, no: {keys: 2, go: hello}}, nothing: hello}\n", 1)
		lead := anna
		lead.Columns = map[string]string{"name": "Анна", "due": "18.03.2026 15:00"}
		se := mustParse(t, text).NewSession(lead)
		at, _ := time.Parse(time.RFC3339, c.at)
		se.Handle(at, Answered{})
		acts := se.Handle(at, Key{'1'})
		play, ok := acts[len(acts)-1].(Play)
		if !ok || play.Prompts[0].Text != c.said {
			t.Errorf("%s: said %v, want %q", c.at, acts, c.said)
			continue
		}
		acts = se.Handle(at.Add(time.Minute), PlayDone{play.ID})
		o := acts[len(acts)-1].(Finish).Outcome
		if got := o.Promise.In(time.FixedZone("", 3*3600)).Format(time.RFC3339); got != c.want {
			t.Errorf("%s: promised %s, want %s", c.at, got, c.want)
		}
	}
}

// Whatever happens in whatever order, a session finishes exactly once, with
// Finish as its last action, and at the latest when the person hangs up.
func TestSessionsAlwaysFinishOnce(t *testing.T) {
	var all []*Scenario
	for _, name := range ShippedNames() {
		sc, err := LoadShipped(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, sc)
	}
	all = append(all, mustParse(t, small))
	rapid.Check(t, func(t *rapid.T) {
		sc := rapid.SampledFrom(all).Draw(t, "scenario")
		se := sc.NewSession(sc.testLead(Test{}))
		finished := false
		send := func(ev Event) {
			acts := se.Handle(noon, ev)
			for i, a := range acts {
				if f, ok := a.(Finish); ok {
					if finished || i != len(acts)-1 {
						t.Fatalf("Finish out of place: %v", acts)
					}
					finished = true
					if f.Outcome.List != "" && (sc.Outcomes[f.Outcome.List].Name == "" || !f.Outcome.Promise.IsZero()) {
						t.Fatalf("%+v", f.Outcome)
					}
				}
			}
		}
		send(Answered{})
		for range rapid.IntRange(0, 40).Draw(t, "n") {
			switch rapid.IntRange(0, 6).Draw(t, "event") {
			case 0:
				send(Key{rapid.SampledFrom([]byte("0123456789*#AX")).Draw(t, "key")})
			case 1:
				send(PlayDone{rapid.IntRange(0, se.lastID+1).Draw(t, "play")})
			case 2:
				send(Timer{rapid.IntRange(0, se.lastID+1).Draw(t, "timer")})
			case 3:
				send(Word{Label: rapid.SampledFrom([]string{"yes", "no", "later", "confirm", ""}).Draw(t, "word"), Confidence: rapid.Float64Range(0, 1).Draw(t, "sure")})
			case 4:
				send(Bridged{"op"})
			case 5:
				send(BridgeEnded{rapid.SampledFrom([]BridgeOutcome{BridgeNobody, BridgeEndedByOperator, BridgeEndedByPerson, "odd"}).Draw(t, "how"), "op"})
			case 6:
				send(Answered{})
			}
		}
		send(HungUp{})
		if !finished {
			t.Fatal("the person hung up, and the session goes on")
		}
	})
}

// The shared lead and scenario are never changed by a session.
func TestSessionsDoNotShareState(t *testing.T) {
	sc := mustParse(t, small)
	a, b := sc.NewSession(anna), sc.NewSession(anna)
	a.Handle(noon, Answered{})
	a.Handle(noon, Key{'2'})
	b.Handle(noon, Answered{})
	acts := b.Handle(noon, HungUp{})
	if o := acts[0].(Finish).Outcome; len(o.Answers) != 0 {
		t.Errorf("answers of another call: %v", o.Answers)
	}
}
