package scenarios

import (
	"slices"
	"strings"

	"dozvon/hearing/phrases"
)

// The confidence that a heard word needs where the file says nothing: more for
// an answer with consequences, which a wrong guess makes worse than asking again.
const (
	defaultSure = 0.5
	strictSure  = 0.7
)

// settleAsks gives every question what depends on the whole file: what is
// listened for, how sure an answer must be, which keys are offered at last.
func (d *decoder) settleAsks() {
	for _, s := range d.sc.steps {
		for i, it := range s.items {
			o, ok := it.op.(askOp)
			if !ok {
				continue
			}
			d.settleWords(o.answers)
			for j := range o.answers {
				a := &o.answers[j]
				a.yes = consents(d.sc.Language, *a)
				if a.sure == 0 {
					a.sure = sureOf(d.sc.Language, *a, s.items[i+1:])
				}
			}
			if o.offer == nil {
				o.offer = o.defaultOffer(d.sc.Language)
			}
			s.items[i].op = o
		}
	}
}

// settleWords gives answers their families. A family goes to the first answer
// that has one of its heads; phrases that another answer names stay there.
func (d *decoder) settleWords(answers []answer) {
	language := d.sc.Language
	owner := map[string]string{}
	for _, a := range answers {
		for _, w := range a.words {
			owner[phrases.Normal(w)] = a.label
			if err := phrases.Sayable(language, w); err != nil {
				d.log.at(a.at, "write it as it is said", "the answer %q: %v", a.label, err)
			}
		}
	}
	given := map[phrases.Family]string{}
	for i := range answers {
		a := &answers[i]
		var own []phrases.Family
		for _, f := range a.families(language) {
			if other, taken := given[f]; !taken {
				given[f], own = a.label, append(own, f)
			} else if len(a.family) > 0 {
				d.log.at(a.at, "keep it in one of them", "the family %s means %q and %q", f, other, a.label)
			}
		}
		a.phrases = phrases.With(language, a.words, own, func(p string) bool {
			o, taken := owner[phrases.Normal(p)]
			return taken && o != a.label
		})
		if a.number {
			a.phrases = append(a.phrases, phrases.NumberRange(a.low, a.high))
		}
		if a.time != "" {
			a.phrases = append(a.phrases, phrases.Time)
		}
	}
}

// families are those that an answer brings.
func (a answer) families(language string) []phrases.Family {
	if len(a.family) == 0 {
		return phrases.FamiliesOf(language, a.words)
	}
	var out []phrases.Family
	for _, f := range a.family {
		if f != noFamily {
			out = append(out, phrases.Family(f))
		}
	}
	return out
}

// sureOf is how sure an answer must be: strict for a yes, and for what leads to
// a bridge without a further question. next are the items that follow.
func sureOf(language string, a answer, next []item) float64 {
	items := next
	if a.to != nil {
		items = nil
		if a.to.to != nil {
			items = a.to.to.items
		}
	}
	if consents(language, a) || bridges(items, map[*step]bool{}) {
		return strictSure
	}
	return defaultSure
}

// consents reports whether an answer means yes.
func consents(language string, a answer) bool {
	return slices.Contains(phrases.FamiliesOf(language, a.words), phrases.Yes) || slices.Contains(a.family, string(phrases.Yes))
}

// bridges reports whether items lead to a bridge before anything is asked.
func bridges(items []item, seen map[*step]bool) bool {
	for _, it := range items {
		switch it.op.(type) {
		case bridgeOp:
			return true
		case askOp:
			return false
		}
		for _, b := range it.op.branches() {
			if b.to != nil && !seen[b.to] {
				seen[b.to] = true
				if bridges(b.to.items, seen) {
					return true
				}
			}
		}
		if !it.op.falls() {
			return false
		}
	}
	return false
}

// keyWords say that a question names keys itself.
var keyWords = map[string][]string{"ru": {"нажм", "клавиш", "набер"}, "en": {"press", "key", "dial"}}

// defaultOffer tells which keys to press: «Если да, нажмите 1.» There is none for
// a question that names keys itself or is a recording, that is never repeated,
// or whose answers are not spoken.
func (o askOp) defaultOffer(language string) *template {
	if o.say == nil || o.repeat == 0 {
		return nil
	}
	for _, w := range keyWords[language] {
		if strings.Contains(strings.ToLower(o.say.raw), w) {
			return nil
		}
	}
	var lines []string
	numbers := false
	for _, a := range o.answers {
		if a.keys != "" && len(a.phrases) > 0 {
			lines = append(lines, offerLine(language, a))
		}
		numbers = numbers || a.number
	}
	if numbers {
		lines = append(lines, map[string]string{"ru": "Число можно набрать на телефоне.", "en": "You can also press the number on your phone."}[language])
	}
	if len(lines) == 0 {
		return nil
	}
	text := strings.Join(lines, " ")
	return &template{raw: text, at: o.say.at, parts: []part{{text: text}}}
}

func offerLine(language string, a answer) string {
	word := a.phrases[0]
	key := keyName(language, a.keys[:1])
	if language == "en" {
		return "For " + word + ", press " + key + "."
	}
	return "Если " + word + ", нажмите " + key + "."
}

// keyName is how a key is called.
func keyName(language, key string) string {
	names := map[string]map[string]string{"ru": {"*": "звёздочку", "#": "решётку"}, "en": {"*": "star", "#": "hash"}}
	if name := names[language][key]; name != "" {
		return name
	}
	return key
}
