package scenarios

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dozvon/dialer"
)

// hearing is small with a hear block.
func hearing(block string) string { return small + "hear:\n" + block + "\n" }

const leaves = `  machine:
    leave:
      say: "Это Ромашка, {{name}}."
      beep: 10s
      then: [{sms: "Мы звонили"}, {finish: missed}]`

func verdict(kind dialer.Verdict, sure float64) Heard {
	return Heard{Heard: dialer.Heard{Verdict: kind, Confidence: sure}}
}

func earlyTone(kind dialer.Verdict, label string) Heard {
	return Heard{Heard: dialer.Heard{Verdict: kind, Label: label, Confidence: 0.9, Early: true}}
}

var (
	machine = verdict(dialer.VerdictMachine, 0.9)
	human   = verdict(dialer.VerdictHuman, 0.9)
	beep    = Heard{Heard: dialer.Heard{Verdict: dialer.VerdictMachine, Confidence: 0.95, Beep: true}}
)

// greeted is a call whose person hears the first prompt.
func greeted(t *testing.T, text string) *line {
	l := dial(t, text)
	l.at(0, Answered{}, "timer 1: 5m0s", "listen", "play 2: Здравствуйте, Анна! Да или нет?")
	return l
}

// Without a block, a machine, a fax, an announcement and a busy tone end the
// call as what they are; a silent and a doubtful one is talked to.
func TestWhatIsHeardByDefault(t *testing.T) {
	for _, c := range []struct {
		heard Heard
		want  dialer.Disposition
	}{
		{machine, dialer.Machine},
		{verdict(dialer.VerdictMachine, 0.4), ""},
		{verdict(dialer.VerdictFax, 0.9), dialer.Fax},
		{human, ""}, {verdict(dialer.VerdictSilence, 1), ""}, {verdict(dialer.VerdictUnsure, 1), ""},
		{Heard{Heard: dialer.Heard{Verdict: dialer.VerdictTone, Label: "busy"}}, dialer.Busy},
		{Heard{Heard: dialer.Heard{Verdict: dialer.VerdictTone, Label: "congestion"}}, dialer.Congestion},
		{Heard{Heard: dialer.Heard{Verdict: dialer.VerdictTone, Label: "ringback"}}, ""},
		{Heard{Heard: dialer.Heard{Verdict: dialer.VerdictTone, Label: "sit-vacant"}}, dialer.Invalid},
		{Heard{Heard: dialer.Heard{Verdict: dialer.VerdictAnnouncement, Label: "off"}}, dialer.Unreachable},
		{Heard{Heard: dialer.Heard{Verdict: dialer.VerdictAnnouncement, Label: "machine"}}, dialer.Machine},
		{Heard{Heard: dialer.Heard{Verdict: dialer.VerdictAnnouncement, Label: "our own"}}, dialer.Unreachable},
		{Heard{Heard: dialer.Heard{Verdict: dialer.VerdictAnnouncement, Label: "our own"}, Means: dialer.Busy}, dialer.Busy},
	} {
		l := greeted(t, small)
		if c.want == "" {
			l.at(2*s, c.heard)
			continue
		}
		l.at(2*s, c.heard, "stop", "deaf", "hang up", "finish ")
		if o := l.outcome(); o.Disposition != c.want || o.List != "" {
			t.Errorf("%+v: %+v", c.heard, o)
		}
		l.at(3*s, HungUp{})
	}
}

// A person who has pressed a key is a person, whatever is heard after it; so
// is everybody once the time is over.
func TestAPersonStaysAPerson(t *testing.T) {
	l := greeted(t, small)
	l.at(1*s, Key{'9'}, "stop", "play 3: Не понял. Да или нет? Если да, нажмите один. Если нет, нажмите два.")
	l.at(2*s, machine)
	if l.s.Heeds(l.now) {
		t.Error("whoever pressed a key may still turn out a machine")
	}
	l = greeted(t, small)
	if !l.s.Heeds(l.now) || l.s.Heeds(l.now.Add(21*s)) {
		t.Error("what is heard counts for twenty seconds")
	}
	l.at(1*s, PlayDone{2}, "timer 3: 5s")
	l.at(1*s, Word{Label: "yes", Confidence: 0.9}, "deaf", "bridge managers hold.wav 20s in_order")
	l.at(2*s, machine)
	l = greeted(t, small)
	l.at(21*s, machine)
	l = greeted(t, hearing("  within: 2s"))
	l.at(3*s, machine)
	l = greeted(t, hearing("  sure: 95"))
	l.at(2*s, machine)
}

// A machine that crossed the answer with what was heard before it.
func TestEarlyVerdicts(t *testing.T) {
	for _, c := range []struct {
		heard Heard
		want  dialer.Disposition
	}{
		{earlyTone(dialer.VerdictAnnouncement, "off"), dialer.Unreachable},
		{earlyTone(dialer.VerdictAnnouncement, "invalid"), dialer.Invalid},
		{earlyTone(dialer.VerdictAnnouncement, "busy"), dialer.Busy},
		{earlyTone(dialer.VerdictAnnouncement, "machine"), dialer.Machine},
		{earlyTone(dialer.VerdictTone, "busy"), dialer.Busy},
		{earlyTone(dialer.VerdictTone, "sit-no-circuit"), dialer.Congestion},
		{earlyTone(dialer.VerdictTone, "ringback"), ""},
		{earlyTone(dialer.VerdictUnsure, "music"), ""},
		{earlyTone(dialer.VerdictUnsure, "speech"), ""},
		{earlyTone(dialer.VerdictMachine, ""), dialer.Machine},
		{Heard{Heard: dialer.Heard{Verdict: dialer.VerdictMachine, Confidence: 0.9, Beep: true, Early: true}}, ""},
		{earlyTone(dialer.VerdictHuman, ""), ""},
		{earlyTone(dialer.VerdictSilence, ""), ""},
	} {
		l := dial(t, small)
		if c.want == "" {
			l.at(2*s, c.heard)
			l.at(3*s, Answered{}, "timer 1: 5m0s", "listen", "play 2: Здравствуйте, Анна! Да или нет?")
			continue
		}
		l.at(2*s, c.heard, "hang up", "finish ")
		if o := l.outcome(); o.Disposition != c.want {
			t.Errorf("%+v: %+v", c.heard, o)
		}
	}
	l := dial(t, small)
	l.at(2*s, Answered{}, "timer 1: 5m0s", "listen", "play 2: Здравствуйте, Анна! Да или нет?")
	l.at(2*s, earlyTone(dialer.VerdictAnnouncement, "off")) // decided before, told after the answer
}

// Three tones without a meaning announce an announcement: that one tells more.
func TestTheAnnouncementAfterItsTones(t *testing.T) {
	l := dial(t, small)
	l.at(1*s, earlyTone(dialer.VerdictTone, "sit"), "timer 1: 8s")
	l.at(4*s, earlyTone(dialer.VerdictAnnouncement, "invalid"), "hang up", "finish ")
	if o := l.outcome(); o.Disposition != dialer.Invalid {
		t.Errorf("%+v", o)
	}
	l = dial(t, small)
	l.at(1*s, earlyTone(dialer.VerdictTone, "sit"), "timer 1: 8s")
	l.at(9*s, Timer{1}, "hang up", "finish ")
	if o := l.outcome(); o.Disposition != dialer.Unreachable {
		t.Errorf("%+v", o)
	}
	l = dial(t, small)
	l.at(1*s, earlyTone(dialer.VerdictTone, "sit"), "timer 1: 8s")
	l.at(5*s, Answered{}, "timer 2: 5m0s", "listen", "play 3: Здравствуйте, Анна! Да или нет?")
	l.at(9*s, Timer{1})
}

func TestEarlyTimersAndBranches(t *testing.T) {
	l := dial(t, hearing("  silence: {hang_up: unreachable}"))
	l.at(20*s, earlyTone(dialer.VerdictSilence, ""), "hang up", "finish ")
	if o := l.outcome(); o.Disposition != dialer.Unreachable {
		t.Errorf("%+v", o)
	}
	l = dial(t, hearing("  announcements: {roaming: busy}\n  announcement: {go: [{sms: \"Мы звонили\"}, {finish: missed}]}"))
	l.at(2*s, earlyTone(dialer.VerdictAnnouncement, "roaming"), "hang up", "finish missed")
	if o := l.outcome(); o.Disposition != dialer.Busy || len(o.Effects) != 1 {
		t.Errorf("%+v", o)
	}
	l.at(2*s, Answered{})
	l = dial(t, hearing("  announcement: go_on"))
	l.at(2*s, earlyTone(dialer.VerdictAnnouncement, "off"))
}

// The message begins with the end of the beep, anew with a second one, and
// its end is the call's.
func TestMessageAfterTheBeep(t *testing.T) {
	l := greeted(t, hearing(leaves))
	l.at(3*s, machine, "stop", "deaf", "timer 3: 10s")
	l.at(8*s, beep, "play 4: Это Ромашка, Анна.", "listen anew")
	l.at(9*s, machine)
	l.at(10*s, beep, "play 5: Это Ромашка, Анна.", "listen anew")
	l.at(11*s, PlayDone{4})
	l.at(12*s, Timer{3})
	l.at(13*s, PlayDone{5}, "hang up", "finish missed")
	if o := l.outcome(); o.Disposition != dialer.Machine || len(o.Effects) != 1 {
		t.Errorf("%+v", o)
	}
}

// A machine known by its beep alone is spoken to at once.
func TestMachineKnownByItsBeep(t *testing.T) {
	l := greeted(t, hearing(leaves))
	l.at(3*s, beep, "stop", "deaf", "play 3: Это Ромашка, Анна.", "listen anew")
}

func TestMessageWithoutABeep(t *testing.T) {
	l := greeted(t, hearing(leaves))
	l.at(3*s, machine, "stop", "deaf", "timer 3: 10s")
	l.at(13*s, Timer{3}, "play 4: Это Ромашка, Анна.", "listen anew")
	l.at(14*s, HungUp{}, "finish ")
	if o := l.outcome(); o.Disposition != dialer.Machine || len(o.Effects) != 0 {
		t.Errorf("cut off in the middle: %+v", o)
	}
	l = greeted(t, hearing("  machine: {leave: {play: hello.wav, no_beep: hang_up}}"))
	l.at(3*s, machine, "stop", "deaf", "timer 3: 20s")
	l.at(23*s, Timer{3}, "hang up", "finish ")
}

// Whoever takes the call off the machine is greeted as anybody.
func TestPersonPicksUpInTheMiddle(t *testing.T) {
	l := greeted(t, hearing(leaves))
	l.at(3*s, machine, "stop", "deaf", "timer 3: 10s")
	l.at(4*s, human) // of the greeting
	l.at(8*s, beep, "play 4: Это Ромашка, Анна.", "listen anew")
	l.at(9*s, verdict(dialer.VerdictHuman, 0.3))
	l.at(10*s, human, "stop", "listen", "play 5: Здравствуйте, Анна! Да или нет?")
	l.at(11*s, beep)
	l.at(12*s, Key{'2'}, "stop", "deaf", "hang up", "finish no")
	if o := l.outcome(); o.Disposition != "" {
		t.Errorf("%+v", o)
	}
}

func TestGreetAfterTheFirstWord(t *testing.T) {
	after := hearing("  greet: after_word\n  wait: 4s\n" + leaves)
	greeting := []string{"listen", "play 3: Здравствуйте, Анна! Да или нет?"}
	for _, ev := range []Event{human, verdict(dialer.VerdictSilence, 1), Timer{2}} {
		l := dial(t, after)
		l.at(0, Answered{}, "timer 1: 5m0s", "timer 2: 4s")
		l.at(1*s, Heard{Heard: dialer.Heard{Verdict: dialer.VerdictTone, Label: "ringback"}})
		l.at(1*s, ev, greeting...)
		l.at(2*s, human)
	}
	l := dial(t, after)
	l.at(0, Answered{}, "timer 1: 5m0s", "timer 2: 4s")
	l.at(3*s, machine, "stop", "deaf", "timer 3: 10s")
	l = dial(t, after)
	l.at(0, Answered{}, "timer 1: 5m0s", "timer 2: 4s")
	l.at(1*s, HungUp{}, "finish no")
	l = dial(t, after) // somebody speaks: they are not talked over
	l.at(0, Answered{}, "timer 1: 5m0s", "timer 2: 4s")
	l.at(3*s, Voice{}, "timer 3: 4s")
	l.at(4*s, Timer{2})
	l.at(5*s, Voice{})
	l.at(7*s, Timer{3}, "listen", "play 4: Здравствуйте, Анна! Да или нет?")
	if !mustParse(t, after).HearsVoice() {
		t.Error("nobody listens for the first word")
	}
}

func TestHearFaults(t *testing.T) {
	for _, c := range []struct{ block, at, what, do string }{
		{"  greet: later", "later", `greet can't be "later"`, "use one of"},
		{"  wait: 3s", "wait", "for greet: after_word only", "add greet: after_word"},
		{"  machine: shout", "shout", `machine can't be "shout"`, "go_on"},
		{"  machine: {hang_up: gone}", "gone", `hang_up can't be "gone"`, ""},
		{"  machine: {hang_up: busy, go: later}", "go", "one thing", "keep one"},
		{"  machine: {leave: {beep: 5s}}", "leave", "either say or play", `write say`},
		{"  machine: {leave: {say: x, play: hello.wav}}", "leave", "either say or play", ""},
		{"  machine: {leave: {play: gone.wav}}", "gone", `no file "gone.wav"`, "put the recording"},
		{"  machine: {leave: {say: \"{{nome}}\"}}", "nome", "no column", "did you mean"},
		{"  machine: {leave: {say: x, then: [{say: y}]}}", "then", "ends here", "finish"},
		{"  fax: {leave: {say: x}}", "leave", `no key "leave"`, ""},
		{"  announcements: {roaming: away}", "away", `can't be "away"`, ""},
		{"  announcement: {go: nowhere}", "nowhere", `no step "nowhere"`, ""},
		{"  human: go_on", "human", `no key "human"`, "use one of"},
		{"  before: {silence: soon}", "soon", `silence can't be "soon"`, "like 30s"},
	} {
		faults := faultsOf(t, hearing(c.block))
		if len(faults) == 0 {
			t.Errorf("%s was accepted", c.block)
			continue
		}
		if text := faults.Error(); !strings.Contains(text, c.what) || !strings.Contains(text, c.do) {
			t.Errorf("%s: %s", c.block, text)
		}
	}
}

// The message is made ready before the phone rings, as every prompt.
func TestTheMessageIsAPrompt(t *testing.T) {
	said := mustParse(t, hearing(leaves)).PromptsFor(anna)
	played := mustParse(t, hearing("  machine: {leave: {play: hello.wav}}")).Prompts()
	has := func(all []Prompt, what string) bool {
		for _, p := range all {
			if p.Text == what || p.File == what {
				return true
			}
		}
		return false
	}
	if !has(said, "Это Ромашка, Анна.") || !has(played, "hello.wav") {
		t.Errorf("%v %v", said, played)
	}
	if g := mustParse(t, hearing(leaves)).Graph(); !strings.Contains(g, "start -->|left|") {
		t.Errorf("the picture does not show what follows a message:\n%s", g)
	}
}

func TestActsOfMachines(t *testing.T) {
	sc := mustParse(t, hearing(leaves)+`tests:
  - {name: message, callee: [answer, machine, beep, {hear: "Это Ромашка"}], expect: {list: missed, disposition: machine, effects: [sms]}}
  - {name: no beep, callee: [answer, machine, {hear: "Это Ромашка"}], expect: {list: missed}}
  - {name: person after all, callee: [answer, machine, beep, human, {hear: hello}, {press: 2}], expect: {list: "no"}}
  - {name: fax, callee: [answer, fax], expect: {disposition: fax}}
  - {name: off, callee: [{announcement: "off"}], expect: {disposition: unreachable}}
  - {name: false answer, callee: [answer, {tone: busy}], expect: {disposition: busy}}
  - {name: silent, callee: [answer, {heard: silence}, {press: 2}], expect: {list: "no"}}
  - {name: wrong, callee: [answer, fax], expect: {disposition: machine}}
`)
	for _, r := range sc.RunTests() {
		if failed := len(r.Faults) > 0; failed != (r.Name == "wrong") {
			t.Errorf("%s: %v (heard %q)", r.Name, r.Faults, r.Heard)
		}
	}
}

// Whatever is heard and done in whatever order, a session finishes exactly
// once, nothing is asked or said after a call was given up, and what is not
// heeded does nothing.
func TestSessionsThatHearFinishOnce(t *testing.T) {
	all := []*Scenario{mustParse(t, small), mustParse(t, hearing(leaves)), mustParse(t, hearing("  greet: after_word\n  machine: {go: later}\n  silence: hang_up\n  unsure: hang_up"))}
	kinds := []dialer.Verdict{dialer.VerdictHuman, dialer.VerdictMachine, dialer.VerdictAnnouncement, dialer.VerdictTone, dialer.VerdictFax, dialer.VerdictSilence, dialer.VerdictUnsure}
	rapid.Check(t, func(t *rapid.T) {
		sc := rapid.SampledFrom(all).Draw(t, "scenario")
		se, finished, up, now := sc.NewSession(sc.testLead(Test{})), 0, true, noon
		send := func(ev Event) {
			now = now.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "ms")) * time.Millisecond)
			_, isHeard := ev.(Heard)
			deaf := isHeard && !se.Heeds(now)
			got := se.Handle(now, ev)
			if deaf && len(got) > 0 {
				t.Fatalf("a verdict that nobody heeds did %v", got)
			}
			for _, a := range got {
				switch a.(type) {
				case Finish:
					finished++
				case HangUp:
					up = false
				case Play, Listen, Bridge:
					if !up {
						t.Fatalf("%T after the call was given up", a)
					}
				}
			}
		}
		for range rapid.IntRange(0, 30).Draw(t, "n") {
			switch rapid.IntRange(0, 5).Draw(t, "event") {
			case 0:
				send(Answered{})
			case 1:
				send(PlayDone{rapid.IntRange(0, se.lastID+1).Draw(t, "play")})
			case 2:
				send(Timer{rapid.IntRange(0, se.lastID+1).Draw(t, "timer")})
			case 3:
				send(Key{rapid.SampledFrom([]byte("1239")).Draw(t, "key")})
			default:
				send(Heard{Heard: dialer.Heard{Verdict: rapid.SampledFrom(kinds).Draw(t, "kind"), Label: rapid.SampledFrom([]string{"", "busy", "sit", "ringback", "machine"}).Draw(t, "label"),
					Confidence: rapid.Float64Range(0, 1).Draw(t, "sure"), Early: rapid.Bool().Draw(t, "early"), Beep: rapid.Bool().Draw(t, "beep")}})
			}
		}
		send(HungUp{})
		if finished != 1 {
			t.Fatalf("finished %d times", finished)
		}
	})
}

func TestAnswersOfQuestions(t *testing.T) {
	got := mustParse(t, survey).Answers()
	if len(got) != 2 || !slices.Equal(got["score"], []string{"low", "high", "stop"}) || !slices.Equal(got["choice"], []string{"at", "no"}) {
		t.Errorf("%v", got)
	}
}
