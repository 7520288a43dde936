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
