package scenarios

import (
	"strings"
	"time"
)

// askOp asks a question and waits for a key or a word.
type askOp struct {
	say     *template
	play    string // or a recorded file
	answers []answer
	wait    time.Duration
	repeat  int
	silent  *template // before asking again, when nothing came
	wrong   *template // before asking again, when something else came
	nothing *branch   // after the last repeat
	save    string    // the answer's name
	barge   string    // what cuts the question short
}

// What cuts a question short.
const (
	bargeKey   = "key"
	bargeVoice = "voice" // a key too
	bargeOff   = "off"   // nothing: it is heard to its end, and nothing counts before
)

// answer is one of the answers of an ask.
type answer struct {
	label string
	keys  string
	words []string
	sure  float64 // a word below that confidence does not count
	to    *branch // nil: the next item
}

// defaultSure is the confidence that a heard word needs.
const defaultSure = 0.5

func keyNames() []string { return strings.Split("0123456789*#", "") }

func answerFields() []field[answer] {
	return []field[answer]{
		{"keys", false, "the key or keys that mean it", someShape(keyShape()),
			func(d *decoder, n *node, to *answer) {
				for _, v := range d.values(n) {
					to.keys += d.oneOf(v, "a key", keyNames())
				}
			}},
		{"words", false, "words and phrases that mean it", someShape(textShape()),
			func(d *decoder, n *node, to *answer) {
				for _, v := range d.values(n) {
					to.words = append(to.words, strings.ToLower(clean(d.text(v, "a word"))))
				}
			}},
		{"sure", false, "how sure the recogniser must be, in percent; 50", intShape(1, 100),
			func(d *decoder, n *node, to *answer) { to.sure = float64(d.integer(n, "sure", 1, 100)) / 100 }},
		{"go", false, "where it leads: a step, or lines; the next line if left out", branchShape(),
			func(d *decoder, n *node, to *answer) { to.to = d.branch(n, to.label) }},
	}
}

func askFields() []field[askOp] {
	return []field[askOp]{
		{"say", false, "the question", textShape(),
			func(d *decoder, n *node, to *askOp) { to.say = d.template(n, "say") }},
		{"play", false, "the question as a recorded WAV file instead", textShape(),
			func(d *decoder, n *node, to *askOp) { to.play = d.file(n, "the file to play") }},
		{"answers", true, "the answers by name", mapShape(blockShape(answerFields())), decodeAnswers},
		{"wait", false, "how long to wait for an answer after the question; 5s", durationShape(),
			func(d *decoder, n *node, to *askOp) { to.wait = d.duration(n, "wait", time.Second, time.Minute) }},
		{"repeat", false, "ask again that often; 1", intShape(0, 10),
			func(d *decoder, n *node, to *askOp) { to.repeat = d.integer(n, "repeat", 0, 10) }},
		{"silent", false, "spoken before asking again when nothing was answered", textShape(),
			func(d *decoder, n *node, to *askOp) { to.silent = d.template(n, "silent") }},
		{"wrong", false, "spoken before asking again when something else was answered", textShape(),
			func(d *decoder, n *node, to *askOp) { to.wrong = d.template(n, "wrong") }},
		{"nothing", false, "where to go without an answer after the last repeat; the next line if left out", branchShape(),
			func(d *decoder, n *node, to *askOp) { to.nothing = d.branch(n, "nothing") }},
		{"barge", false, "what cuts the question short: key, voice (a key or the person's voice), or off; key if left out",
			enumShape([]string{bargeKey, bargeVoice, bargeOff}),
			func(d *decoder, n *node, to *askOp) {
				to.barge = d.oneOf(n, "barge", []string{bargeKey, bargeVoice, bargeOff})
			}},
		{"save", false, "name of the answer in the results; the step's name if left out", wordShape(),
			func(d *decoder, n *node, to *askOp) { to.save = d.answer(n) }},
	}
}

func decodeAnswers(d *decoder, n *node, to *askOp) {
	if n.kind != mapping || len(n.pairs) == 0 {
		d.log.at(n, "write it as yes: {keys: 1, go: step}", "answers must be a mapping")
		return
	}
	owner := map[string]string{}
	for _, p := range n.pairs {
		a := answer{label: d.word(p.key, "an answer"), sure: defaultSure}
		if !block(d, p.value, "the answer "+a.label, answerFields(), &a) {
			continue
		}
		if a.keys == "" && len(a.words) == 0 {
			d.log.at(p.key, "add keys: 1", "nothing leads to the answer %q", a.label)
		}
		for _, sign := range append(strings.Split(a.keys, ""), a.words...) {
			if other, taken := owner[sign]; taken {
				d.log.at(p.key, "keep it in one of them", "%q means %q and %q", sign, other, a.label)
			}
			owner[sign] = a.label
		}
		to.answers = append(to.answers, a)
	}
}

func askVerb() verb {
	return verb{name: "ask", doc: "ask a question and wait for a key or a word",
		shape: func() shape { return blockShape(askFields()) },
		decode: func(d *decoder, n *node) op {
			o := askOp{wait: 5 * time.Second, repeat: 1, barge: bargeKey}
			block(d, n, "ask", askFields(), &o)
			if o.say != nil && o.play != "" {
				d.log.at(n, "keep one of them", "ask has both say and play")
			}
			if o.save == "" {
				o.save = strings.ReplaceAll(d.step, "/", "_")
				if d.columns[o.save] != nil || reserved[o.save] != "" {
					d.log.at(n, "add save: another_name", "the answer would be saved as %q, which is a column or kept", o.save)
				}
				d.sets[o.save] = true
			}
			return o
		}}
}

func (o askOp) branches() []*branch {
	out := present(o.nothing)
	for _, a := range o.answers {
		out = append(out, present(a.to)...)
	}
	return out
}

func (o askOp) falls() bool {
	for _, a := range o.answers {
		if a.to == nil {
			return true
		}
	}
	return o.nothing == nil
}

func (askOp) waits() {}

func (o askOp) says() []*template {
	var out []*template
	for _, t := range []*template{o.say, o.silent, o.wrong} {
		if t != nil {
			out = append(out, t)
		}
	}
	return out
}
