package phrases

import (
	"slices"
	"strings"
)

// What is listened for where a moment is asked for: the usual ways, finite for
// a grammar. ParseTime reads all of these and many more.

// timePhrases returns the phrases of Time.
func timePhrases(language string) []string {
	switch language {
	case "ru":
		return russianTimes()
	case "en":
		return englishTimes()
	}
	return nil
}

func russianTimes() []string {
	after := each("через ", list("час, часик, полчаса, полтора часа, пару часов, два часа, три часа, четыре часа, пять часов, шесть часов, минуту, пять минут, десять минут, пятнадцать минут, "+
		"двадцать минут, тридцать минут, сорок минут, пятьдесят минут, день, два дня, три дня, неделю, месяц"))
	after = append(after, list("минут через пять, минут через десять, минут через пятнадцать, минут через двадцать, минут через тридцать, минут через сорок, часа через два, часа через три")...)
	parts := list("утром, днём, вечером, после обеда, в обед, с утра, к вечеру, после работы")
	var days []string
	for _, d := range list("завтра, послезавтра, в понедельник, во вторник, в среду, в четверг, в пятницу, в субботу, в воскресенье") {
		days = append(days, d, d+" утром", d+" вечером")
	}
	days = append(days, list("сегодня вечером, сегодня днём, сегодня после обеда, завтра днём, завтра в обед, завтра после обеда, завтра с утра, послезавтра днём, на выходных, на следующей неделе")...)
	hours := list("час, два, три, четыре, пять, шесть, семь, восемь, девять, десять, одиннадцать, двенадцать")
	late := list("часа, двух, трёх, четырёх, пяти, шести, семи, восьми, девяти, десяти, одиннадцати, двенадцати")
	// «В два» is left to «в два часа»: beside a plain «да» it sounds too much alike.
	bare := slices.DeleteFunc(each("в ", hours), func(s string) bool { return s == "в два" })
	clock := slices.Concat(bare, each("завтра в ", hours), each("после ", late), each("завтра после ", late[:8]),
		list("в два часа, в три часа, в четыре часа, в пять часов, в шесть часов, в семь часов, в десять часов, в одиннадцать часов, в двенадцать часов, "+
			"в пять вечера, в шесть вечера, в семь вечера, в восемь вечера, в девять утра, в десять утра, в одиннадцать утра, в час дня, в два часа дня, в три часа дня, в полдень"))
	asked := each("перезвоните ", list("через час, через полчаса, через два часа, через три часа, завтра, завтра утром, завтра вечером, вечером, утром, после обеда, после шести, в понедельник"))
	return slices.Concat(after, parts, days, clock, asked)
}

func englishTimes() []string {
	after := each("in ", list("an hour, half an hour, two hours, three hours, four hours, a couple of hours, an hour and a half, five minutes, ten minutes, fifteen minutes, twenty minutes, thirty minutes, forty minutes, "+
		"two days, three days, a week, a month"))
	parts := list("in the morning, in the afternoon, in the evening, this afternoon, this evening, tonight, after lunch, after work")
	days := list("tomorrow, tomorrow morning, tomorrow afternoon, tomorrow evening, the day after tomorrow, next week, on the weekend")
	for _, d := range list("monday, tuesday, wednesday, thursday, friday, saturday, sunday") {
		days = append(days, d, "on "+d, d+" morning")
	}
	hours := list("one, two, three, four, five, six, seven, eight, nine, ten, eleven, twelve")
	clock := slices.Concat(each("at ", hours), each("after ", hours), each("tomorrow at ", hours), list("at noon, at nine am, at ten am, at eleven am, at five pm, at six pm, at seven pm"))
	asked := each("call me ", list("in an hour, in half an hour, in two hours, tomorrow, tomorrow morning, in the evening, after six, on monday"))
	return slices.Concat(after, parts, days, clock, asked)
}

func each(prefix string, list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = prefix + strings.TrimSpace(s)
	}
	return out
}
