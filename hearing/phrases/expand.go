package phrases

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"dozvon/hearing"
	"dozvon/hearing/letters"
)

// Word is something that may be said, ready for the embedded recogniser.
type Word struct {
	Label  string     // of the Options; empty for a filler
	Text   string     // how it is written
	Phones [][]string // each way to say it
	Filler bool       // it means nothing here, and is listened for so that it is not taken for another
}

// Expand returns the phrases of a question with Number, NumberRange and Time
// written out: label → what may be said, each phrase once and in a stable order.
// It is what a recogniser with a grammar listens for.
func Expand(o hearing.Options) map[string][]string {
	out := make(map[string][]string, len(o.Phrases))
	owner := map[string]string{}
	// What the scenario wrote comes before what a token stands for.
	for _, tokens := range []bool{false, true} {
		for _, label := range slices.Sorted(maps.Keys(o.Phrases)) {
			for _, p := range o.Phrases[label] {
				for _, said := range expand(o.Language, p, tokens) {
					n := Normal(said)
					if _, taken := owner[n]; n == "" || taken {
						continue
					}
					owner[n] = label
					out[label] = append(out[label], said)
				}
			}
		}
	}
	return out
}

// expand writes one phrase out, if it is a token or is none as asked for.
func expand(language, phrase string, token bool) []string {
	switch low, high, isRange := rangeOf(phrase); {
	case isToken(phrase) != token:
		return nil
	case isRange:
		return numberPhrases(language, low, high)
	case phrase == Time:
		return timePhrases(language)
	}
	return []string{phrase}
}

func isToken(phrase string) bool {
	_, _, isRange := rangeOf(phrase)
	return isRange || phrase == Time
}

// Compile makes the words of a question ready for the embedded recogniser: all
// phrases of all labels, and Others. Only Russian is known to it.
//
// Phrases that can't be pronounced are left out and named in the error; what
// could be is returned beside it.
func Compile(o hearing.Options) ([]Word, error) {
	if o.Language != "ru" {
		return nil, fmt.Errorf("the embedded recogniser hears Russian, and not %q: keys are heard in any language", o.Language)
	}
	var out []Word
	var bad []error
	said := Expand(o)
	for _, label := range slices.Sorted(maps.Keys(said)) {
		for _, text := range said[label] {
			ways, err := letters.Russian(text)
			if err != nil {
				bad = append(bad, fmt.Errorf("answer %q: %w", label, err))
				continue
			}
			out = append(out, Word{Label: label, Text: text, Phones: ways})
		}
	}
	for _, text := range Others(o) {
		if ways, err := letters.Russian(text); err == nil {
			out = append(out, Word{Text: text, Phones: ways, Filler: true})
		}
	}
	return out, errors.Join(bad...)
}

// Sayable says why a phrase of a scenario can't be listened for; nil: it can.
func Sayable(language, phrase string) error {
	switch {
	case len(tokens(phrase)) == 0:
		return fmt.Errorf("%q has no words", phrase)
	case strings.ContainsAny(phrase, "<>[]"):
		return fmt.Errorf("%q has signs that no one says: write words", phrase)
	case language == "ru":
		_, err := letters.Russian(phrase)
		return err
	}
	return nil
}

// Which returns the label whose phrases (label → phrases) hold this text, as it stands or as a
// number or a moment that one of its tokens stands for. False: none does.
func Which(language string, said map[string][]string, text string) (label string, ok bool) {
	n := Normal(text)
	for _, tokens := range []bool{false, true} {
		for _, label := range slices.Sorted(maps.Keys(said)) {
			for _, p := range said[label] {
				if tokens && stands(language, p, text) || !tokens && n != "" && !isToken(p) && Normal(p) == n {
					return label, true
				}
			}
		}
	}
	return "", false
}

// stands says whether a token stands for a text. A moment is read at some
// moment: whether it can be read does not hang on it.
func stands(language, token, text string) bool {
	if low, high, ok := rangeOf(token); ok {
		v, number := ParseNumber(language, text)
		return number && v >= low && v <= high
	}
	if token != Time {
		return false
	}
	_, ok := ParseTime(language, text, noon)
	return ok
}
