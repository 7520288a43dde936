package scenarios

// Questions lists what the scenario listens for, question by question, so
// that recognisers can be asked whether they know the words.
func (s *Scenario) Questions() []Listen {
	var out []Listen
	for _, st := range s.steps {
		for _, it := range st.items {
			o, ok := it.op.(askOp)
			if !ok {
				continue
			}
			l := Listen{Words: map[string][]string{}}
			for _, a := range o.answers {
				if len(a.words) > 0 {
					l.Words[a.label] = a.words
				}
			}
			if len(l.Words) > 0 {
				out = append(out, l)
			}
		}
	}
	return out
}
