package phrases

import (
	"slices"
	"strings"
)

// Family is a meaning that many phrases share.
type Family string

// The families.
const (
	Yes      Family = "yes"
	No       Family = "no"
	Later    Family = "later"
	Stop     Family = "stop" // hang up and do not call again
	Operator Family = "operator"
)

// Families returns their names.
func Families() []Family { return []Family{Yes, No, Later, Stop, Operator} }

// kin are the phrases of a family, the heads first: a head among the words of
// an answer brings the whole family.
type kin struct{ heads, rest []string }

var families = map[string]map[Family]kin{
	"ru": {
		Yes: {list("да"),
			list("да-да, ага, угу, конечно, да конечно, хорошо, да хорошо, ну да, да-да-да")},
		No: {list("нет"),
			list("нет-нет, не надо, не нужно, не интересно, не хочу, нет спасибо, нет не надо, нет не нужно, нет не интересно, спасибо не надо, не интересует, да нет, да нет спасибо, да нет не надо, да не надо, да не интересно, конечно нет, нет конечно, ну нет, нет-нет-нет")},
		Later: {list("позже, перезвоните, перезвоните позже"),
			list("потом, попозже, позвоните позже, перезвоните потом, перезвоните попозже, не сейчас, давайте позже, позвоните потом, сейчас не могу")},
		Stop: {list("хватит, стоп, не звоните, больше не звоните"),
			list("не звоните больше, не звоните мне, не звоните мне больше, прекратите звонить, хватит звонить")},
		Operator: {list("оператор, оператора"),
			list("с оператором, соедините с оператором, переключите на оператора, позовите оператора, человек, соедините с человеком, живой человек")},
	},
	"en": {
		Yes: {list("yes"),
			list("yeah, yep, yes yes, yes please, sure, of course, okay, yes of course")},
		No: {list("no"),
			list("nope, no no, no thanks, no thank you, not interested, i'm not interested, i don't want it, of course not, no of course not, not really, no way, yeah no")},
		Later: {list("later, call back later, call me later"),
			list("not now, call me back, call me back later, call again later, another time, some other time, i'm busy")},
		Stop: {list("stop, don't call, do not call"),
			list("stop calling, stop calling me, don't call me, do not call me, don't call again, don't call me again, remove me from your list")},
		Operator: {list("operator, an operator"),
			list("the operator, a human, a person, a real person, an agent, talk to a human, speak to an operator, connect me to an operator")},
	},
}

func list(s string) []string {
	parts := strings.Split(s, ",")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}

// Of returns the phrases of a family, its heads first; none in a language that
// has no families.
func Of(language string, f Family) []string {
	k := families[language][f]
	return slices.Concat(k.heads, k.rest)
}

// FamiliesOf returns the families that these words bring: those of the heads
// among them.
func FamiliesOf(language string, words []string) []Family {
	var out []Family
	for _, f := range Families() {
		for _, w := range words {
			head := func(h string) bool { return Normal(h) == Normal(w) }
			if slices.ContainsFunc(families[language][f].heads, head) && !slices.Contains(out, f) {
				out = append(out, f)
			}
		}
	}
	return out
}

// With returns words with the phrases of families behind them, each once. Those
// for which taken is true are left out: another answer has them.
func With(language string, words []string, all []Family, taken func(phrase string) bool) []string {
	seen := map[string]bool{}
	var out []string
	for _, w := range words {
		if n := Normal(w); !seen[n] {
			seen[n] = true
			out = append(out, w)
		}
	}
	for _, f := range all {
		for _, w := range Of(language, f) {
			if n := Normal(w); !seen[n] && !taken(w) {
				seen[n] = true
				out = append(out, w)
			}
		}
	}
	return out
}

// Normal writes a phrase the one way in which phrases are compared: small
// letters, ё as е, no stress marks, words parted by one space.
func Normal(phrase string) string { return strings.Join(tokens(phrase), " ") }
