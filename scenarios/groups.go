package scenarios

import "slices"

// Groups returns the groups of operators that the scenario connects people
// to, each once, in the order of the file.
func (s *Scenario) Groups() []string {
	var out []string
	for _, st := range s.steps {
		for _, it := range st.items {
			if b, ok := it.op.(bridgeOp); ok && !slices.Contains(out, b.group) {
				out = append(out, b.group)
			}
		}
	}
	return out
}

// HearsVoice reports whether some question may be cut short by the person's
// voice, or the greeting waits for it, so that it must be listened for.
func (s *Scenario) HearsVoice() bool {
	if s.Hear.AfterWord {
		return true
	}
	for _, st := range s.steps {
		for _, it := range st.items {
			if o, ok := it.op.(askOp); ok && o.barge == bargeVoice {
				return true
			}
		}
	}
	return false
}
