package scenarios

import (
	"fmt"
	"sort"
	"strconv"
	"time"

	"dozvon/scenarios/words"
)

// value is what fills a hole.
type value struct {
	raw      string
	kind     string // the column's type
	currency string
	zone     *time.Location
}

// filter shows a value: say for the ear, show for the eye. Both report false
// if the value is none of their kind; it is then shown as it is.
type filter struct {
	args []string
	say  func(l words.Language, v value, arg string) (string, bool)
	show func(l words.Language, v value, arg string) (string, bool)
}

func (f *filter) takes(arg string) bool { return arg == "" || contains(f.args, arg) }

var caseNames = func() []string {
	var names []string
	for n := range words.Cases() {
		names = append(names, n)
	}
	sort.Slice(names, func(i, j int) bool { return words.Cases()[names[i]] < words.Cases()[names[j]] })
	return names
}()

var filters = map[string]*filter{
	"text":    {say: asIs, show: asIs},
	"url":     {say: asIs, show: asIs},
	"name":    {say: asIs, show: asIs},
	"money":   {args: caseNames, say: sayMoney, show: showMoney},
	"number":  {args: caseNames, say: sayNumber, show: asIs},
	"ordinal": {args: caseNames, say: sayOrdinal, show: asIs},
	"date":    {args: append([]string{"full"}, caseNames...), say: sayDate, show: showDate},
	"time":    {args: caseNames, say: sayTime, show: showTime},
	"when":    {args: []string{"full"}, say: sayWhen, show: showWhen},
	"phone":   {say: sayPhone, show: asIs},
	"digits":  {say: sayDigits, show: asIs},
}

func filterNames() []string {
	names := []string{"or"}
	for n := range filters {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

// caseOf is the case that an argument names, or the filter's usual one.
func caseOf(arg string, usual words.Case) words.Case {
	if c, ok := words.Cases()[arg]; ok {
		return c
	}
	return usual
}

func asIs(_ words.Language, v value, _ string) (string, bool) { return v.raw, true }

func sayMoney(l words.Language, v value, arg string) (string, bool) {
	whole, part, ok := parseMoney(v.raw)
	return words.Money(l, whole, part, v.currency, caseOf(arg, words.Nominative)), ok
}

var currencySigns = map[string]string{"RUB": "₽", "USD": "$", "EUR": "€"}

func showMoney(l words.Language, v value, _ string) (string, bool) {
	whole, part, ok := parseMoney(v.raw)
	if l == words.English {
		s := grouped(whole, ",")
		if part != 0 {
			s += fmt.Sprintf(".%02d", part)
		}
		if v.currency == "RUB" {
			return s + " ₽", ok
		}
		return currencySigns[v.currency] + s, ok
	}
	s := grouped(whole, " ")
	if part != 0 {
		s += fmt.Sprintf(",%02d", part)
	}
	return s + " " + currencySigns[v.currency], ok
}

// grouped writes a number in groups of three digits.
func grouped(n int64, sep string) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + sep + s[i:]
	}
	return s
}

func sayNumber(l words.Language, v value, arg string) (string, bool) {
	whole, frac, ok := parseNumber(v.raw)
	return words.Decimal(l, whole, frac, caseOf(arg, words.Nominative)), ok
}

func sayOrdinal(l words.Language, v value, arg string) (string, bool) {
	whole, frac, ok := parseNumber(v.raw)
	return words.Ordinal(l, whole, words.Masculine, caseOf(arg, words.Nominative)), ok && frac == ""
}

// sayDate says a day in the genitive unless told otherwise: «встреча
// пятнадцатого марта», «до пятнадцатого марта».
func sayDate(l words.Language, v value, arg string) (string, bool) {
	t, _, ok := parseDate(v.raw, v.zone)
	year := 0
	if arg == "full" {
		year = t.Year()
	}
	return words.Date(l, year, int(t.Month()), t.Day(), caseOf(arg, words.Genitive)), ok
}

func showDate(l words.Language, v value, arg string) (string, bool) {
	t, _, ok := parseDate(v.raw, v.zone)
	month := words.Month(l, int(t.Month()))
	s := fmt.Sprintf("%d %s", t.Day(), month)
	if l == words.English {
		s = fmt.Sprintf("%s %d", month, t.Day())
	}
	if arg == "full" {
		s += fmt.Sprintf(" %d", t.Year())
	}
	return s, ok
}

// sayTime says a time of day in the accusative unless told otherwise: «в
// четырнадцать часов тридцать минут».
func sayTime(l words.Language, v value, arg string) (string, bool) {
	h, m, ok := parseClock(v.raw, v.zone)
	return words.Time(l, h, m, caseOf(arg, words.Accusative)), ok
}

func showTime(_ words.Language, v value, _ string) (string, bool) {
	h, m, ok := parseClock(v.raw, v.zone)
	return fmt.Sprintf("%d:%02d", h, m), ok
}

func sayWhen(l words.Language, v value, arg string) (string, bool) {
	return when(l, v, arg, sayDate, sayTime)
}

func showWhen(l words.Language, v value, arg string) (string, bool) {
	return when(l, v, arg, showDate, showTime)
}

type format func(words.Language, value, string) (string, bool)

// when joins a day and its time: «15 марта в 14:30».
func when(l words.Language, v value, arg string, day, clock format) (string, bool) {
	d, ok := day(l, v, arg)
	if !ok {
		return "", false
	}
	c, timed := clock(l, v, "")
	switch {
	case !timed:
		return d, true
	case l == words.English:
		return d + " at " + c, true
	}
	return d + " в " + c, true
}

func sayPhone(l words.Language, v value, _ string) (string, bool) {
	s := words.Phone(l, v.raw)
	return s, s != ""
}

func sayDigits(l words.Language, v value, _ string) (string, bool) {
	s := words.Digits(l, v.raw)
	return s, s != ""
}
