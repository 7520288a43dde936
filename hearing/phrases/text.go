package phrases

import (
	"strings"
	"unicode"
)

// maxTokens bounds what is read of a phrase or of a heard text.
const maxTokens = 40

// tokens cuts a text into small words: ё as е, no stress marks, and anything but
// letters, digits and apostrophes parts words.
func tokens(text string) []string {
	text = strings.ToLower(strings.ToValidUTF8(text, " "))
	var out []string
	var cur strings.Builder
	flush := func() {
		if cur.Len() > 0 && len(out) < maxTokens {
			out = append(out, cur.String())
		}
		cur.Reset()
	}
	for _, r := range text {
		switch {
		case r == 'ё':
			cur.WriteRune('е')
		case r == '\u0301' || r == '+':
		case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '\'' || r == '’':
			if r == '’' {
				r = '\''
			}
			cur.WriteRune(r)
		default:
			flush()
		}
	}
	flush()
	return out
}

// without drops words that add nothing, wherever they stand.
func without(words []string, idle map[string]bool) []string {
	var out []string
	for _, w := range words {
		if !idle[w] {
			out = append(out, w)
		}
	}
	return out
}

func set(words string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(words) {
		out[w] = true
	}
	return out
}
