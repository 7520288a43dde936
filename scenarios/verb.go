package scenarios

import "strconv"

// verb is a word of the language: what a step does. Each has a file of its
// own, verb_NAME.go, with its table, its reading and its playing.
type verb struct {
	name   string
	doc    string
	shape  func() shape
	decode func(d *decoder, n *node) op
}

// verbs lists the language's verbs in the order in which they are taught.
func verbs() []verb {
	return []verb{sayVerb(), playVerb(), askVerb(), recordVerb(), bridgeVerb(), callbackVerb(),
		smsVerb(), taskVerb(), setVerb(), gotoVerb(), finishVerb()}
}

// op is a verb with its arguments.
type op interface {
	// run performs it and reports whether the session must now wait for an
	// event before it goes on.
	run(s *Session) (wait bool)
	// branches are the steps to which it can lead.
	branches() []*branch
	// falls reports whether the flow can go on with the item after it.
	falls() bool
}

// spoken is implemented by ops that say something.
type spoken interface {
	says() []*template
}

// quiet is implemented by ops that need nobody on the line; only they may
// stand in the hangup block.
type quiet interface{ quiet() }

// waits is implemented by ops that wait for the person or an operator, so
// that a loop through them is no endless loop.
type waits interface{ waits() }

// plain is the part of ops without branches that go on with the next item.
type plain struct{}

func (plain) branches() []*branch { return nil }
func (plain) falls() bool         { return true }

// item is one line of a step.
type item struct {
	verb string
	op   op
	at   *node
}

// step is a named part of the dialogue.
type step struct {
	name   string
	items  []item
	inline bool // written in place of a branch
	at     *node
}

// branch leads to a step, named or written in place.
type branch struct {
	label string // for people: the answer or the outcome that leads there
	name  string // the step as named in the file
	at    *node
	to    *step // resolved; nil only in a scenario with faults
}

// branch reads where to go: the name of a step, an item, or a list of items.
func (d *decoder) branch(n *node, label string) *branch {
	b := &branch{label: label, at: n}
	d.branches = append(d.branches, b)
	if n.kind == scalar {
		b.name = d.word(n, "a step's name")
		return b
	}
	base := d.step + "/" + label
	b.name = base
	for i := 2; d.stepNodes[b.name] != nil; i++ {
		b.name = base + "-" + strconv.Itoa(i)
	}
	d.stepNodes[b.name] = n
	outer := d.step
	d.step = b.name
	b.to = &step{name: b.name, inline: true, at: n}
	d.sc.steps = append(d.sc.steps, b.to)
	b.to.items = d.items(n)
	d.step = outer
	return b
}

// items reads the lines of a step.
func (d *decoder) items(n *node) []item {
	var out []item
	for _, line := range d.values(n) {
		if it, ok := d.item(line); ok {
			out = append(out, it)
		}
	}
	if len(out) == 0 && len(d.values(n)) == 0 {
		d.log.at(n, "add a line such as - say: …", "the step %q is empty", d.step)
	}
	return out
}

// item reads one line: a mapping with one verb.
func (d *decoder) item(n *node) (item, bool) {
	if n.kind != mapping || len(n.pairs) == 0 {
		d.log.at(n, "write it as - verb: …, for example - say: …", "a line of a step must hold a verb")
		return item{}, false
	}
	if len(n.pairs) > 1 {
		d.log.at(n.pairs[1].key, "start a new line with - before it", "a line of a step holds one verb; %q is a second key", clip(n.pairs[1].key.text))
	}
	key, value := n.pairs[0].key, n.pairs[0].value
	var names []string
	for _, v := range verbs() {
		if v.name == key.text {
			if value.kind == null {
				d.log.at(key, "write what to "+v.name, "%s is empty", v.name)
				return item{}, false
			}
			o := v.decode(d, value)
			return item{verb: v.name, op: o, at: key}, o != nil
		}
		names = append(names, v.name)
	}
	d.log.at(key, didYouMean(key.text, names), "there is no verb %q", clip(key.text))
	return item{}, false
}
