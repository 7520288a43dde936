package scenarios

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
