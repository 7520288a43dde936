package scenarios

// gotoOp goes on with another step.
type gotoOp struct{ to *branch }

func gotoVerb() verb {
	return verb{name: "goto", doc: "go on with another step",
		shape: wordShape,
		decode: func(d *decoder, n *node) op {
			if n.kind != scalar {
				d.log.at(n, "write goto: and the name of a step", "goto needs the name of a step")
				return nil
			}
			return gotoOp{to: d.branch(n, "goto")}
		}}
}

func (o gotoOp) branches() []*branch { return []*branch{o.to} }
func (gotoOp) falls() bool           { return false }

func (o gotoOp) run(s *Session) bool {
	s.jump(o.to)
	return false
}
