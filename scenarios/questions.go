package scenarios

import "slices"

// Questions lists what the scenario listens for, question by question, so
// that recognisers can be asked whether they know the words.
func (s *Scenario) Questions() []Listen {
	var out []Listen
	for _, st := range s.steps {
		for _, it := range st.items {
			if o, ok := it.op.(askOp); ok {
				if l := o.listen(); len(l.Words) > 0 {
					out = append(out, l)
				}
			}
		}
	}
	return out
}

// Answers lists the answers of each question, by the name under which the
// answer is kept, in the order of the file.
func (s *Scenario) Answers() map[string][]string {
	out := map[string][]string{}
	for _, st := range s.steps {
		for _, it := range st.items {
			if o, ok := it.op.(askOp); ok {
				for _, a := range o.answers {
					if !slices.Contains(out[o.save], a.label) { // two questions may share a name
						out[o.save] = append(out[o.save], a.label)
					}
				}
			}
		}
	}
	return out
}
