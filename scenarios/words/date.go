package words

import "strings"

var ruMonths = [13]string{1: "января", 2: "февраля", 3: "марта", 4: "апреля", 5: "мая", 6: "июня", 7: "июля",
	8: "августа", 9: "сентября", 10: "октября", 11: "ноября", 12: "декабря"}

// Month is a month's name as it stands in a date: «марта», "March"; empty
// for a number that is no month.
func Month(l Language, m int) string {
	if m < 1 || m > 12 {
		return ""
	}
	if l == English {
		return enMonths[m]
	}
	return ruMonths[m]
}

// Date is a day of a month, with the year if it is not 0: «пятнадцатого
// марта», "March fifteenth".
func Date(l Language, y, m, d int, c Case) string {
	if l == English {
		s := Month(l, m) + " " + enOrdinal(int64(d))
		if y != 0 {
			s += ", " + enYear(int64(y))
		}
		return s
	}
	s := ruOrdinal(int64(d), Neuter, c) + " " + Month(l, m)
	if y != 0 {
		s += " " + Ordinal(l, int64(y), Masculine, Genitive) + " года"
	}
	return s
}

// Time is a time of day: «четырнадцать часов тридцать минут», "two thirty p.m."
func Time(l Language, h, m int, c Case) string {
	if l == English {
		return enTime(int64(h), int64(m))
	}
	s := Count(l, int64(h), "hour", c)
	if m != 0 {
		s += " " + Count(l, int64(m), "minute", c)
	}
	return s
}

func enTime(h, m int64) string {
	half := "a.m."
	if h >= 12 {
		half = "p.m."
	}
	parts := []string{enCardinal((h+11)%12 + 1)}
	switch {
	case m > 0 && m < 10:
		parts = append(parts, "oh", enSmall[m])
	case m > 0:
		parts = append(parts, enGroup(m))
	}
	return strings.Join(append(parts, half), " ")
}
