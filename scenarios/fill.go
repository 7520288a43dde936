package scenarios

import (
	"fmt"
	"strings"
	"time"

	"dozvon/dialer"
	"dozvon/scenarios/words"
)

// Variables that every scenario has besides its columns and answers.
const (
	varPromise = "promise" // the moment of the promised call, once promised
	varPhone   = "phone"   // the lead's number
	varAgain   = dialer.AnswerCallAgain
)

// filling is what the holes of templates are filled from.
type filling struct {
	sc      *Scenario
	lead    dialer.Lead
	answers map[string]string
	zone    *time.Location
}

func (s *Scenario) filling(lead dialer.Lead, answers map[string]string) filling {
	return filling{sc: s, lead: lead, answers: answers, zone: s.zoneOf(lead)}
}

// zoneOf is the person's time zone, else the scenario's, else UTC.
func (s *Scenario) zoneOf(lead dialer.Lead) *time.Location {
	for _, name := range []string{lead.Zone, s.Window.Default} {
		if z := dialer.Location(name); z != nil {
			return z
		}
	}
	return time.UTC
}

// value looks a variable up; false: there is none of that name here.
func (f filling) value(name string) (value, bool) {
	v := value{kind: "text", zone: f.zone}
	for _, c := range f.sc.Lead {
		if c.Name == name {
			v.raw, v.kind, v.currency = clean(f.lead.Columns[name]), c.Type, c.Currency
			return v, true
		}
	}
	if raw, ok := f.answers[name]; ok {
		v.raw = clean(raw)
		if name == varPromise || f.sc.moments[name] {
			v.kind = "when"
		}
		return v, true
	}
	if name == varPhone {
		v.raw, v.kind = clean(f.lead.Phone), "phone"
		return v, true
	}
	return v, f.sc.vars[name] // declared, and not gathered on this call: empty
}

// hole fills one hole; a value that its filter can't show is shown as it is.
func (f filling) hole(h *hole, spoken bool) (string, bool) {
	v, ok := f.value(h.name)
	if v.raw == "" {
		return h.or, ok
	}
	kind := h.kind
	if kind == "" {
		kind = v.kind
	}
	if v.currency == "" {
		v.currency = defaultCurrency(f.sc.Language)
	}
	how := filters[kind].show
	if spoken {
		how = filters[kind].say
	}
	if s, ok := how(words.Language(f.sc.Language), v, h.arg); ok {
		return s, true
	}
	return v.raw, true
}

func defaultCurrency(language string) string {
	if language == string(words.English) {
		return "USD"
	}
	return "RUB"
}

// fill fills a template; missing names the first variable that the scenario
// does not declare.
func (f filling) fill(t *template, spoken bool) (s, missing string) {
	var b strings.Builder
	for _, p := range t.parts {
		if p.hole == nil {
			b.WriteString(p.text)
			continue
		}
		text, ok := f.hole(p.hole, spoken)
		if !ok && missing == "" {
			missing = p.hole.name
		}
		b.WriteString(text)
	}
	return b.String(), missing
}

// speech gives the sentences of a template as prompts.
func (f filling) speech(t *template) []Prompt {
	var out []Prompt
	for _, s := range t.sentences() {
		text, _ := f.fill(s, true)
		if text = words.Speech(words.Language(f.sc.Language), text); text != "" {
			out = append(out, Prompt{Text: text, Language: f.sc.Language})
		}
	}
	return out
}

// Render fills the templates of an effect with a lead's columns and the
// answers gathered. The values are cleaned: one line each, bounded.
func (s *Scenario) Render(e dialer.Effect, lead dialer.Lead, answers map[string]string) (dialer.Effect, error) {
	if e.Kind == dialer.EffectTranscript { // nothing in it is a template
		return e, nil
	}
	f := s.filling(lead, answers)
	var bad error
	fill := func(what, text string) string {
		t, fault := parseTemplate(text)
		out, missing := f.fill(t, false)
		switch {
		case bad != nil:
		case fault != "":
			bad = fmt.Errorf("scenario %s: the %s of %s %q: %s", s.Name, what, e.Kind, e.Name, fault)
		case missing != "":
			bad = fmt.Errorf("scenario %s: the %s of %s %q uses {{%s}}, which is no column and no answer of the scenario; declare it in the block lead", s.Name, what, e.Kind, e.Name, missing)
		}
		return strings.TrimSpace(out)
	}
	out := dialer.Effect{Kind: e.Kind, Name: fill("name", e.Name), Text: fill("text", e.Text)}
	for k, v := range e.Fields {
		if out.Fields == nil {
			out.Fields = make(map[string]string, len(e.Fields))
		}
		out.Fields[k] = fill("field "+k, v)
	}
	return out, bad
}
