package corpus

import "fmt"

// promptTexts are the prompts that say a single word, by language: those on
// which recognisers of words are judged. They were written down by ear and
// from the names of the files.
var promptTexts = map[string]map[string]string{"ru": russianWords(), "en": englishWords()}

// Words lists the prompts of a language (ru or en) that say one word known
// here: numbers, days, months and some more. Nothing may be tuned on them.
func Words(language string) ([]Prompt, error) {
	all, err := Prompts(language)
	if err != nil {
		return nil, err
	}
	var out []Prompt
	for _, p := range all {
		if p.Text != "" {
			out = append(out, p)
		}
	}
	return out, nil
}

// series gives the names of a row of prompts to a row of words.
func series(into map[string]string, format string, from int, words ...string) {
	for i, w := range words {
		into[fmt.Sprintf(format, from+i)] = w
	}
}

func tens(into map[string]string, words ...string) {
	for i, w := range words {
		into[fmt.Sprintf("digits/%d", 20+10*i)] = w
	}
}

func russianWords() map[string]string {
	w := map[string]string{
		"digits/today": "сегодня", "digits/tomorrow": "завтра", "digits/yesterday": "вчера",
		"digits/hundred": "сто", "digits/million": "миллион", "digits/billion": "миллиард", "digits/minus": "минус",
		"vm-no": "нет", "vm-password": "пароль", "vm-isonphone": "занят", "vm-isunavail": "недоступен",
		"minutes": "минут", "seconds": "секунд", "hours": "часов", "vm-message": "сообщение",
		"letters/dot": "точка", "letters/dash": "дефис", "dictate/pause": "пауза",
		"phonetic/o_p": "оскар", "phonetic/v_p": "виктор",
	}
	series(w, "digits/%d", 0, "ноль", "один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять",
		"десять", "одиннадцать", "двенадцать", "тринадцать", "четырнадцать", "пятнадцать", "шестнадцать", "семнадцать",
		"восемнадцать", "девятнадцать")
	tens(w, "двадцать", "тридцать", "сорок", "пятьдесят", "шестьдесят", "семьдесят", "восемьдесят", "девяносто")
	series(w, "digits/day-%d", 0, "воскресенье", "понедельник", "вторник", "среда", "четверг", "пятница", "суббота")
	series(w, "digits/mon-%d", 0, "января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа",
		"сентября", "октября", "ноября", "декабря")
	return w
}

func englishWords() map[string]string {
	w := map[string]string{
		"digits/today": "today", "digits/tomorrow": "tomorrow", "digits/yesterday": "yesterday",
		"digits/hundred": "hundred", "digits/thousand": "thousand", "digits/million": "million", "digits/minus": "minus",
		"vm-no": "no", "vm-password": "password", "minutes": "minutes", "seconds": "seconds", "hours": "hours",
		"vm-message": "message", "letters/dot": "dot", "letters/dash": "dash", "dictate/pause": "pause",
		"phonetic/o_p": "oscar", "phonetic/v_p": "victor",
	}
	series(w, "digits/%d", 0, "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
		"eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
	tens(w, "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
	series(w, "digits/day-%d", 0, "sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
	series(w, "digits/mon-%d", 0, "january", "february", "march", "april", "may", "june", "july", "august",
		"september", "october", "november", "december")
	return w
}
