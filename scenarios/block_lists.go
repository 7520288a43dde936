package scenarios

import "time"

// listFields is the table of a list.
func listFields() []field[List] {
	return []field[List]{
		{"title", true, "what people read", textShape(),
			func(d *decoder, n *node, to *List) { to.Title = clean(d.text(n, "title")) }},
		{"again", false, "its leads may be called again after that long, such as 1y", durationShape(),
			func(d *decoder, n *node, to *List) {
				to.Again = d.duration(n, "again", 24*time.Hour, 10*durationUnits["y"])
			}},
	}
}

func listsShape() shape { return mapShape(anyShape(textShape(), blockShape(listFields()))) }

// decodeLists reads name: title, or name: {title: …, again: …}.
func decodeLists(d *decoder, n *node, to *Scenario) {
	if n.kind != mapping {
		d.log.at(n, "write it as name: title", "lists must be a mapping")
		return
	}
	for _, p := range n.pairs {
		l := List{Name: d.word(p.key, "a list's name")}
		if p.value.kind == scalar {
			l.Title = clean(d.text(p.value, "the title of "+l.Name))
		} else {
			block(d, p.value, "the list "+l.Name, listFields(), &l)
		}
		d.listNodes[l.Name] = p.key
		to.Lists = append(to.Lists, l.Name)
		to.Outcomes[l.Name] = l
	}
}

// decodeMusic reads name: file.
func decodeMusic(d *decoder, n *node, to *Scenario) {
	if n.kind != mapping {
		d.log.at(n, "write it as hold: hold.wav", "music must be a mapping")
		return
	}
	for _, p := range n.pairs {
		name := d.word(p.key, "a music's name")
		to.Music[name] = d.file(p.value, "the file of the music "+name)
		d.musicNodes[name] = p.key
	}
}
