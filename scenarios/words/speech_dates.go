package words

import "strconv"

// The readers of dates and ordinals; a date that does not exist is left to
// the reader of plain numbers.

func sayDottedDate(l Language, m []string, c Case, given bool) (string, bool) {
	return sayDate(l, m[3], m[2], m[1], c, given)
}

func sayISODate(l Language, m []string, c Case, given bool) (string, bool) {
	return sayDate(l, m[1], m[2], m[3], c, given)
}

func sayRuDate(l Language, m []string, c Case, given bool) (string, bool) {
	for i, name := range ruMonths {
		if name == m[2] && i > 0 {
			return sayDate(l, m[3], strconv.Itoa(i), m[1], c, given)
		}
	}
	return "", false
}

func sayDate(l Language, year, month, day string, c Case, given bool) (string, bool) {
	y, _ := strconv.Atoi(year)
	m, _ := strconv.Atoi(month)
	d, _ := strconv.Atoi(day)
	if m < 1 || m > 12 || d < 1 || d > 31 {
		return "", false
	}
	if !given {
		c = Genitive
	}
	return Date(l, y, m, d, c), true
}

// ruOrdinalEnds are the written endings of ordinals: 5-й, 5-го.
var ruOrdinalEnds = map[string]struct {
	g Gender
	c Case
}{
	"й": {Masculine, Nominative}, "я": {Feminine, Nominative}, "е": {Neuter, Nominative}, "го": {Masculine, Genitive},
	"му": {Masculine, Dative}, "м": {Masculine, Prepositional}, "ю": {Feminine, Accusative},
}

func sayRuOrdinal(l Language, m []string, _ Case, _ bool) (string, bool) {
	n, _ := strconv.ParseInt(m[1], 10, 64)
	f, ok := ruOrdinalEnds[m[2]]
	return Ordinal(l, n, f.g, f.c), ok && n > 0
}

func sayEnOrdinal(l Language, m []string, _ Case, _ bool) (string, bool) {
	n, _ := strconv.ParseInt(m[1], 10, 64)
	return Ordinal(l, n, Masculine, Nominative), n > 0
}
