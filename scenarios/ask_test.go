package scenarios

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// survey asks for a score in two ranges, and for a moment.
const survey = `name: survey
language: ru
purpose: service
lead: {name: {type: name, example: Анна}}
window: {hours: "10:00-20:00", zone: Europe/Moscow}
retry: {total: 5, rules: [{on: no_answer, days: [{attempts: 1}], finish: done}]}
lists: {good: Довольны, bad: Недовольны, done: Всё}
dialogue:
  score:
    - ask:
        say: "Оцените нас от нуля до десяти."
        answers:
          low: {number: 0-6, go: when}
          high: {number: 7-10, go: [{finish: good}]}
          stop: {words: [хватит], go: [{finish: done}]}
        nothing: [{finish: done}]
        save: score
  when:
    - ask:
        say: "Когда вам позвонить?"
        answers:
          at: {time: moment, go: promise}
          no: {keys: 2, words: [нет], go: [{finish: bad}]}
        nothing: [{finish: bad}]
        save: choice
  promise:
    - callback: {at: "{{moment}}", say: "Позвоним {{moment}}.", outside: "Позвоним, когда откроемся."}
tests:
  - name: высокая оценка словом
    callee: [answer, {say: на девять}]
    expect: {list: good, answers: {score: "9"}}
  - name: десять клавишами
    callee: [answer, {press: 10}]
    expect: {list: good, answers: {score: "10"}}
  - name: один клавишей, через час
    callee: [answer, {press: 1}, {hear: when}, {say: через час}, {hear: "тринадцать часов"}]
    at: "2026-03-16 12:00"
    expect: {promise: 1h, answers: {score: "1", choice: at, moment: "2026-03-16T13:00:02+03:00"}}
  - name: завтра утром
    callee: [answer, {say: тройка}, {say: завтра утром}]
    at: "2026-03-16 12:00"
    expect: {answers: {promise: "2026-03-17T10:00:00+03:00"}}
  - name: до открытия
    callee: [answer, {say: три}, {say: завтра в восемь утра}, {hear: откроемся}]
    at: "2026-03-16 12:00"
    expect: {answers: {promise: "2026-03-17T10:00:00+03:00", moment: "2026-03-17T08:00:00+03:00"}}
  - name: то, чего не было в вопросе
    callee: [answer, {say: одиннадцать}, {hear: "Оцените"}, {say: не звоните}]
    expect: {list: done, answers: {score: stop}}
`

func TestScoresAndMoments(t *testing.T) {
	sc := mustParse(t, survey)
	for _, r := range sc.RunTests() {
		for _, f := range r.Faults {
			t.Errorf("%s: %s (heard %q)", r.Name, f, r.Heard)
		}
	}
}

func TestAOneWaitsForItsZero(t *testing.T) {
	l := dial(t, survey)
	l.at(0, Answered{}, "timer 1: 5m0s", "listen", "play 2: Оцените нас от нуля до десяти.")
	l.at(1*s, Key{'1'}, "stop", "timer 3: 1.5s")
	l.at(2*s, Key{'5'}, "deaf", "listen", "play 4: Когда вам позвонить?") // no second digit makes another number of it
	if got := l.s.answers["score"]; got != "1" {
		t.Errorf("score %q", got)
	}
}

func TestSpokenNumbersAndMomentsMustBeUnderstood(t *testing.T) {
	l := dial(t, survey)
	l.at(0, Answered{}, "timer 1: 5m0s", "listen", "play 2: Оцените нас от нуля до десяти.")
	l.at(4*s, PlayDone{2}, "timer 3: 5s")
	again := "play 4: Оцените нас от нуля до десяти. Число можно набрать на телефоне."
	l.at(5*s, Word{Label: "low", Text: "не знаю", Confidence: 1}, again)
	// The label is the recogniser's; the number is what counts.
	l.at(9*s, PlayDone{4}, "timer 5: 5s")
	l.at(10*s, Word{Label: "low", Text: "восемь", Confidence: 1}, "deaf", "hang up", "finish good")
	if got := l.outcome().Answers["score"]; got != "8" {
		t.Errorf("score %q", got)
	}
}

// What needs to be how sure, by what it leads to.
func TestSureByConsequence(t *testing.T) {
	text := edit(t, `yes: {keys: 1, words: [да], go: connect}`, `yes: {keys: 1, words: [да], go: connect}
          manager: {keys: 4, words: [менеджер], go: connect}
          fine: {keys: 5, words: [верно], family: "yes", go: again}
          plain: {keys: 6, words: [новости], go: later}
          set: {keys: 7, words: [менеджера], sure: 20, go: connect}
          asks: {keys: 8, words: [вопрос], go: again}`)
	text = strings.Replace(text, "  later:\n", "  again:\n    - ask: {say: Ещё?, answers: {yes: {keys: 1, go: connect}}, nothing: later}\n  later:\n", 1)
	text = strings.Replace(text, `yes: {keys: 1, words: [да], go: connect}`, `yes: {keys: 1, words: [согласен], go: connect}`, 1)
	l := dial(t, text)
	l.s.Handle(noon, Answered{})
	want := map[string]float64{"yes": 0.7, "no": 0.5, "manager": 0.7, "fine": 0.7, "plain": 0.5, "set": 0.2, "asks": 0.5}
	got := l.s.waiting.(*askWait).op.listen().Sure
	for label, sure := range want {
		if got[label] != sure {
			t.Errorf("%s: %v, want %v", label, got[label], sure)
		}
	}
}

// «Да» is how people pick up, and what they say to a greeting: it is no answer
// before the question. «Нет» is one at any time, and so is a key.
func TestYesBeforeTheQuestion(t *testing.T) {
	yes := Word{Label: "yes", Confidence: 1}
	open := func() *line {
		l := dial(t, small)
		l.at(0, Answered{}, "timer 1: 5m0s", "listen", "play 2: Здравствуйте, Анна! Да или нет?")
		l.at(1*s, yes)
		l.at(2800*time.Millisecond, yes)
		return l
	}
	connects := []string{"stop", "deaf", "bridge managers hold.wav 20s in_order"}
	l := open()
	l.at(3*s, Asked{2})
	l.at(3600*time.Millisecond, yes)
	l.at(3800*time.Millisecond, yes, connects...)
	open().at(3*s, Key{'1'}, connects...)
	open().at(3*s, Word{Label: "no", Confidence: 1}, "stop", "deaf", "hang up", "finish no")
	l = open()
	l.at(3*s, PlayDone{2}, "timer 3: 5s")
	l.at(3100*time.Millisecond, yes, connects[1:]...)
	// A question that has begun with the answer is not answered by a greeting.
	l = dial(t, edit(t, "    - say: \"Здравствуйте, {{name}}!\"\n", ""))
	l.at(0, Answered{}, "timer 1: 5m0s", "listen", "play 2: Да или нет?")
	l.at(2400*time.Millisecond, yes)
	l.at(2600*time.Millisecond, yes, connects...)
}

// Whoever cuts short by voice what comes before the question is asked it.
func TestYesThatCutsTheGreeting(t *testing.T) {
	l := dial(t, edit(t, "repeat: 1\n", "repeat: 1\n        barge: voice\n"))
	l.at(0, Answered{}, "timer 1: 5m0s", "listen", "play 2: Здравствуйте, Анна! Да или нет?")
	l.at(3*s, Voice{}, "stop", "timer 3: 5s")
	l.at(4*s, Word{Label: "yes", Confidence: 1}, "play 4: Да или нет?")
	l.at(8*s, PlayDone{4}, "timer 5: 5s")
	l.at(9*s, Word{Label: "yes", Confidence: 1}, "deaf", "bridge managers hold.wav 20s in_order")
}

// Below the threshold: asked again, then keys are offered, then nothing.
func TestUnsureAsksAgainThenOffersKeys(t *testing.T) {
	l := dial(t, edit(t, "repeat: 1\n", "repeat: 2\n        unsure: \"Не расслышал.\"\n        keys: \"Один - да.\"\n"))
	l.at(0, Answered{}, "timer 1: 5m0s", "listen", "play 2: Здравствуйте, Анна! Да или нет?")
	l.at(4*s, PlayDone{2}, "timer 3: 5s")
	l.at(5*s, Word{Label: "yes", Confidence: 0.69}, "play 4: Не расслышал. Да или нет?")
	l.at(8*s, PlayDone{4}, "timer 5: 5s")
	l.at(9*s, Word{Label: "no", Confidence: 0.4}, "play 6: Не расслышал. Да или нет? Один - да.")
	l.at(12*s, PlayDone{6}, "timer 7: 5s")
	l.at(13*s, Word{Label: "yes", Confidence: 0.69}, "deaf", "play 8: Перезвоним.")
}

func TestFamiliesOfAnswers(t *testing.T) {
	words := func(text string) map[string][]string {
		l := dial(t, text)
		l.s.Handle(noon, Answered{})
		return l.s.waiting.(*askWait).op.listen().Words
	}
	all := words(edit(t, `words: [нет]`, `words: [нет, хорошо]`))
	if slices.Contains(all["yes"], "хорошо") || !slices.Contains(all["yes"], "угу") || !slices.Contains(all["no"], "не надо") {
		t.Errorf("%q", all)
	}
	if all := words(edit(t, `words: [да]`, `words: [да], family: none`)); !slices.Equal(all["yes"], []string{"да"}) {
		t.Errorf("%q", all["yes"])
	}
	if all := words(edit(t, `words: [да]`, `family: operator`)); !slices.Contains(all["yes"], "соедините с оператором") {
		t.Errorf("%q", all["yes"])
	}
}

func TestFaultsOfSpokenAnswers(t *testing.T) {
	for _, c := range []struct{ old, new, what, do string }{
		{"words: [да]", "words: [ok]", "no Russian letter", "write it as it is said"},
		{"words: [да]", "words: [\"7\"]", "is a figure", ""},
		{"keys: 1, words: [да]", "keys: 1, number: 2-5", "mixes", "answers of their own"},
		{"keys: 1, words: [да]", "number: 2-50", `number can't be "2-50"`, `"0-10"`},
		{"keys: 1, words: [да]", "number: 2-5", `"2" means "yes" and "no"`, "keep it in one"},
		{"keys: [2, 3], words: [нет]", "number: 5-10", "the key 1 means", "another key"},
		{"words: [нет]", "words: [нет], family: \"yes\"", "the family yes means", "keep it in one"},
		{"words: [нет]", "words: [ДА!]", `"да" means`, ""},
		{"keys: 1, words: [да]", "time: amount", "is a column of the lead", "another name"},
		{"repeat: 1", "repeat: 0\n        keys: Один", "keys are offered with the last repeat", "repeat: 1"},
		{"words: [да]", "words: [да], family: maybe", `can't be "maybe"`, ""},
	} {
		faults := faultsOf(t, edit(t, c.old, c.new))
		if !slices.ContainsFunc(faults, func(f Fault) bool {
			return strings.Contains(f.What, c.what) && strings.Contains(f.Do, c.do) && f.Line > 0
		}) {
			t.Errorf("%s: no fault %q: %v", c.new, c.what, faults)
		}
	}
}

func TestDefaultOfferOfKeys(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{"x", "", "Если да, нажмите 1. Если нет, нажмите 2."},
		{"Да или нет?", "Да? Нажмите 1.", ""},
		{"repeat: 1", "repeat: 0", ""},
		{"keys: 1, words: [да]", "keys: \"*\", words: [да]", "Если да, нажмите звёздочку. Если нет, нажмите 2."},
		{"language: ru", "language: en", ""},
	} {
		text := small
		if c.old != "x" {
			text = strings.Replace(small, c.old, c.new, 1)
		}
		if c.new == "language: en" {
			text = strings.NewReplacer("[да]", "[yes]", "[нет]", "[no]").Replace(text)
			c.want = "For yes, press 1. For no, press 2."
		}
		l := dial(t, text)
		l.s.Handle(noon, Answered{})
		got := ""
		if o := l.s.waiting.(*askWait).op.offer; o != nil {
			got = o.raw
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.new, got, c.want)
		}
	}
}

// A moment is kept in the person's zone.
func TestMomentsAreThePersons(t *testing.T) {
	sc := mustParse(t, survey)
	lead := anna
	lead.Zone = "Asia/Yekaterinburg"
	l := &line{t: t, s: sc.NewSession(lead), now: noon}
	l.s.Handle(noon, Answered{})
	l.s.Handle(noon.Add(time.Second), Word{Label: "low", Text: "два", Confidence: 1})
	l.s.Handle(noon.Add(2*time.Second), Word{Label: "at", Text: "после шести", Confidence: 1})
	if got := l.s.answers["moment"]; got != "2026-03-16T18:00:00+05:00" {
		t.Error(got)
	}
}
