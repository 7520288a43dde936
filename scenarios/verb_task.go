package scenarios

import "dozvon/dialer"

// taskFields is the table of a task: title, or {title, fields}.
func taskFields() []field[dialer.Effect] {
	return []field[dialer.Effect]{
		{"title", true, "what is to be done", textShape(),
			func(d *decoder, n *node, to *dialer.Effect) { to.Name = d.template(n, "the title of the task").raw }},
		{"fields", false, "further fields: name and text", mapShape(keyShape()),
			func(d *decoder, n *node, to *dialer.Effect) {
				if n.kind != mapping {
					d.log.at(n, "write it as {name: text}", "the fields of a task must be a mapping")
					return
				}
				to.Fields = map[string]string{}
				for _, p := range n.pairs {
					name := d.word(p.key, "a field's name")
					to.Fields[name] = d.template(p.value, "the field "+name).raw
				}
			}},
	}
}

func taskVerb() verb {
	return verb{name: "task", doc: "set a task for a manager in the CRM",
		shape: func() shape { return anyShape(textShape(), blockShape(taskFields())) },
		decode: func(d *decoder, n *node) op {
			o := effectOp{effect: dialer.Effect{Kind: dialer.EffectTask}}
			if n.kind == scalar {
				o.effect.Name = d.template(n, "task").raw
			} else {
				block(d, n, "task", taskFields(), &o.effect)
			}
			return o
		}}
}
