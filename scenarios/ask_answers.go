package scenarios

import (
	"strconv"
	"strings"

	"dozvon/hearing/phrases"
)

// answer is one of the answers of an ask: keys and words that mean it, a range
// of numbers, or a moment.
type answer struct {
	label     string
	at        *node
	keys      string
	words     []string
	family    []string // as the file has it; empty: by the words
	number    bool
	low, high int     // of number
	time      string  // the answer under which the moment is kept; empty: no moment
	sure      float64 // a word below that confidence does not count
	yes       bool    // it means consent: said before the question, it is none
	to        *branch // nil: the next item

	phrases []string // what a recogniser listens for: words, their family, a token
}

// noFamily is the family of an answer whose words are all there is.
const noFamily = "none"

func keyNames() []string { return strings.Split("0123456789*#", "") }

func familyNames() []string {
	names := []string{noFamily}
	for _, f := range phrases.Families() {
		names = append(names, string(f))
	}
	return names
}

func answerFields() []field[answer] {
	return []field[answer]{
		{"keys", false, "the key or keys that mean it", someShape(keyShape()),
			func(d *decoder, n *node, to *answer) {
				for _, v := range d.values(n) {
					to.keys += d.oneOf(v, "a key", keyNames())
				}
			}},
		{"words", false, "words and phrases that mean it; a usual one such as yes brings its family", someShape(textShape()),
			func(d *decoder, n *node, to *answer) {
				for _, v := range d.values(n) {
					to.words = append(to.words, strings.ToLower(clean(d.text(v, "a word"))))
				}
			}},
		{"family", false, "families of usual phrases that mean it too; by the words if left out, none for the words alone", someShape(enumShape(familyNames())),
			func(d *decoder, n *node, to *answer) {
				for _, v := range d.values(n) {
					to.family = append(to.family, d.oneOf(v, "family", familyNames()))
				}
			}},
		{"number", false, `a number said or pressed: "0-10", "1-5"; it is the answer's value`, shape{"type": []string{"string", "integer"}, "pattern": `^\d+(-\d+)?$`},
			func(d *decoder, n *node, to *answer) {
				to.number = true
				to.low, to.high = d.span(n)
			}},
		{"time", false, "a spoken moment, such as «в час» or «tomorrow morning»; the name under which it is kept", wordShape(),
			func(d *decoder, n *node, to *answer) {
				to.time = d.answer(n)
				d.sc.moments[to.time] = true
			}},
		{"sure", false, "how sure the recogniser must be, in percent; 50, and 70 for a yes and for what leads to a bridge", intShape(1, 100),
			func(d *decoder, n *node, to *answer) { to.sure = float64(d.integer(n, "sure", 1, 100)) / 100 }},
		{"go", false, "where it leads: a step, or lines; the next line if left out", branchShape(),
			func(d *decoder, n *node, to *answer) { to.to = d.branch(n, to.label) }},
	}
}

// span reads a range of numbers that can be said.
func (d *decoder) span(n *node) (low, high int) {
	from, to, ranged := strings.Cut(d.text(n, "number"), "-")
	if !ranged {
		to = from
	}
	low, err := strconv.Atoi(strings.TrimSpace(from))
	high, err2 := strconv.Atoi(strings.TrimSpace(to))
	if err != nil || err2 != nil || low < phrases.Lowest || high > phrases.Highest || low > high {
		d.log.at(n, `write it as "0-10" or "1-5"`, "number can't be %q: numbers from 0 to 10 are heard", clip(n.text))
	}
	return low, high
}

func decodeAnswers(d *decoder, n *node, to *askOp) {
	if n.kind != mapping || len(n.pairs) == 0 {
		d.log.at(n, "write it as yes: {keys: 1, go: step}", "answers must be a mapping")
		return
	}
	owner := map[string]string{}
	for _, p := range n.pairs {
		a := answer{label: d.word(p.key, "an answer"), at: p.key}
		if !block(d, p.value, "the answer "+a.label, answerFields(), &a) {
			continue
		}
		ways := 0
		for _, given := range []bool{a.keys != "" || len(a.words) > 0 || len(a.family) > 0, a.number, a.time != ""} {
			if given {
				ways++
			}
		}
		switch {
		case ways == 0:
			d.log.at(p.key, "add keys: 1", "nothing leads to the answer %q", a.label)
		case ways > 1:
			d.log.at(p.key, "give the number, the moment and the words answers of their own", "the answer %q mixes words or keys with a number or a moment", a.label)
		}
		for _, sign := range a.signs() {
			if other, taken := owner[sign]; taken {
				d.log.at(p.key, "keep it in one of them", "%q means %q and %q", sign, other, a.label)
			}
			owner[sign] = a.label
		}
		to.answers = append(to.answers, a)
	}
	d.checkTen(n, to.answers)
}

// signs are what an answer claims for itself.
func (a answer) signs() []string {
	var out []string
	if a.keys != "" {
		out = strings.Split(a.keys, "")
	}
	for _, w := range a.words {
		out = append(out, phrases.Normal(w))
	}
	if a.number {
		for v := a.low; v <= a.high; v++ {
			out = append(out, strconv.Itoa(v))
		}
	}
	if a.time != "" {
		out = append(out, phrases.Time)
	}
	return out
}

// checkTen reports a key 1 that is both an answer and the beginning of a ten.
func (d *decoder) checkTen(n *node, answers []answer) {
	for _, a := range answers {
		if strings.Contains(a.keys, "1") && holds(answers, 10) {
			d.log.at(n, "give the answer another key, or ask for numbers up to 9", "the key 1 means %q, and begins 10", a.label)
		}
	}
}

// holds reports whether a number is one of the answers.
func holds(answers []answer, v int) bool {
	_, ok := scored(answers, v)
	return ok
}

// scored finds the answer that a number means.
func scored(answers []answer, v int) (answer, bool) {
	for _, a := range answers {
		if a.number && v >= a.low && v <= a.high {
			return a, true
		}
	}
	return answer{}, false
}

// allKeys are the keys that may mean an answer, those of its numbers too.
func (a answer) allKeys() string {
	keys := a.keys
	if a.number {
		for v := a.low; v <= min(a.high, 9); v++ {
			keys += strconv.Itoa(v)
		}
	}
	return keys
}
