package scenarios

import (
	"dozvon/scenarios/words"
)

// columnFields is the table of a column.
func columnFields() []field[Column] {
	return []field[Column]{
		{"type", false, "what its values are; text if left out", enumShape(columnTypes),
			func(d *decoder, n *node, to *Column) { to.Type = d.oneOf(n, "type", columnTypes) }},
		{"required", false, "true: a lead without it is not called", boolShape(),
			func(d *decoder, n *node, to *Column) { to.Required = d.boolean(n, "required") }},
		{"label", false, "what people call it; also a header of bases", textShape(),
			func(d *decoder, n *node, to *Column) { to.Label = clean(d.text(n, "label")) }},
		{"aliases", false, "further headers of bases that mean it", someShape(textShape()),
			func(d *decoder, n *node, to *Column) {
				for _, v := range d.values(n) {
					to.Aliases = append(to.Aliases, clean(d.text(v, "an alias")))
				}
			}},
		{"currency", false, "of money; the language's own if left out", enumShape(words.Currencies()),
			func(d *decoder, n *node, to *Column) { to.Currency = d.oneOf(n, "currency", words.Currencies()) }},
		{"example", false, "a value for rehearsals and pictures", keyShape(),
			func(d *decoder, n *node, to *Column) { to.Example = clean(d.text(n, "example")) }},
	}
}

func leadShape() shape {
	return mapShape(anyShape(blockShape(columnFields()), enumShape(columnTypes)))
}

// decodeLead reads the columns: name: {type: …}, or name: type.
func decodeLead(d *decoder, n *node, to *Scenario) {
	if n.kind != mapping {
		d.log.at(n, "write it as name: {type: text}", "lead must be a mapping of columns")
		return
	}
	for _, p := range n.pairs {
		c := Column{Name: d.word(p.key, "a column's name"), Type: "text"}
		d.columns[c.Name] = p.key
		switch p.value.kind {
		case scalar:
			c.Type = d.oneOf(p.value, "the type of "+c.Name, columnTypes)
		case null:
		default:
			block(d, p.value, "the column "+c.Name, columnFields(), &c)
		}
		if v := reserved[c.Name]; v != "" {
			d.log.at(p.key, "choose another name", "the name %q is kept for %s", c.Name, v)
		}
		if err := c.check(c.Example); c.Example != "" && err != nil {
			d.log.at(p.value.get("example"), "write a value of the type "+c.Type, "the example of %s does not fit: %v", c.Name, err)
		}
		to.Lead = append(to.Lead, c)
	}
}

// reserved are names that columns and answers can't have.
var reserved = map[string]string{
	varPromise: "the moment of a promised call",
	varPhone:   "the lead's number, which every base has",
	varAgain:   "the date after which a list's leads may be called again",
}
