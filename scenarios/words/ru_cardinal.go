package words

import "strings"

// Each line holds the six cases in the order of Case.
var (
	ruOne = [3][6]string{
		{"один", "одного", "одному", "один", "одним", "одном"},
		{"одна", "одной", "одной", "одну", "одной", "одной"},
		{"одно", "одного", "одному", "одно", "одним", "одном"},
	}
	ruTwo = [6]string{"два", "двух", "двум", "два", "двумя", "двух"}
	// ruSmall are 0 and 3 to 19 by value; 1 and 2 have genders.
	ruSmall = [20][6]string{
		0:  {"ноль", "нуля", "нулю", "ноль", "нулём", "нуле"},
		3:  {"три", "трёх", "трём", "три", "тремя", "трёх"},
		4:  {"четыре", "четырёх", "четырём", "четыре", "четырьмя", "четырёх"},
		5:  softSign("пят", "пят"),
		6:  softSign("шест", "шест"),
		7:  softSign("сем", "сем"),
		8:  {"восемь", "восьми", "восьми", "восемь", "восемью", "восьми"},
		9:  softSign("девят", "девят"),
		10: softSign("десят", "десят"),
		11: softSign("одиннадцат", "одиннадцат"),
		12: softSign("двенадцат", "двенадцат"),
		13: softSign("тринадцат", "тринадцат"),
		14: softSign("четырнадцат", "четырнадцат"),
		15: softSign("пятнадцат", "пятнадцат"),
		16: softSign("шестнадцат", "шестнадцат"),
		17: softSign("семнадцат", "семнадцат"),
		18: softSign("восемнадцат", "восемнадцат"),
		19: softSign("девятнадцат", "девятнадцат"),
	}
	ruTens = [10][6]string{
		2: softSign("двадцат", "двадцат"),
		3: softSign("тридцат", "тридцат"),
		4: {"сорок", "сорока", "сорока", "сорок", "сорока", "сорока"},
		5: ruTenDouble("пят"),
		6: ruTenDouble("шест"),
		7: ruTenDouble("сем"),
		8: {"восемьдесят", "восьмидесяти", "восьмидесяти", "восемьдесят", "восемьюдесятью", "восьмидесяти"},
		9: {"девяносто", "девяноста", "девяноста", "девяносто", "девяноста", "девяноста"},
	}
	ruHundreds = [10][6]string{
		1: {"сто", "ста", "ста", "сто", "ста", "ста"},
		2: {"двести", "двухсот", "двумстам", "двести", "двумястами", "двухстах"},
		3: {"триста", "трёхсот", "трёмстам", "триста", "тремястами", "трёхстах"},
		4: {"четыреста", "четырёхсот", "четырёмстам", "четыреста", "четырьмястами", "четырёхстах"},
		5: ruHundredDouble("пят"),
		6: ruHundredDouble("шест"),
		7: ruHundredDouble("сем"),
		8: {"восемьсот", "восьмисот", "восьмистам", "восемьсот", "восемьюстами", "восьмистах"},
		9: ruHundredDouble("девят"),
	}
)

// softSign declines a numeral like пять, пяти, пятью.
func softSign(nom, stem string) [6]string {
	return [6]string{nom + "ь", stem + "и", stem + "и", nom + "ь", stem + "ью", stem + "и"}
}

// ruTenDouble declines 50, 60, 70: both parts change.
func ruTenDouble(s string) [6]string {
	return [6]string{s + "ьдесят", s + "идесяти", s + "идесяти", s + "ьдесят", s + "ьюдесятью", s + "идесяти"}
}

// ruHundredDouble declines 500, 600, 700, 900.
func ruHundredDouble(s string) [6]string {
	return [6]string{s + "ьсот", s + "исот", s + "истам", s + "ьсот", s + "ьюстами", s + "истах"}
}

// ruScales are the nouns of the powers of a thousand.
var ruScales = []noun{
	{}, // units have none
	thousand,
	ruHardMasculine("миллион"),
	ruHardMasculine("миллиард"),
	ruHardMasculine("триллион"),
}

func ruCardinal(n int64, g Gender, c Case) string {
	if n < -Limit || n > Limit {
		return digitsOf(Russian, n)
	}
	if n < 0 {
		return "минус " + ruCardinal(-n, g, c)
	}
	if n == 0 {
		return ruSmall[0][c]
	}
	var parts []string
	for scale, power := 4, int64(1_000_000_000_000); power > 0; scale, power = scale-1, power/1000 {
		group := n / power % 1000
		if group == 0 {
			continue
		}
		if scale == 0 {
			parts = append(parts, ruGroup(group, g, c)...)
			continue
		}
		// «тысяча рублей», not «одна тысяча рублей».
		if scale != 1 || group != 1 || len(parts) > 0 {
			parts = append(parts, ruGroup(group, ruScales[scale].gender, c)...)
		}
		parts = append(parts, ruScales[scale].after(group, c))
	}
	return strings.Join(parts, " ")
}

// ruGroup puts 1 to 999 into words.
func ruGroup(n int64, g Gender, c Case) []string {
	var parts []string
	if h := n / 100; h > 0 {
		parts = append(parts, ruHundreds[h][c])
	}
	rest := n % 100
	if rest >= 20 {
		parts = append(parts, ruTens[rest/10][c])
		rest %= 10
	}
	switch {
	case rest == 0:
	case rest == 1:
		parts = append(parts, ruOne[g][c])
	case rest == 2 && g == Feminine && (c == Nominative || c == Accusative):
		parts = append(parts, "две")
	case rest == 2:
		parts = append(parts, ruTwo[c])
	default:
		parts = append(parts, ruSmall[rest][c])
	}
	return parts
}
