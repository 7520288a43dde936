package scenarios

// decodeDialogue reads the steps in the order of the file.
func decodeDialogue(d *decoder, n *node, to *Scenario) {
	d.nodes["dialogue"] = n
	if n.kind != mapping || len(n.pairs) == 0 {
		d.log.at(n, "write it as greeting: followed by lines with - say: …", "dialogue must be a mapping of steps")
		return
	}
	for _, p := range n.pairs {
		d.stepNodes[p.key.text] = p.key
	}
	for _, p := range n.pairs {
		s := &step{name: d.word(p.key, "a step's name"), at: p.key}
		to.steps = append(to.steps, s)
		d.step = s.name
		s.items = d.items(p.value)
	}
	for _, s := range to.steps {
		to.byName[s.name] = s
	}
}

// decodeHangup reads what follows when the person hangs up undecided.
func decodeHangup(d *decoder, n *node, to *Scenario) {
	d.step = "hangup"
	to.hangup = &step{name: "hangup", at: n, items: d.items(n)}
	d.silent(to.hangup.items)
}

// silent reports items that need the person on the line.
func (d *decoder) silent(items []item) {
	for _, it := range items {
		if _, ok := it.op.(quiet); !ok {
			d.log.at(it.at, "use sms, task, set, callback or finish", "%s can't stand here: the person has hung up", it.verb)
		}
	}
}
