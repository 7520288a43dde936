package scenarios

import (
	"strings"
	"time"

	"dozvon/dialer"
)

// Test is one of the scenario's own tests: a lead, what the person and the
// operators do on the call, and what must come of it.
type Test struct {
	Name   string
	Lead   map[string]string // columns; those left out have their examples
	At     time.Time         // when the person answers
	Callee []Act
	Expect Expect
	at     *node
}

// Act is one thing that the person or an operator does. One field is set.
type Act struct {
	Answer   bool
	Hear     string // wait until a prompt of that step, or one that holds these words, is played
	Press    string // keys, one after the other
	Say      string // an answer's label, or one of its words
	Speak    bool   // begin to speak, nothing that is understood
	Silence  bool   // do nothing until the robot has waited in vain
	HangUp   bool
	Operator string       // answers | nobody | hangs_up
	Heard    dialer.Heard // a verdict; before answer, one of early media
	at       *node
}

// Expect is what must come of a test's call. What is left out is not looked at.
type Expect struct {
	List        string
	Promise     time.Duration // after the person's last answer; 0: not looked at
	Effects     []string      // in order: "sms" or "task", or with the beginning of the text or title: "task: Перезвонить"
	Answers     map[string]string
	Abandoned   *bool
	Disposition dialer.Disposition // by what was heard
	effects     bool               // Effects is given, be it empty
	at          *node
}

func testFields() []field[Test] {
	return []field[Test]{
		{"name", true, "what it shows", textShape(), func(d *decoder, n *node, to *Test) { to.Name = clean(d.text(n, "name")) }},
		{"lead", false, "columns; those left out have their examples", mapShape(keyShape()),
			func(d *decoder, n *node, to *Test) { to.Lead = d.strings(n, "lead") }},
		{"at", false, `when the person answers, in the scenario's zone; "2026-03-16 11:00" if left out`, textShape(),
			func(d *decoder, n *node, to *Test) {
				at, timed, ok := parseDate(d.text(n, "at"), d.sc.zoneOf(noLead))
				if !ok || !timed {
					d.log.at(n, `write it like "2026-03-16 11:00"`, "at can't be %q", clip(n.text))
				}
				to.At = at
			}},
		{"callee", true, "what the person and the operators do", listShape(anyShape(enumShape(plainActs), blockShape(actFields()))), decodeActs},
		{"expect", true, "what must come of it", blockShape(expectFields()),
			func(d *decoder, n *node, to *Test) {
				to.Expect.at = n
				block(d, n, "expect", expectFields(), &to.Expect)
			}},
	}
}

var plainActs = []string{"answer", "speak", "silence", "hang_up", "human", "machine", "beep", "fax"}

// heardActs are the plain acts that are verdicts.
var heardActs = map[string]dialer.Heard{
	"human":   {Verdict: dialer.VerdictHuman, Confidence: 1},
	"machine": {Verdict: dialer.VerdictMachine, Confidence: 1},
	"beep":    {Verdict: dialer.VerdictMachine, Confidence: 1, Beep: true},
	"fax":     {Verdict: dialer.VerdictFax, Confidence: 1},
}

func actFields() []field[Act] {
	operators := []string{"answers", "nobody", "hangs_up"}
	return []field[Act]{
		{"hear", false, "wait until this step, or a prompt with these words, is played", textShape(),
			func(d *decoder, n *node, to *Act) { to.Hear = d.text(n, "hear") }},
		{"press", false, "press keys", keyShape(),
			func(d *decoder, n *node, to *Act) {
				to.Press = d.text(n, "press")
				if strings.Trim(to.Press, "0123456789*#ABCD") != "" {
					d.log.at(n, "use 0-9, * and #", "press can't be %q", clip(n.text))
				}
			}},
		{"say", false, "say an answer, by its name or one of its words", textShape(),
			func(d *decoder, n *node, to *Act) { to.Say = d.text(n, "say") }},
		{"announcement", false, "a known announcement is heard, by its label; before answer, in early media", wordShape(),
			func(d *decoder, n *node, to *Act) {
				to.Heard = dialer.Heard{Verdict: dialer.VerdictAnnouncement, Label: d.word(n, "an announcement"), Confidence: 1}
			}},
		{"tone", false, "a tone of the network is heard, by its label; before answer, in early media", wordShape(),
			func(d *decoder, n *node, to *Act) {
				to.Heard = dialer.Heard{Verdict: dialer.VerdictTone, Label: d.word(n, "a tone"), Confidence: 1}
			}},
		{"heard", false, "silence, or something that tells nothing", enumShape([]string{"silence", "unsure"}),
			func(d *decoder, n *node, to *Act) {
				to.Heard = dialer.Heard{Verdict: dialer.Verdict(d.oneOf(n, "heard", []string{"silence", "unsure"})), Confidence: 1}
			}},
		{"operator", false, "what the operators do", enumShape(operators),
			func(d *decoder, n *node, to *Act) { to.Operator = d.oneOf(n, "operator", operators) }},
	}
}

func decodeActs(d *decoder, n *node, to *Test) {
	for _, v := range d.values(n) {
		a := Act{at: v}
		if v.kind == scalar {
			word := d.oneOf(v, "an act", append(plainActs, "{hear: …}", "{press: …}", "{say: …}", "{announcement: …}", "{tone: …}", "{heard: …}", "{operator: …}"))
			a.Heard = heardActs[word]
			switch word {
			case "answer":
				a.Answer = true
			case "speak":
				a.Speak = true
			case "silence":
				a.Silence = true
			case "hang_up":
				a.HangUp = true
			}
		} else if block(d, v, "an act", actFields(), &a) && len(v.pairs) != 1 {
			d.log.at(v, "write each on a line of its own", "an act is one thing")
		}
		to.Callee = append(to.Callee, a)
	}
}

func expectFields() []field[Expect] {
	return []field[Expect]{
		{"list", false, "the list on which the lead ends", wordShape(),
			func(d *decoder, n *node, to *Expect) { to.List = d.list(n, "the list") }},
		{"promise", false, "a call is promised that long after the person's answer", durationShape(),
			func(d *decoder, n *node, to *Expect) {
				to.Promise = d.duration(n, "promise", time.Second, 365*24*time.Hour)
			}},
		{"effects", false, "texts and tasks in order: sms, task, or with a beginning: \"task: Call\"", someShape(textShape()),
			func(d *decoder, n *node, to *Expect) {
				to.effects = true
				for _, v := range d.values(n) {
					to.Effects = append(to.Effects, d.text(v, "an effect"))
				}
			}},
		{"answers", false, "answers by name", mapShape(keyShape()),
			func(d *decoder, n *node, to *Expect) { to.Answers = d.strings(n, "answers") }},
		{"disposition", false, "what the call is by what was heard, such as machine", enumShape(dispositionNames()),
			func(d *decoder, n *node, to *Expect) {
				to.Disposition = dialer.Disposition(d.oneOf(n, "disposition", dispositionNames()))
			}},
		{"abandoned", false, "whether nobody took a call that was to be connected", boolShape(),
			func(d *decoder, n *node, to *Expect) {
				v := d.boolean(n, "abandoned")
				to.Abandoned = &v
			}},
	}
}

// strings reads a mapping of words to text.
func (d *decoder) strings(n *node, what string) map[string]string {
	out := map[string]string{}
	if n.kind != mapping {
		d.log.at(n, "write it as {name: value}", "%s must be a mapping", what)
	}
	for _, p := range n.pairs {
		out[d.word(p.key, "a name")] = d.text(p.value, p.key.text)
	}
	return out
}

func decodeTests(d *decoder, n *node, to *Scenario) {
	for _, v := range d.values(n) {
		t := Test{at: v}
		if block(d, v, "a test", testFields(), &t) {
			to.tests = append(to.tests, t)
		}
	}
}

// checkTests reports tests whose leads could not be called.
func (d *decoder) checkTests() {
	for _, t := range d.sc.tests {
		for name := range t.Lead {
			if d.columns[name] == nil {
				d.log.at(t.at, "use a column of lead:", "the test %q gives %q, which is no column", t.Name, name)
			}
		}
		if err := d.sc.CheckLead(d.sc.testLead(t).Columns); err != nil {
			d.log.at(t.at, "give it under lead:, or give the column an example", "the lead of the test %q can't be called: %v", t.Name, err)
		}
	}
}
