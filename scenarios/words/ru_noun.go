package words

// noun is a Russian noun that is counted.
type noun struct {
	gender Gender
	one    [6]string
	many   [6]string
}

// after gives the form that follows a number in a case: один рубль, два
// рубля, пять рублей; одного рубля, двух рублей.
func (w noun) after(n int64, c Case) string {
	if n < 0 {
		n = -n
	}
	last, teens := n%10, n%100 >= 11 && n%100 <= 14
	single := last == 1 && !teens
	if c != Nominative && c != Accusative {
		if single {
			return w.one[c]
		}
		return w.many[c]
	}
	switch {
	case single:
		return w.one[c]
	case last >= 2 && last <= 4 && !teens:
		return w.one[Genitive]
	}
	return w.many[Genitive]
}

func ruHardMasculine(s string) noun {
	return noun{Masculine,
		[6]string{s, s + "а", s + "у", s, s + "ом", s + "е"},
		[6]string{s + "ы", s + "ов", s + "ам", s + "ы", s + "ами", s + "ах"}}
}

// ruSoftMasculine declines рубль: stem рубл.
func ruSoftMasculine(s string) noun {
	return noun{Masculine,
		[6]string{s + "ь", s + "я", s + "ю", s + "ь", s + "ем", s + "е"},
		[6]string{s + "и", s + "ей", s + "ям", s + "и", s + "ями", s + "ях"}}
}

// ruFeminineA declines минута, and копейка with its own genitive plural.
func ruFeminineA(stem, genitive, pluralGenitive, plural string) noun {
	return noun{Feminine,
		[6]string{stem + "а", genitive, stem + "е", stem + "у", stem + "ой", stem + "е"},
		[6]string{plural, pluralGenitive, stem + "ам", plural, stem + "ами", stem + "ах"}}
}

var (
	thousand = noun{Feminine,
		[6]string{"тысяча", "тысячи", "тысяче", "тысячу", "тысячей", "тысяче"},
		[6]string{"тысячи", "тысяч", "тысячам", "тысячи", "тысячами", "тысячах"}}
	rouble  = ruSoftMasculine("рубл")
	kopeck  = ruFeminineA("копейк", "копейки", "копеек", "копейки")
	dollar  = ruHardMasculine("доллар")
	cent    = ruHardMasculine("цент")
	euro    = noun{Masculine, [6]string{"евро", "евро", "евро", "евро", "евро", "евро"}, [6]string{"евро", "евро", "евро", "евро", "евро", "евро"}}
	hour    = ruHardMasculine("час")
	minute  = ruFeminineA("минут", "минуты", "минут", "минуты")
	percent = ruHardMasculine("процент")
	day     = noun{Masculine, [6]string{"день", "дня", "дню", "день", "днём", "дне"}, [6]string{"дни", "дней", "дням", "дни", "днями", "днях"}}
	week    = noun{Feminine, [6]string{"неделя", "недели", "неделе", "неделю", "неделей", "неделе"}, [6]string{"недели", "недель", "неделям", "недели", "неделями", "неделях"}}
	month   = noun{Masculine, [6]string{"месяц", "месяца", "месяцу", "месяц", "месяцем", "месяце"}, [6]string{"месяцы", "месяцев", "месяцам", "месяцы", "месяцами", "месяцах"}}
	year    = noun{Masculine, [6]string{"год", "года", "году", "год", "годом", "году"}, [6]string{"годы", "лет", "годам", "годы", "годами", "годах"}}
)
