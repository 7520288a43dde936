package words

import "strings"

// Stems of the ordinals; a trailing * marks the stressed ending (-ой).
var (
	ruOrdSmall = [20]string{1: "перв", 2: "втор*", 4: "четвёрт", 5: "пят", 6: "шест*", 7: "седьм*", 8: "восьм*",
		9: "девят", 10: "десят", 11: "одиннадцат", 12: "двенадцат", 13: "тринадцат", 14: "четырнадцат",
		15: "пятнадцат", 16: "шестнадцат", 17: "семнадцат", 18: "восемнадцат", 19: "девятнадцат"}
	ruOrdTens = [10]string{2: "двадцат", 3: "тридцат", 4: "сороков*", 5: "пятидесят", 6: "шестидесят",
		7: "семидесят", 8: "восьмидесят", 9: "девяност"}
	ruOrdHundreds = [10]string{1: "сот", 2: "двухсот", 3: "трёхсот", 4: "четырёхсот", 5: "пятисот",
		6: "шестисот", 7: "семисот", 8: "восьмисот", 9: "девятисот"}
	ruThird = [3][6]string{
		{"третий", "третьего", "третьему", "третий", "третьим", "третьем"},
		{"третья", "третьей", "третьей", "третью", "третьей", "третьей"},
		{"третье", "третьего", "третьему", "третье", "третьим", "третьем"},
	}
	ruAdjective = [3][6]string{
		{"ый", "ого", "ому", "ый", "ым", "ом"},
		{"ая", "ой", "ой", "ую", "ой", "ой"},
		{"ое", "ого", "ому", "ое", "ым", "ом"},
	}
)

// ruOrdinal puts 1 to 9999 into words: only the last word is an ordinal.
func ruOrdinal(n int64, g Gender, c Case) string {
	var head int64
	var last string
	switch {
	case n%100 == 3 || n%10 == 3 && n%100 != 13:
		head, last = n-3, ruThird[g][c]
	case n%100 > 0 && n%100 < 20:
		head, last = n-n%100, ruOrdForm(ruOrdSmall[n%100], g, c)
	case n%10 > 0:
		head, last = n-n%10, ruOrdForm(ruOrdSmall[n%10], g, c)
	case n%100 > 0:
		head, last = n-n%100, ruOrdForm(ruOrdTens[n%100/10], g, c)
	case n%1000 > 0:
		head, last = n-n%1000, ruOrdForm(ruOrdHundreds[n%1000/100], g, c)
	default:
		last = ruOrdForm(ruThousandStem(n/1000), g, c)
	}
	if head == 0 {
		return last
	}
	return ruCardinal(head, Masculine, Nominative) + " " + last
}

// ruThousandStem: тысячн, двухтысячн, пятитысячн.
func ruThousandStem(n int64) string {
	if n == 1 {
		return "тысячн"
	}
	return strings.Join(ruGroup(n, Masculine, Genitive), "") + "тысячн"
}

func ruOrdForm(stem string, g Gender, c Case) string {
	end := ruAdjective[g][c]
	if s, stressed := strings.CutSuffix(stem, "*"); stressed {
		if stem = s; end == "ый" {
			end = "ой"
		}
	}
	return stem + end
}
