package words

import "strings"

var (
	enSmall = [20]string{"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
		"twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"}
	enTens   = [10]string{2: "twenty", 3: "thirty", 4: "forty", 5: "fifty", 6: "sixty", 7: "seventy", 8: "eighty", 9: "ninety"}
	enScales = []string{"", " thousand", " million", " billion", " trillion"}
	enOdd    = map[string]string{"one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth", "twelve": "twelfth"}
	enMonths = [13]string{1: "January", 2: "February", 3: "March", 4: "April", 5: "May", 6: "June", 7: "July",
		8: "August", 9: "September", 10: "October", 11: "November", 12: "December"}
)

func enCardinal(n int64) string {
	if n < -Limit || n > Limit {
		return digitsOf(English, n)
	}
	if n < 0 {
		return "minus " + enCardinal(-n)
	}
	if n == 0 {
		return enSmall[0]
	}
	var parts []string
	for scale, power := 4, int64(1_000_000_000_000); power > 0; scale, power = scale-1, power/1000 {
		if group := n / power % 1000; group > 0 {
			parts = append(parts, enGroup(group)+enScales[scale])
		}
	}
	return strings.Join(parts, " ")
}

// enGroup puts 1 to 999 into words.
func enGroup(n int64) string {
	switch {
	case n >= 100 && n%100 == 0:
		return enSmall[n/100] + " hundred"
	case n >= 100:
		return enSmall[n/100] + " hundred " + enGroup(n%100)
	case n < 20:
		return enSmall[n]
	case n%10 == 0:
		return enTens[n/10]
	}
	return enTens[n/10] + "-" + enSmall[n%10]
}

func enOrdinal(n int64) string {
	s := enCardinal(n)
	at := strings.LastIndexAny(s, " -") + 1
	head, last := s[:at], s[at:]
	if odd, ok := enOdd[last]; ok {
		return head + odd
	}
	if stem, ok := strings.CutSuffix(last, "y"); ok {
		return head + stem + "ieth"
	}
	return head + last + "th"
}

// enYear reads a year in pairs: twenty twenty-six, nineteen oh five, two thousand.
func enYear(y int64) string {
	hi, lo := y/100, y%100
	switch {
	case y < 1000 || y > 9999 || hi%10 == 0 && lo < 10:
		return enCardinal(y)
	case lo == 0:
		return enGroup(hi) + " hundred"
	case lo < 10:
		return enGroup(hi) + " oh " + enSmall[lo]
	}
	return enGroup(hi) + " " + enGroup(lo)
}

func enPlural(n int64, one, many string) string {
	if n == 1 || n == -1 {
		return one
	}
	return many
}
