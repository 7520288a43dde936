package base

import (
	"strings"
	"unicode"
)

// fold makes titles comparable: letters and digits only, in lower case, with
// ё as е. "Phone number", "phone_number" and "PHONE-NUMBER" fold to the same.
func fold(s string) string {
	var b strings.Builder
	for _, r := range s {
		r = unicode.ToLower(r)
		if r == 'ё' {
			r = 'е'
		}
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// words splits a title into its folded words.
func words(s string) []string {
	parts := strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i := range parts {
		parts[i] = fold(parts[i])
	}
	return parts
}

// tidy cleans a title: one line, no invisible characters, at most 100 runes.
func tidy(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == unicode.ReplacementChar || !unicode.IsPrint(r):
			return -1
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 100 {
		s = string(r[:100])
	}
	return s
}

// blank reports whether a value holds nothing visible.
func blank(s string) bool {
	return strings.TrimFunc(s, func(r rune) bool { return !unicode.IsGraphic(r) || unicode.IsSpace(r) }) == ""
}

func allBlank(values []string) bool {
	for _, v := range values {
		if !blank(v) {
			return false
		}
	}
	return true
}
