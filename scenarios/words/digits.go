package words

import (
	"strconv"
	"strings"
)

// Digits reads digits one by one, other characters left out: «ноль пять».
func Digits(l Language, s string) string {
	var parts []string
	for _, c := range s {
		if c >= '0' && c <= '9' {
			parts = append(parts, Cardinal(l, int64(c-'0'), Masculine, Nominative))
		}
	}
	return strings.Join(parts, " ")
}

func digitsOf(l Language, n int64) string {
	return Digits(l, strconv.FormatInt(n, 10))
}

// Phone reads a telephone number in the groups in which people say it:
// +79990000102 as 7, 999, 000, 01, 02. Groups with a leading zero, and
// numbers of other shapes, are read digit by digit.
func Phone(l Language, e164 string) string {
	var d strings.Builder
	for _, c := range e164 {
		if c >= '0' && c <= '9' {
			d.WriteRune(c)
		}
	}
	s := d.String()
	if l != Russian || len(s) != 11 || s[0] != '7' && s[0] != '8' {
		return Digits(l, s)
	}
	var parts []string
	for _, g := range []string{s[:1], s[1:4], s[4:7], s[7:9], s[9:]} {
		parts = append(parts, group(l, g))
	}
	return strings.Join(parts, ", ")
}

// group reads a group of digits as a number, its leading zeros one by one.
func group(l Language, g string) string {
	rest := strings.TrimLeft(g, "0")
	parts := make([]string, 0, len(g))
	for range len(g) - len(rest) {
		parts = append(parts, Cardinal(l, 0, Masculine, Nominative))
	}
	if rest != "" {
		n, _ := strconv.ParseInt(rest, 10, 64)
		parts = append(parts, Cardinal(l, n, Masculine, Nominative))
	}
	return strings.Join(parts, " ")
}
