package scenarios

// sayOp speaks a text. Right before an ask it is part of what the ask plays
// first, so that a key may answer early.
type sayOp struct {
	plain
	text *template
}

func sayVerb() verb {
	return verb{name: "say", doc: "speak a text; {{name}} holes are filled from the lead",
		shape: textShape,
		decode: func(d *decoder, n *node) op {
			return sayOp{text: d.template(n, "say")}
		}}
}

func (o sayOp) says() []*template { return []*template{o.text} }

func (o sayOp) run(s *Session) bool {
	return s.speak(s.filling().speech(o.text))
}
