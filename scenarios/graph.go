package scenarios

import (
	"fmt"
	"strings"
)

// Graph draws the dialogue as Mermaid text: a box per step, an arrow per
// branch, a round end per list.
func (s *Scenario) Graph() string {
	var b strings.Builder
	b.WriteString("flowchart TD\n")
	fmt.Fprintf(&b, "  start([%s]) --> %s\n", mermaid(s.Title), s.id(s.steps[0]))
	for _, to := range s.Hear.branches() {
		fmt.Fprintf(&b, "  start -->|%s| %s\n", mermaid(to.label), s.id(to.to))
	}
	for _, st := range s.steps {
		fmt.Fprintf(&b, "  %s[\"%s\"]\n", s.id(st), mermaid(s.describe(st)))
		s.arrows(&b, st)
	}
	if s.hangup != nil {
		fmt.Fprintf(&b, "  hangup[\"%s\"]\n", mermaid("hangup: "+verbsOf(s.hangup)))
		s.arrows(&b, s.hangup)
	}
	return b.String()
}

func (s *Scenario) arrows(b *strings.Builder, st *step) {
	for _, it := range st.items {
		switch o := it.op.(type) {
		case finishOp:
			fmt.Fprintf(b, "  %s --> list_%s([\"%s\"])\n", s.id(st), o.list, mermaid(s.Outcomes[o.list].Title))
		case callbackOp:
			label := "callback"
			if o.in > 0 {
				label += " in " + showDuration(o.in)
			}
			fmt.Fprintf(b, "  %s --> %s_cb([\"%s\"])\n", s.id(st), s.id(st), mermaid(label))
		}
		for _, to := range it.op.branches() {
			fmt.Fprintf(b, "  %s -->|%s| %s\n", s.id(st), mermaid(to.label), s.id(to.to))
		}
	}
}

// id is a step's name as Mermaid takes it.
func (s *Scenario) id(st *step) string {
	for i, x := range s.steps {
		if x == st {
			return fmt.Sprintf("s%d", i)
		}
	}
	return st.name
}

func (s *Scenario) describe(st *step) string { return st.name + ": " + verbsOf(st) }

func verbsOf(st *step) string {
	var names []string
	for _, it := range st.items {
		names = append(names, it.verb)
	}
	return strings.Join(names, ", ")
}

func mermaid(s string) string {
	return strings.NewReplacer(`"`, "'", "|", "/", "[", "(", "]", ")", "<", "", ">", "", "`", "'").Replace(clean(s))
}
