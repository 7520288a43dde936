package phrases

import "time"

var idleOfTimes = map[string]map[string]bool{
	"ru": set("ну давайте давай лучше перезвоните позвоните перезвони позвони наберите звоните мне меня пожалуйста примерно где то нибудь наверное наверно можно бы хорошо да нет попозже тогда удобно буду свободен свободна может быть"),
	"en": set("please call me back again maybe about well let's say could you can ring phone try ok okay yes no it's the best better would be"),
}

// ruUnits and ruTens read numbers in the cases in which times have them.
var (
	ruUnits = numbers(map[int]string{0: "ноль", 1: "один одного одному одну", 2: "два двух двум две", 3: "три трех трем", 4: "четыре четырех четырем", 5: "пять пяти", 6: "шесть шести",
		7: "семь семи", 8: "восемь восьми", 9: "девять девяти", 10: "десять десяти", 11: "одиннадцать одиннадцати", 12: "двенадцать двенадцати", 13: "тринадцать тринадцати",
		14: "четырнадцать четырнадцати", 15: "пятнадцать пятнадцати", 16: "шестнадцать шестнадцати", 17: "семнадцать семнадцати", 18: "восемнадцать восемнадцати", 19: "девятнадцать девятнадцати"})
	ruTens     = numbers(map[int]string{20: "двадцать двадцати", 30: "тридцать тридцати", 40: "сорок сорока", 50: "пятьдесят пятидесяти"})
	ruOrdinals = numbers(map[int]string{1: "первого", 2: "второго", 3: "третьего", 4: "четвертого", 5: "пятого", 6: "шестого", 7: "седьмого", 8: "восьмого", 9: "девятого", 10: "десятого", 11: "одиннадцатого", 12: "двенадцатого"})
	ruWeekdays = numbers(map[int]string{0: "воскресенье воскресенья", 1: "понедельник понедельника", 2: "вторник вторника", 3: "среду среда среды", 4: "четверг четверга", 5: "пятницу пятница пятницы", 6: "субботу суббота субботы"})

	ruMinutes = set("минут минуты минуту минуток минуточек")
	ruHours   = set("час часа часов часик часика часиков часам")
	ruDays    = set("день дня дней денька")
	ruWeeks   = set("неделю недели недель недельку")
)

func numbers(forms map[int]string) map[string]int {
	out := map[string]int{}
	for n, words := range forms {
		for w := range set(words) {
			out[w] = n
		}
	}
	return out
}

func russianTime(words []string) (spec, bool) {
	c := &cursor{words: words}
	return c.read(c.ruAfter, c.ruDay, c.ruPart, c.ruClock)
}

// ruAfter reads «через час», «минут через двадцать».
func (c *cursor) ruAfter() (read, bad bool) {
	if len(c.words) > 2 && c.words[1] == "через" {
		if unit := c.ruUnit(); unit > 0 {
			c.take("через")
			n, ok := c.count(ruUnits, ruTens)
			return true, !ok || !c.later(n, unit)
		}
	}
	if !c.take("через") {
		return false, false
	}
	switch {
	case c.take("полчаса"), c.take("полчасика"), c.take("пол", "часа"):
		return true, !c.later(30, time.Minute)
	case c.take("полтора", "часа"), c.take("полтора", "часика"), c.take("час", "с", "половиной"), c.take("час", "тридцать"):
		return true, !c.later(90, time.Minute)
	case c.take("месяц"):
		c.spec.months++
		return true, c.spec.months > 1
	case c.take("пару"), c.take("парочку"):
		return true, !c.later(2, c.ruUnit())
	}
	if unit := c.ruUnit(); unit > 0 {
		return true, !c.later(1, unit)
	}
	n, ok := c.count(ruUnits, ruTens)
	return true, !ok || !c.later(n, c.ruUnit())
}

// ruUnit reads a unit of time; 0 if none is next.
func (c *cursor) ruUnit() time.Duration {
	switch {
	case c.one(ruMinutes):
		return time.Minute
	case c.one(ruHours):
		return time.Hour
	case c.one(ruDays):
		return oneDay
	case c.one(ruWeeks):
		return 7 * oneDay
	}
	return 0
}

// ruDay reads «завтра», «в понедельник», «на следующей неделе», «на выходных».
func (c *cursor) ruDay() (read, bad bool) {
	switch {
	case c.take("сегодня"):
		return true, !c.setDay(day{})
	case c.take("завтра"):
		return true, !c.setDay(day{offset: 1})
	case c.take("послезавтра"):
		return true, !c.setDay(day{offset: 2})
	case c.take("на", "следующей", "неделе"):
		return true, !c.setDay(day{week: true})
	case c.take("на", "выходных"), c.take("в", "выходные"):
		return true, !c.setDay(day{byName: true, weekday: time.Saturday}) || !c.setHour(12, 0)
	}
	rest := c.words
	if !c.take("в") {
		c.take("во")
	}
	c.take("следующую")
	c.take("следующий")
	if len(c.words) > 0 {
		if d, ok := ruWeekdays[c.words[0]]; ok {
			c.words = c.words[1:]
			return true, !c.setDay(day{byName: true, weekday: time.Weekday(d)})
		}
	}
	c.words = rest
	return false, false
}

// ruPart reads «утром», «после обеда», «ближе к вечеру».
func (c *cursor) ruPart() (read, bad bool) {
	for _, p := range []struct {
		part  part
		words []string
	}{
		{morning, []string{"утром"}}, {morning, []string{"с", "утра"}}, {morning, []string{"утречком"}},
		{noonish, []string{"в", "обед"}}, {daytime, []string{"днем"}},
		{afterNoon, []string{"после", "обеда"}}, {evening, []string{"вечером"}}, {evening, []string{"вечерком"}},
		{evening, []string{"ближе", "к", "вечеру"}}, {evening, []string{"к", "вечеру"}}, {evening, []string{"после", "работы"}},
	} {
		if c.take(p.words...) {
			return true, !c.setPart(p.part)
		}
	}
	return false, false
}

var ruBefore = set("в во к ко после около с со")

// ruClock reads «в шесть», «после шести», «к десяти утра», «в половине шестого»,
// and a bare hour where a day came before or its half of the day follows.
func (c *cursor) ruClock() (read, bad bool) {
	rest := c.words
	c.take("часов")
	lead := c.one(ruBefore)
	switch {
	case c.take("полдень"):
		return true, !c.setHour(12, 0)
	case c.ruHalf():
		return true, !c.ruHalfOfDay()
	case lead && c.take("час"), lead && c.take("часа"), lead && c.take("часу"):
		return true, !c.setHour(1, 0) || !c.ruHalfOfDay()
	}
	hour, ok := c.count(ruUnits, ruTens)
	if !ok {
		c.words = rest
		return false, false
	}
	named := c.one(ruHours)
	minute, _ := c.count(ruUnits, ruTens)
	c.one(ruMinutes)
	if !lead && !named && !c.spec.day.named && !c.ruHalfNext() {
		return true, true
	}
	return true, !c.setHour(hour, minute) || !c.ruHalfOfDay()
}

// ruHalf reads «половине шестого», «полшестого»: 5:30.
func (c *cursor) ruHalf() bool {
	if len(c.words) == 0 {
		return false
	}
	for w, n := range ruOrdinals {
		if c.take("половине", w) || c.take("пол"+w) || c.take("пол", w) {
			return c.setHour((n+10)%12+1, 30)
		}
	}
	return false
}

func (c *cursor) ruHalfNext() bool {
	return len(c.words) > 0 && (c.words[0] == "утра" || c.words[0] == "дня" || c.words[0] == "вечера")
}

// ruHalfOfDay reads «утра», «дня», «вечера» behind an hour. It is false if the
// hour can't have it.
func (c *cursor) ruHalfOfDay() bool {
	switch {
	case c.take("утра"):
		c.spec.half = am
		return c.spec.hour >= 4 && c.spec.hour <= 12
	case c.take("дня"):
		c.spec.half = pm
		return c.spec.hour == 12 || c.spec.hour < 6
	case c.take("вечера"):
		c.spec.half = pm
		return c.spec.hour >= 4 && c.spec.hour < 12
	}
	return true
}
