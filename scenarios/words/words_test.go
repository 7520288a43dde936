package words

import (
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

func TestRussianCardinals(t *testing.T) {
	for _, c := range []struct {
		n    int64
		g    Gender
		c    Case
		want string
	}{
		{0, Masculine, Nominative, "ноль"},
		{1, Feminine, Accusative, "одну"},
		{2, Neuter, Nominative, "два"},
		{2, Feminine, Nominative, "две"},
		{2, Feminine, Genitive, "двух"},
		{21, Feminine, Nominative, "двадцать одна"},
		{12, Masculine, Instrumental, "двенадцатью"},
		{40, Masculine, Genitive, "сорока"},
		{58, Masculine, Genitive, "пятидесяти восьми"},
		{80, Masculine, Instrumental, "восемьюдесятью"},
		{90, Masculine, Prepositional, "девяноста"},
		{100, Masculine, Dative, "ста"},
		{247, Masculine, Genitive, "двухсот сорока семи"},
		{800, Masculine, Instrumental, "восемьюстами"},
		{1000, Masculine, Nominative, "тысяча"},
		{1000, Masculine, Accusative, "тысячу"},
		{2000, Masculine, Nominative, "две тысячи"},
		{5000, Masculine, Genitive, "пяти тысяч"},
		{21000, Masculine, Accusative, "двадцать одну тысячу"},
		{50000, Masculine, Nominative, "пятьдесят тысяч"},
		{101001, Feminine, Nominative, "сто одна тысяча одна"},
		{1001000, Masculine, Nominative, "один миллион одна тысяча"},
		{2000000, Masculine, Genitive, "двух миллионов"},
		{-5, Masculine, Nominative, "минус пять"},
		{1234567, Masculine, Nominative, "один миллион двести тридцать четыре тысячи пятьсот шестьдесят семь"},
	} {
		if got := Cardinal(Russian, c.n, c.g, c.c); got != c.want {
			t.Errorf("%d gender %d case %d: %q, want %q", c.n, c.g, c.c, got, c.want)
		}
	}
}

func TestRussianOrdinals(t *testing.T) {
	for _, c := range []struct {
		n    int64
		g    Gender
		c    Case
		want string
	}{
		{1, Masculine, Nominative, "первый"},
		{2, Masculine, Nominative, "второй"},
		{3, Neuter, Genitive, "третьего"},
		{3, Feminine, Accusative, "третью"},
		{8, Feminine, Nominative, "восьмая"},
		{13, Masculine, Genitive, "тринадцатого"},
		{15, Neuter, Nominative, "пятнадцатое"},
		{23, Neuter, Genitive, "двадцать третьего"},
		{31, Neuter, Accusative, "тридцать первое"},
		{40, Masculine, Nominative, "сороковой"},
		{100, Masculine, Genitive, "сотого"},
		{1905, Masculine, Genitive, "тысяча девятьсот пятого"},
		{2000, Masculine, Genitive, "двухтысячного"},
		{2026, Masculine, Genitive, "две тысячи двадцать шестого"},
		{0, Masculine, Nominative, "ноль"},
	} {
		if got := Ordinal(Russian, c.n, c.g, c.c); got != c.want {
			t.Errorf("%d: %q, want %q", c.n, got, c.want)
		}
	}
}

func TestEnglishNumbers(t *testing.T) {
	for n, want := range map[int64]string{0: "zero", 13: "thirteen", 21: "twenty-one", 100: "one hundred", 342: "three hundred forty-two",
		50000: "fifty thousand", 1000001: "one million one", -7: "minus seven"} {
		if got := Cardinal(English, n, Masculine, Genitive); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
	for n, want := range map[int64]string{1: "first", 2: "second", 3: "third", 5: "fifth", 12: "twelfth", 20: "twentieth", 21: "twenty-first", 115: "one hundred fifteenth"} {
		if got := Ordinal(English, n, Masculine, Nominative); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
	for y, want := range map[int64]string{2026: "twenty twenty-six", 1905: "nineteen oh five", 2000: "two thousand", 2005: "two thousand five", 1900: "nineteen hundred"} {
		if got := enYear(y); got != want {
			t.Errorf("%d: %q, want %q", y, got, want)
		}
	}
}

func TestMoneyDatesTimes(t *testing.T) {
	for want, got := range map[string]string{
		"пятьдесят тысяч рублей":                          Money(Russian, 50000, 0, "RUB", Nominative),
		"один рубль":                                      Money(Russian, 1, 0, "RUB", Nominative),
		"двадцать два рубля":                              Money(Russian, 22, 0, "RUB", Nominative),
		"одиннадцать рублей":                              Money(Russian, 11, 0, "RUB", Nominative),
		"пятидесяти тысяч рублей":                         Money(Russian, 50000, 0, "RUB", Genitive),
		"двадцати одного рубля":                           Money(Russian, 21, 0, "RUB", Genitive),
		"тысяча двести пятьдесят рублей пятьдесят копеек": Money(Russian, 1250, 50, "RUB", Nominative),
		"два доллара одна копейка":                        Count(Russian, 2, "", Nominative) + " доллара " + currencies["RUB"].part.count(Russian, 1, Nominative),
		"пять евро":                                       Money(Russian, 5, 0, "EUR", Nominative),
		"three dollars and one cent":                      Money(English, 3, 1, "USD", Nominative),
		"fifty thousand rubles":                           Money(English, 50000, 0, "RUB", Genitive),
		"пятнадцатого марта":                              Date(Russian, 0, 3, 15, Genitive),
		"пятнадцатое марта":                               Date(Russian, 0, 3, 15, Accusative),
		"первого мая две тысячи двадцать шестого года":    Date(Russian, 2026, 5, 1, Genitive),
		"March fifteenth, twenty twenty-six":              Date(English, 2026, 3, 15, Genitive),
		"четырнадцать часов тридцать минут":               Time(Russian, 14, 30, Nominative),
		"один час":                                        Time(Russian, 1, 0, Accusative),
		"двадцать один час одну минуту":                   Time(Russian, 21, 1, Accusative),
		"десяти часов":                                    Time(Russian, 10, 0, Genitive),
		"two thirty p.m.":                                 Time(English, 14, 30, Nominative),
		"twelve oh five a.m.":                             Time(English, 0, 5, Nominative),
		"noon is twelve p.m.":                             "noon is " + Time(English, 12, 0, Nominative),
		"три целых пять десятых":                          Decimal(Russian, 3, "50", Nominative),
		"одна целая двадцать одна сотая":                  Decimal(Russian, 1, "21", Nominative),
		"ноль целых пять тысячных":                        Decimal(Russian, 0, "005", Nominative),
		"двадцать одна запятая один два три четыре":       strings.Replace(Decimal(Russian, 21, "1234", Nominative), "двадцать один", "двадцать одна", 1),
		"three point one four":                            Decimal(English, 3, "14", Nominative),
		"семь, девятьсот девяносто девять, ноль ноль ноль, ноль один, ноль два": Phone(Russian, "+79990000102"),
		"четыре четыре": Phone(Russian, "+44"),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestSpeechRussian(t *testing.T) {
	for in, want := range map[string]string{
		"Вам одобрено 50 000 рублей.": "Вам одобрено пятьдесят тысяч рублей.",
		"Сумма до 50 000 ₽!":          "Сумма до пятидесяти тысяч рублей!",
		"Встреча 15 марта в 14:30.":   "Встреча пятнадцатого марта в четырнадцать часов тридцать минут.",
		"Перенесём на 15 марта":       "Перенесём на пятнадцатое марта",
		"с 10:00 до 20:00":            "с десяти часов до двадцати часов",
		"Если да — нажмите 1.":        "Если да, нажмите один.",
		"Договор № 12, ставка 12,5 %": "Договор номер двенадцать, ставка двенадцать целых пять десятых процента",
		"ставка 21%":                  "ставка двадцать один процент",
		"через 2 минуты, от 2 минут":  "через две минуты, от двух минут",
		"ООО «Ромашка»":               "ООО Ромашка",
		"2-й этаж, дом 5":             "второй этаж, дом пять",
		"1250,50 руб.":                "тысяча двести пятьдесят рублей пятьдесят копеек",
		"Здравствуйте, !":             "Здравствуйте!",
		"звоните +7 999 000-01-02":    "звоните семь, девятьсот девяносто девять, ноль ноль ноль, ноль один, ноль два",
		"код 0042":                    "код ноль ноль четыре два",
		"31.12.2026":                  "тридцать первого декабря две тысячи двадцать шестого года",
		"99.99.2026":                  "девяносто девять целых девяносто девять сотых. две тысячи двадцать шесть",
		"до 1 апреля 2027 года":       "до первого апреля две тысячи двадцать седьмого года",
		"(внимание) — тест…":          "внимание, тест.",
		"\u200bскрыто\r\nперенос\x00": "скрыто перенос",
		"":                     "",
		"12345678901234567890": "один два три четыре пять шесть семь восемь девять ноль один два три четыре пять шесть семь восемь девять ноль",
		"слова без чисел остаются, как написаны.": "слова без чисел остаются, как написаны.",
	} {
		if got := Speech(Russian, in); got != want {
			t.Errorf("%q\n got %q\nwant %q", in, got, want)
		}
	}
}

func TestSpeechEnglish(t *testing.T) {
	for in, want := range map[string]string{
		"You are approved for $50,000.": "You are approved for fifty thousand dollars.",
		"Press 1 at 14:30":              "Press one at two thirty p.m.",
		"the 15th of March":             "the fifteenth of March",
		"rate 12.5%":                    "rate twelve point five percent",
		"1,234 items":                   "one thousand two hundred thirty-four items",
	} {
		if got := Speech(English, in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// Every number comes out as words, without digits or double spaces, and
// speaking twice changes nothing.
func TestNumbersBecomeWords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(-Limit, Limit).Draw(t, "n")
		l := rapid.SampledFrom([]Language{Russian, English}).Draw(t, "l")
		g := Gender(rapid.IntRange(0, 2).Draw(t, "g"))
		c := Case(rapid.IntRange(0, 5).Draw(t, "c"))
		s := Cardinal(l, n, g, c)
		if s == "" || strings.Contains(s, "  ") || strings.ContainsFunc(s, unicode.IsDigit) || strings.TrimSpace(s) != s {
			t.Fatalf("%d: %q", n, s)
		}
	})
}

// No two of the numbers up to 99,999 sound alike, in any case.
func TestNumbersAreDistinct(t *testing.T) {
	for c := Nominative; c <= Prepositional; c++ {
		seen := map[string]int64{}
		for n := int64(0); n < 100_000; n += 1 + n/500 {
			s := Cardinal(Russian, n, Masculine, c)
			if old, ok := seen[s]; ok {
				t.Fatalf("%d and %d are both %q", old, n, s)
			}
			seen[s] = n
		}
	}
}

func FuzzSpeech(f *testing.F) {
	for _, s := range []string{"50 000 ₽ до 15 марта в 14:30", "№ 5 — 12,5 %", "2-й", "+7 (999) 000-01-02", "٣٤", "\xff\xfe", "1-го1-го", "99999999999999999999 руб."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, l := range []Language{Russian, English} {
			once := Speech(l, s)
			if strings.ContainsAny(once, "0123456789\r\n\x00«»№%") {
				t.Fatalf("%q → %q", s, once)
			}
			if again := Speech(l, once); again != once {
				t.Fatalf("%q → %q → %q", s, once, again)
			}
		}
	})
}
