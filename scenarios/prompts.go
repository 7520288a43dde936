package scenarios

import (
	"slices"

	"dozvon/dialer"
)

// speeches are the templates that are spoken, in the order of the file.
func (s *Scenario) speeches() []*template {
	var out []*template
	for _, st := range s.steps {
		for _, it := range st.items {
			if o, ok := it.op.(spoken); ok {
				out = append(out, o.says()...)
			}
		}
	}
	if l := s.Hear.message(); l != nil && l.text != nil {
		out = append(out, l.text)
	}
	return out
}

// recordings are the audio files that the scenario plays.
func (s *Scenario) recordings() []Prompt {
	var out []Prompt
	for _, st := range s.steps {
		for _, it := range st.items {
			switch o := it.op.(type) {
			case playOp:
				out = append(out, Prompt{File: o.file})
			case askOp:
				if o.play != "" {
					out = append(out, Prompt{File: o.play})
				}
			case bridgeOp:
				if o.music != "" {
					out = append(out, Prompt{File: o.music})
				}
			}
		}
	}
	if l := s.Hear.message(); l != nil && l.file != "" {
		out = append(out, Prompt{File: l.file})
	}
	return out
}

// Prompts returns what is the same on every call: recordings, music, and
// sentences without variables. Each stands once.
func (s *Scenario) Prompts() []Prompt {
	out := s.recordings()
	f := s.filling(dialer.Lead{}, nil)
	for _, t := range s.sentences() {
		if len(t.vars()) == 0 {
			out = append(out, f.speech(t)...)
		}
	}
	return once(out)
}

// PromptsFor returns the sentences that depend on the lead's columns, filled
// in. Sentences that depend on the call itself are in LivePrompts.
func (s *Scenario) PromptsFor(lead dialer.Lead) []Prompt {
	var out []Prompt
	f := s.filling(lead, nil)
	for _, t := range s.sentences() {
		if len(t.vars()) > 0 && !s.live(t) {
			out = append(out, f.speech(t)...)
		}
	}
	return once(out)
}

// LivePrompts returns the spoken sentences, with their holes, that are known
// only during a call (a promised moment, an answer): a scenario that has any
// needs a speech engine while it runs.
func (s *Scenario) LivePrompts() []string {
	var out []string
	for _, t := range s.sentences() {
		if s.live(t) {
			out = append(out, t.source())
		}
	}
	return slices.Compact(out)
}

// live reports whether a sentence depends on the call itself.
func (s *Scenario) live(t *template) bool {
	for _, name := range t.vars() {
		column := slices.ContainsFunc(s.Lead, func(c Column) bool { return c.Name == name })
		if !column && name != varPhone {
			return true
		}
	}
	return false
}

func (s *Scenario) sentences() []*template {
	var out []*template
	for _, t := range s.speeches() {
		out = append(out, t.sentences()...)
	}
	return out
}

// once drops prompts that have come before.
func once(in []Prompt) []Prompt {
	seen := map[Prompt]bool{}
	return slices.DeleteFunc(in, func(p Prompt) bool {
		if seen[p] {
			return true
		}
		seen[p] = true
		return false
	})
}
