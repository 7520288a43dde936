package engines

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"dozvon/hearing"
	"dozvon/hearing/phrases"
)

// word is a word as an engine heard it.
type word struct {
	text       string  // as normal leaves it
	confidence float64 // 0..1
	start, end float64 // seconds from the engine's first sample
}

// unknown is what engines call sound that is speech and no word they know.
const unknown = "[unk]"

// Limits of what is taken from an engine.
const (
	maxWords = 200 // of one utterance
	maxText  = 500 // bytes of it that are kept for people
)

// spelling takes away what words are not told apart by: stress marks, among
// them.
var spelling = strings.NewReplacer("ё", "е", "+", "", "\u0301", "", "’", "'")

// normal cuts a text into words: small letters, ё as е, no punctuation. A
// hyphen parts words. What is no UTF-8 has no words.
func normal(text string) []string {
	if !utf8.ValidString(text) {
		return nil
	}
	text = spelling.Replace(strings.ToLower(text))
	words := strings.FieldsFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && r != '\'' && r != '[' && r != ']' && r != '<' && r != '>'
	})
	if len(words) > maxWords {
		words = words[:maxWords]
	}
	for i, w := range words {
		if strings.ContainsAny(w, "[]<>") { // [unk], <unk>, [noise] …
			words[i] = unknown
		}
	}
	return words
}

// negations are the small words that turn an answer round: «интересно» within
// «не интересно», "sure" within "not sure". They are listened for beside the
// phrases of every question.
var negations = map[string][]string{
	"ru": {"не", "ни", "нет", "нельзя"},
	"en": {"not", "no", "don't", "never", "can't", "won't", "isn't"},
}

// phrase is one way to say an answer, or, without a label, something that
// people say and that means nothing («да, алло»).
type phrase struct {
	label string
	words []string
}

// answers knows the phrases of a question.
type answers struct {
	phrases   []phrase // longest first
	negations []string
}

// newAnswers writes the phrases of a question out, numbers and moments too.
func newAnswers(o hearing.Options) *answers {
	a := &answers{negations: negations[o.Language]}
	taken := map[string]bool{}
	add := func(label, text string) {
		words := normal(text)
		key := strings.Join(words, " ")
		if key != "" && (label != "" || !taken[key]) {
			taken[key] = true
			a.phrases = append(a.phrases, phrase{label, words})
		}
	}
	for label, list := range phrases.Expand(o) {
		for _, text := range list {
			add(label, text)
		}
	}
	for _, text := range phrases.Others(o) {
		add("", text)
	}
	slices.SortFunc(a.phrases, func(p, q phrase) int {
		return cmp.Or(len(q.words)-len(p.words), slices.Compare(p.words, q.words), strings.Compare(p.label, q.label))
	})
	return a
}

// none reports whether there is nothing to listen for.
func (a *answers) none() bool {
	return !slices.ContainsFunc(a.phrases, func(p phrase) bool { return p.label != "" })
}

// grammar is everything that an engine should listen for, in a stable order:
// the answers, and what else it may hear so that it is not taken for one.
func (a *answers) grammar() (answers, others []string) {
	must, may := map[string]bool{}, map[string]bool{}
	for _, n := range a.negations {
		may[n] = true
	}
	for _, p := range a.phrases {
		text := strings.Join(p.words, " ")
		if p.label != "" {
			must[text] = true
		} else {
			may[text] = true
		}
	}
	maps.DeleteFunc(may, func(text string, _ bool) bool { return must[text] })
	return slices.Sorted(maps.Keys(must)), slices.Sorted(maps.Keys(may))
}

// label tells which answer an utterance is, and how surely: "" if it is none,
// or not clearly one. It is clear if phrases of one label only are in it, as
// whole words, the longest taken where several fit, and no negation besides.
// The confidence is that of the surest phrase, as sure as its least sure word;
// words around it that are no answer lower it: one beside a single word to
// two thirds, three to two fifths. Those that are known to mean nothing count
// twice: «да, алло» and «да, слушаю» are how people pick up.
func (a *answers) label(words []word) (string, float64) {
	found, sure, covered, idle := "", 0.0, 0, 0
	for i := 0; i < len(words); {
		p := a.at(words[i:])
		switch {
		case p == nil && a.negates(words[i].text):
			return "", 0
		case p == nil:
			i++
			continue
		case p.label == "" && slices.ContainsFunc(p.words, a.negates):
			return "", 0
		case p.label == "":
			idle += len(p.words)
			i += len(p.words)
			continue
		case found != "" && p.label != found:
			return "", 0
		}
		found = p.label
		sure = math.Max(sure, weakest(words[i:i+len(p.words)]))
		covered += len(p.words)
		i += len(p.words)
	}
	if found == "" {
		return "", 0
	}
	return found, sure * (float64(covered+1) / float64(len(words)+1+idle))
}

func (a *answers) negates(w string) bool { return slices.Contains(a.negations, w) }

// at returns the longest phrase that the words begin with; nil: none.
func (a *answers) at(words []word) *phrase {
	for i := range a.phrases {
		if p := &a.phrases[i]; begins(words, p.words) {
			return p
		}
	}
	return nil
}

func begins(words []word, with []string) bool {
	if len(words) < len(with) {
		return false
	}
	for i, w := range with {
		if words[i].text != w {
			return false
		}
	}
	return true
}

func weakest(words []word) float64 {
	least := 1.0
	for _, w := range words {
		least = math.Min(least, w.confidence)
	}
	return least
}

// sentence is the words for people: those that are known.
func sentence(words []word) string {
	known := make([]string, 0, len(words))
	for _, w := range words {
		if w.text != unknown {
			known = append(known, w.text)
		}
	}
	s := strings.Join(known, " ")
	for len(s) > maxText {
		s = s[:strings.LastIndexByte(s[:maxText], ' ')+1]
		s = strings.TrimSpace(s)
		if s == "" {
			return "…"
		}
	}
	return s
}
