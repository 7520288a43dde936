package scenarios

import "dozvon/dialer"

// effectOp sends something out of the call: a text or a task. Its templates
// leave as they are and are filled when they are sent (Scenario.Render).
type effectOp struct {
	plain
	effect dialer.Effect
}

func (effectOp) quiet() {}

func (o effectOp) run(s *Session) bool {
	s.effects = append(s.effects, o.effect)
	return false
}
