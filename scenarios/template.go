package scenarios

import (
	"strings"
	"unicode"
)

// template is a text with holes: "Здравствуйте, {{name}}!". A hole names a
// variable and how to show it: {{amount|money:genitive}}, {{name|or:клиент}}.
// Values only ever fill holes: they are never read as templates.
type template struct {
	raw   string // as it stands in the file
	at    *node
	parts []part
	split []*template // its sentences, once cut
}

// part is a piece of a template: literal text, or a hole.
type part struct {
	text string
	hole *hole
}

// hole is {{name|filter:argument|…}}.
type hole struct {
	name string
	kind string // the filter that formats; empty: by the column's type
	arg  string // its argument
	or   string // shown if the value is empty
}

// template reads a text with holes.
func (d *decoder) template(n *node, what string) *template {
	t, fault := parseTemplate(d.text(n, what))
	if fault != "" {
		d.log.at(n, "write holes as {{name}} or {{name|filter}}", "%s: %s", what, fault)
	}
	t.at = n
	d.templates = append(d.templates, t)
	return t
}

// parseTemplate reads a template; fault says what is wrong with it.
func parseTemplate(s string) (t *template, fault string) {
	s = strings.ToValidUTF8(s, "")
	t = &template{raw: s}
	for s != "" {
		open := strings.Index(s, "{{")
		if open < 0 {
			t.parts = append(t.parts, part{text: s})
			break
		}
		if open > 0 {
			t.parts = append(t.parts, part{text: s[:open]})
		}
		end := strings.Index(s[open:], "}}")
		if end < 0 {
			return t, "a {{ without its }}"
		}
		h, bad := parseHole(s[open+2 : open+end])
		if bad != "" && fault == "" {
			fault = bad
		}
		t.parts = append(t.parts, part{hole: h})
		s = s[open+end+2:]
	}
	return t, fault
}

func parseHole(s string) (*hole, string) {
	pieces := strings.Split(s, "|")
	h := &hole{name: strings.TrimSpace(pieces[0])}
	if !wordRE.MatchString(h.name) {
		return h, "{{" + clip(s) + "}} names no variable"
	}
	for _, p := range pieces[1:] {
		name, arg, _ := strings.Cut(p, ":")
		name, arg = strings.TrimSpace(name), strings.TrimSpace(arg)
		switch {
		case name == "or":
			h.or = arg
		case h.kind != "":
			return h, "{{" + clip(s) + "}} has two filters; keep one"
		case filters[name] == nil:
			return h, "there is no filter " + name + "; " + didYouMean(name, filterNames())
		default:
			h.kind, h.arg = name, arg
			if !filters[name].takes(arg) {
				return h, "the filter " + name + " does not take " + clip(arg) + "; it takes " + strings.Join(filters[name].args, ", ")
			}
		}
	}
	return h, ""
}

// vars are the variables of a template.
func (t *template) vars() []string {
	var out []string
	for _, p := range t.parts {
		if p.hole != nil {
			out = append(out, p.hole.name)
		}
	}
	return out
}

// cut splits a template once and for all: a scenario is shared by many calls,
// each of which asks for the sentences.
func (t *template) cut() {
	t.split = t.sentences()
	for _, s := range t.split {
		s.split = []*template{s}
	}
}

// sentences splits a spoken template after . ! ? and …, so that a sentence is
// the unit that is spoken and cached. Holes are never split: the values of
// leads can't move a boundary.
func (t *template) sentences() []*template {
	if t.split != nil {
		return t.split
	}
	var out []*template
	cur := &template{at: t.at}
	flush := func() {
		if !cur.blank() {
			out = append(out, cur)
		}
		cur = &template{at: t.at}
	}
	for _, p := range t.parts {
		if p.hole != nil {
			cur.parts = append(cur.parts, p)
			continue
		}
		rest := p.text
		for {
			i := sentenceEnd(rest)
			if i < 0 {
				break
			}
			cur.parts = append(cur.parts, part{text: rest[:i]})
			rest = rest[i:]
			flush()
		}
		if rest != "" {
			cur.parts = append(cur.parts, part{text: rest})
		}
	}
	flush()
	return out
}

func (t *template) blank() bool {
	for _, p := range t.parts {
		if p.hole != nil || strings.TrimSpace(p.text) != "" {
			return false
		}
	}
	return true
}

// sentenceEnd finds the place after a mark that ends a sentence: it is
// followed by a space and what starts a sentence. «г. Москва» and «т. е.» do
// not end one: a single letter or «ул» before the dot is an abbreviation.
func sentenceEnd(s string) int {
	r := []rune(s)
	for i, pos := 0, 0; i < len(r); i++ {
		pos += len(string(r[i]))
		if !strings.ContainsRune(".!?…", r[i]) || i+1 >= len(r) || !unicode.IsSpace(r[i+1]) {
			continue
		}
		if r[i] == '.' && abbreviation(r[:i]) {
			continue
		}
		return pos
	}
	return -1
}

var abbreviations = map[string]bool{"ул": true, "пр": true, "просп": true, "пер": true, "стр": true, "корп": true, "оф": true, "руб": true, "коп": true,
	"тел": true, "им": true, "см": true, "др": true, "mr": true, "mrs": true, "ms": true, "dr": true, "st": true}

func abbreviation(before []rune) bool {
	i := len(before)
	for i > 0 && unicode.IsLetter(before[i-1]) {
		i--
	}
	word := strings.ToLower(string(before[i:]))
	return len([]rune(word)) == 1 || abbreviations[word]
}

// source writes a template back, for people.
func (t *template) source() string {
	var b strings.Builder
	for _, p := range t.parts {
		if p.hole == nil {
			b.WriteString(p.text)
			continue
		}
		b.WriteString("{{" + p.hole.name + "}}")
	}
	return strings.TrimSpace(b.String())
}
