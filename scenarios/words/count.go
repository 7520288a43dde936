package words

import (
	"strconv"
	"strings"
)

// unit is a thing that is counted, in both languages.
type unit struct {
	ru        noun
	one, many string
}

var units = map[string]unit{
	"hour":     {hour, "hour", "hours"},
	"minute":   {minute, "minute", "minutes"},
	"day":      {day, "day", "days"},
	"week":     {week, "week", "weeks"},
	"month":    {month, "month", "months"},
	"year":     {year, "year", "years"},
	"percent":  {percent, "percent", "percent"},
	"thousand": {thousand, "thousand", "thousand"},
	"million":  {ruHardMasculine("миллион"), "million", "million"},
}

// currency is a currency's money and small change.
type currency struct{ whole, part unit }

var currencies = map[string]currency{
	"RUB": {unit{rouble, "ruble", "rubles"}, unit{kopeck, "kopeck", "kopecks"}},
	"USD": {unit{dollar, "dollar", "dollars"}, unit{cent, "cent", "cents"}},
	"EUR": {unit{euro, "euro", "euros"}, unit{cent, "cent", "cents"}},
}

// Currencies lists the currencies by their ISO 4217 codes.
func Currencies() []string { return []string{"RUB", "USD", "EUR"} }

func (u unit) after(l Language, n int64, c Case) string {
	if l == English {
		return enPlural(n, u.one, u.many)
	}
	return u.ru.after(n, c)
}

func (u unit) count(l Language, n int64, c Case) string {
	return Cardinal(l, n, u.ru.gender, c) + " " + u.after(l, n, c)
}

// Count is a number with what it counts (hour, minute, day, week, month,
// year, percent, thousand, million): «две минуты». An unknown name is left out.
func Count(l Language, n int64, name string, c Case) string {
	u, ok := units[name]
	if !ok {
		return Cardinal(l, n, Masculine, c)
	}
	return u.count(l, n, c)
}

// Money is an amount in whole and hundredth parts of a currency: «пятьдесят
// тысяч рублей». An unknown currency is read as its code.
func Money(l Language, whole int64, hundredths int, code string, c Case) string {
	cur, ok := currencies[code]
	if !ok {
		return Cardinal(l, whole, Masculine, c) + " " + code
	}
	s := cur.whole.count(l, whole, c)
	if hundredths == 0 {
		return s
	}
	if l == English {
		s += " and"
	}
	return s + " " + cur.part.count(l, int64(hundredths), c)
}

// Decimal is a number with a fraction, its digits after the point in frac:
// «три целых пять десятых», "three point five".
func Decimal(l Language, whole int64, frac string, c Case) string {
	frac = strings.TrimRight(frac, "0")
	if frac == "" {
		return Cardinal(l, whole, Masculine, c)
	}
	if l == English {
		return enCardinal(whole) + " point " + Digits(l, frac)
	}
	if len(frac) > 3 {
		return ruCardinal(whole, Masculine, c) + " запятая " + Digits(l, frac)
	}
	part, _ := strconv.ParseInt(frac, 10, 64)
	place := [4]int64{1: 10, 2: 100, 3: 1000}[len(frac)]
	return ruCardinal(whole, Feminine, c) + " " + ruPart(whole, "цел", c) + " " +
		ruCardinal(part, Feminine, c) + " " + ruPart(part, ruFractionStem[place], c)
}

var ruFractionStem = map[int64]string{10: "десят", 100: "сот", 1000: "тысячн"}

// ruPart gives целая, целых; десятая, десятых after a number.
func ruPart(n int64, stem string, c Case) string {
	if n%10 == 1 && n%100 != 11 {
		return stem + ruAdjective[Feminine][c]
	}
	ends := [6]string{"ых", "ых", "ым", "ых", "ыми", "ых"}
	return stem + ends[c]
}
