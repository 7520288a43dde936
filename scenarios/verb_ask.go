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
	unsure  *template // before asking again, when an answer was not heard surely; nil: silent, or wrong
	offer   *template // behind the last repeat's question: which keys to press
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
		{"unsure", false, "spoken before asking again when a spoken answer was heard, but not surely; silent if left out", textShape(),
			func(d *decoder, n *node, to *askOp) { to.unsure = d.template(n, "unsure") }},
		{"keys", false, "spoken behind the question of the last repeat: which key means what; made from the answers if left out", textShape(),
			func(d *decoder, n *node, to *askOp) { to.offer = d.template(n, "keys") }},
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

func askVerb() verb {
	return verb{name: "ask", doc: "ask a question and wait for a key or a word",
		shape: func() shape { return blockShape(askFields()) },
		decode: func(d *decoder, n *node) op {
			o := askOp{wait: 5 * time.Second, repeat: 1, barge: bargeKey}
			block(d, n, "ask", askFields(), &o)
			if o.say != nil && o.play != "" {
				d.log.at(n, "keep one of them", "ask has both say and play")
			}
			if o.offer != nil && o.repeat == 0 {
				d.log.at(n, "write repeat: 1, or remove keys", "keys are offered with the last repeat, and this question is never repeated")
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
	for _, t := range []*template{o.say, o.silent, o.wrong, o.unsure, o.offer} {
		if t != nil {
			out = append(out, t)
		}
	}
	return out
}
