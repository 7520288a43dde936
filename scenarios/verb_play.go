package scenarios

// playOp plays a recorded file.
type playOp struct {
	plain
	file string
	text string // what the recording says, for people
}

func playFields() []field[playOp] {
	return []field[playOp]{
		{"file", true, "a WAV file in the scenario's folder", textShape(),
			func(d *decoder, n *node, to *playOp) { to.file = d.file(n, "the file to play") }},
		{"text", false, "what it says, for people", textShape(),
			func(d *decoder, n *node, to *playOp) { to.text = clean(d.text(n, "text")) }},
	}
}

func playVerb() verb {
	return verb{name: "play", doc: "play a recorded WAV file of the scenario's folder",
		shape: func() shape { return anyShape(textShape(), blockShape(playFields())) },
		decode: func(d *decoder, n *node) op {
			var o playOp
			if n.kind == scalar {
				o.file = d.file(n, "the file to play")
			} else {
				block(d, n, "play", playFields(), &o)
			}
			return o
		}}
}

func (o playOp) run(s *Session) bool {
	return s.speak([]Prompt{{File: o.file}})
}
