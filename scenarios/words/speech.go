package words

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// Speech makes a text ready for a speech engine: numbers, money, dates,
// times, percentages and telephone numbers become words, in the case that a
// preposition before them asks for, and characters that engines stumble over
// («», №, —) are put into words or left out. A text without any of these
// comes back with its spaces tidied.
func Speech(l Language, text string) string {
	text = plainSpaces(text)
	var out strings.Builder
	for text != "" {
		at, end, said := next(l, text)
		out.WriteString(text[:at])
		if at == end {
			break
		}
		out.WriteString(said)
		text = text[end:]
	}
	return tidy(symbols(l, out.String()))
}

// reader puts one kind of number into words; m are its submatches, c is the
// case of a preposition before it, given false if there is none.
type reader struct {
	re  *regexp.Regexp
	say func(l Language, m []string, c Case, given bool) (string, bool)
}

const (
	// A number with groups of three split by spaces, or without.
	ruNumber = `(\d{1,3}(?: \d{3})+|\d+)(?:[.,](\d{1,6}))?`
	enNumber = `(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d{1,6}))?`
)

// ruReaders and enReaders are tried in this order at each digit, plus or
// currency sign; the first that matches wins.
var ruReaders = []reader{
	{regexp.MustCompile(`^(?:\+7|8)[ -]?\(?\d{3}\)?[ -]?\d{3}[ -]?\d{2}[ -]?\d{2}\b`), sayPhone},
	{regexp.MustCompile(`^(\d{1,2})\.(\d{1,2})\.(\d{4})\b`), sayDottedDate},
	{regexp.MustCompile(`^(\d{4})-(\d{2})-(\d{2})\b`), sayISODate},
	{regexp.MustCompile(`^(\d{1,2}) (января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря)(?: (\d{4})(?: года| г\.)?)?`), sayRuDate},
	{regexp.MustCompile(`^(\d{1,2}):(\d{2})\b`), sayTime},
	{regexp.MustCompile(`^(\d{1,4})-(\p{L}{1,4})`), sayRuOrdinal},
	{regexp.MustCompile(`^` + ruNumber + ` ?(₽|руб\.|рубл(?:ь|я|ю|ей|ём|ям|ями|ях|и)|р\.)`), sayMoney("RUB")},
	{regexp.MustCompile(`^` + ruNumber + ` ?(\$|доллар[а-я]*)`), sayMoney("USD")},
	{regexp.MustCompile(`^` + ruNumber + ` ?(€|евро)`), sayMoney("EUR")},
	{regexp.MustCompile(`^` + ruNumber + ` ?%`), sayPercent},
	{regexp.MustCompile(`^` + ruNumber + ` (час|минут|дн|ден|недел|месяц|год|лет)([а-я]*)`), sayRuCount},
	{regexp.MustCompile(`^` + ruNumber), sayNumber},
}

var enReaders = []reader{
	{regexp.MustCompile(`^\+\d[\d ()-]{8,18}\d\b`), sayPhone},
	{regexp.MustCompile(`^(\d{4})-(\d{2})-(\d{2})\b`), sayISODate},
	{regexp.MustCompile(`^(\d{1,2}):(\d{2})\b`), sayTime},
	{regexp.MustCompile(`^(\d{1,4})(?:st|nd|rd|th)\b`), sayEnOrdinal},
	{regexp.MustCompile(`^\$ ?` + enNumber), sayMoney("USD")},
	{regexp.MustCompile(`^€ ?` + enNumber), sayMoney("EUR")},
	{regexp.MustCompile(`^` + enNumber + ` ?(₽|rubles?|RUB)`), sayMoney("RUB")},
	{regexp.MustCompile(`^` + enNumber + ` ?%`), sayPercent},
	{regexp.MustCompile(`^` + enNumber), sayNumber},
}

// window is how far a reader looks, in bytes: longer than any number, date or
// amount that people write.
const window = 120

// next finds the first thing in text to put into words; at == end: none.
func next(l Language, text string) (at, end int, said string) {
	readers := ruReaders
	if l == English {
		readers = enReaders
	}
	for at = 0; at < len(text); at++ {
		i := strings.IndexAny(text[at:], "0123456789+$€")
		if i < 0 {
			break
		}
		at += i
		ahead := text[at:min(at+window, len(text))]
		c, given := caseBefore(text[:at])
		for _, r := range readers {
			loc := r.re.FindStringSubmatchIndex(ahead)
			if loc == nil {
				continue
			}
			if said, ok := r.say(l, submatches(ahead, loc), c, given); ok {
				return at, at + loc[1], said
			}
		}
	}
	return len(text), len(text), ""
}

func submatches(text string, loc []int) []string {
	m := make([]string, len(loc)/2)
	for i := range m {
		if loc[2*i] >= 0 {
			m[i] = text[loc[2*i]:loc[2*i+1]]
		}
	}
	return m
}

var prepositions = map[string]Case{
	"от": Genitive, "до": Genitive, "из": Genitive, "без": Genitive, "около": Genitive, "с": Genitive, "со": Genitive,
	"после": Genitive, "свыше": Genitive, "более": Genitive, "менее": Genitive, "для": Genitive, "у": Genitive,
	"к": Dative, "ко": Dative,
	"на": Accusative, "в": Accusative, "во": Accusative, "за": Accusative, "через": Accusative, "под": Accusative,
	"между": Instrumental, "о": Prepositional, "об": Prepositional, "при": Prepositional,
}

// caseBefore is the case that the word right before asks for.
func caseBefore(text string) (Case, bool) {
	head, ok := strings.CutSuffix(text, " ")
	if !ok {
		return Nominative, false
	}
	head = head[max(0, len(head)-window):]
	word := head[strings.LastIndexFunc(head, func(r rune) bool { return !unicode.IsLetter(r) })+1:]
	c, ok := prepositions[strings.ToLower(word)]
	return c, ok
}

// whole reads the digits of a number, the separators of thousands left out.
func whole(s string) (int64, bool) {
	n, err := strconv.ParseInt(strings.NewReplacer(" ", "", ",", "").Replace(s), 10, 64)
	return n, err == nil && n <= Limit
}

func sayNumber(l Language, m []string, c Case, _ bool) (string, bool) {
	n, ok := whole(m[1])
	if !ok || len(m[1]) > 1 && m[1][0] == '0' {
		return strings.TrimSpace(Digits(l, m[0])), true // a code, not a quantity
	}
	return Decimal(l, n, m[2], c), true
}

func sayMoney(code string) func(Language, []string, Case, bool) (string, bool) {
	return func(l Language, m []string, c Case, _ bool) (string, bool) {
		n, ok := whole(m[1])
		if !ok || len(m[2]) > 2 {
			return "", false
		}
		part, _ := strconv.Atoi((m[2] + "00")[:2])
		return Money(l, n, part, code, c), true
	}
}

func sayPercent(l Language, m []string, c Case, _ bool) (string, bool) {
	n, ok := whole(m[1])
	if !ok {
		return "", false
	}
	if m[2] == "" {
		return Count(l, n, "percent", c), true
	}
	if l == English {
		return Decimal(l, n, m[2], c) + " percent", true
	}
	return Decimal(l, n, m[2], c) + " процента", true
}

func sayPhone(l Language, m []string, _ Case, _ bool) (string, bool) { return Phone(l, m[0]), true }

func sayTime(l Language, m []string, c Case, _ bool) (string, bool) {
	h, _ := strconv.Atoi(m[1])
	min, _ := strconv.Atoi(m[2])
	if h > 23 || min > 59 {
		return "", false
	}
	return Time(l, h, min, c), true
}

// ruUnits maps the stem of a counted noun to its unit.
var ruUnits = map[string]string{"час": "hour", "минут": "minute", "дн": "day", "ден": "day",
	"недел": "week", "месяц": "month", "год": "year", "лет": "year"}

func sayRuCount(l Language, m []string, c Case, _ bool) (string, bool) {
	n, ok := whole(m[1])
	if !ok || m[2] != "" {
		return "", false
	}
	u := units[ruUnits[m[3]]]
	return Cardinal(l, n, u.ru.gender, c) + " " + m[3] + m[4], true
}

// plainSpaces turns every space, break and control character into a space.
func plainSpaces(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return ' '
		}
		return r
	}, s)
}
