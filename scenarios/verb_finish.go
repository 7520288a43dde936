package scenarios

// finishOp ends the call and the lead, on a list.
type finishOp struct{ list string }

func finishVerb() verb {
	return verb{name: "finish", doc: "end the call; the lead ends on that list",
		shape: wordShape,
		decode: func(d *decoder, n *node) op {
			return finishOp{list: d.list(n, "the list")}
		}}
}

func (finishOp) branches() []*branch { return nil }
func (finishOp) falls() bool         { return false }
func (finishOp) quiet()              {}

func (o finishOp) run(s *Session) bool {
	s.list = o.list
	s.conclude()
	return false
}
