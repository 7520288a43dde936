package words

import (
	"strings"
	"unicode"
)

var ruSymbols = strings.NewReplacer("№", " номер ", "%", " процентов ", "&", " и ", "+", " плюс ", "₽", " рублей ",
	"—", ", ", "–", ", ", "…", ".", ";", ",", ":", ",", "(", ", ", ")", ", ")

var enSymbols = strings.NewReplacer("№", " number ", "%", " percent ", "&", " and ", "+", " plus ", "₽", " rubles ",
	"—", ", ", "–", ", ", "…", ".", ";", ",", ":", ",", "(", ", ", ")", ", ")

// symbols puts signs into words or pauses, and drops what no engine speaks.
func symbols(l Language, s string) string {
	r := ruSymbols
	if l == English {
		r = enSymbols
	}
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r), unicode.IsMark(r), unicode.IsDigit(r), strings.ContainsRune(" .,!?-'", r):
			return r
		case r == '’':
			return '\''
		case strings.ContainsRune("«»\"“”„", r):
			return -1
		}
		return ' '
	}, r.Replace(s))
}

// tidy joins runs of spaces, and keeps one mark of a run of punctuation, the
// strongest: an empty hole of a template leaves "Здравствуйте, !" behind.
func tidy(s string) string {
	var out []rune
	for _, r := range s {
		switch {
		case r == ' ':
			if len(out) > 0 && out[len(out)-1] != ' ' {
				out = append(out, r)
			}
		case strings.ContainsRune(".,!?", r):
			for len(out) > 0 && out[len(out)-1] == ' ' {
				out = out[:len(out)-1]
			}
			if n := len(out); n > 0 && strings.ContainsRune(".,!?", out[n-1]) {
				if strength(r) > strength(out[n-1]) {
					out[n-1] = r
				}
				continue
			}
			if len(out) > 0 {
				out = append(out, r)
			}
		default:
			if n := len(out); n > 0 && (strings.ContainsRune(",!?", out[n-1]) || out[n-1] == '.' && unicode.Is(unicode.Cyrillic, r)) {
				out = append(out, ' ')
			}
			out = append(out, r)
		}
	}
	return strings.TrimRight(strings.TrimSpace(string(out)), ",")
}

func strength(r rune) int { return strings.IndexRune(",.!?", r) }
