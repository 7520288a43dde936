package scenarios

import "sort"

// setOp notes answers.
type setOp struct {
	plain
	names  []string // sorted
	values map[string]*template
}

func setVerb() verb {
	return verb{name: "set", doc: "note answers: name: value",
		shape: func() shape { return mapShape(keyShape()) },
		decode: func(d *decoder, n *node) op {
			o := setOp{values: map[string]*template{}}
			if n.kind != mapping || len(n.pairs) == 0 {
				d.log.at(n, "write it as {name: value}", "set needs names and values")
				return o
			}
			for _, p := range n.pairs {
				name := d.answer(p.key)
				o.names = append(o.names, name)
				o.values[name] = d.template(p.value, "the value of "+name)
			}
			sort.Strings(o.names)
			return o
		}}
}

// answer reads the name of an answer; it can't be a column's.
func (d *decoder) answer(n *node) string {
	name := d.word(n, "an answer's name")
	if what := reserved[name]; what != "" {
		d.log.at(n, "choose another name", "the name %q is kept for %s", name, what)
	}
	if at := d.columns[name]; at != nil {
		d.log.at(n, "choose another name", "%q is a column of the lead (line %d)", name, at.line)
	}
	d.sets[name] = true
	return name
}

func (setOp) quiet() {}

func (o setOp) run(s *Session) bool {
	f := s.filling()
	for _, name := range o.names {
		text, _ := f.fill(o.values[name], false)
		s.answers[name] = clean(text)
	}
	return false
}
