package phrases

import "time"

var (
	enUnits = numbers(map[int]string{0: "zero", 1: "one", 2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight", 9: "nine", 10: "ten", 11: "eleven", 12: "twelve",
		13: "thirteen", 14: "fourteen", 15: "fifteen", 16: "sixteen", 17: "seventeen", 18: "eighteen", 19: "nineteen"})
	enTens     = numbers(map[int]string{20: "twenty", 30: "thirty", 40: "forty", 50: "fifty"})
	enWeekdays = numbers(map[int]string{0: "sunday", 1: "monday", 2: "tuesday", 3: "wednesday", 4: "thursday", 5: "friday", 6: "saturday"})

	enMinutes = set("minute minutes")
	enHours   = set("hour hours")
	enDays    = set("day days")
	enWeeks   = set("week weeks")
	enBefore  = set("at after around by from")
)

func englishTime(words []string) (spec, bool) {
	c := &cursor{words: words}
	return c.read(c.enAfter, c.enDay, c.enPart, c.enClock)
}

// enAfter reads "in an hour", "in twenty minutes".
func (c *cursor) enAfter() (read, bad bool) {
	if len(c.words) < 2 || c.words[0] != "in" || c.words[1] == "morning" || c.words[1] == "afternoon" || c.words[1] == "evening" {
		return false, false
	}
	c.take("in")
	switch {
	case c.take("half", "an", "hour"), c.take("half", "hour"):
		return true, !c.later(30, time.Minute)
	case c.take("an", "hour", "and", "a", "half"), c.take("one", "and", "a", "half", "hours"):
		return true, !c.later(90, time.Minute)
	case c.take("a", "month"), c.take("one", "month"):
		c.spec.months++
		return true, c.spec.months > 1
	case c.take("a", "couple", "of"):
		return true, !c.later(2, c.enUnit())
	case c.take("an"), c.take("a"):
		return true, !c.later(1, c.enUnit())
	}
	n, ok := c.count(enUnits, enTens)
	return true, !ok || !c.later(n, c.enUnit())
}

func (c *cursor) enUnit() time.Duration {
	switch {
	case c.one(enMinutes):
		return time.Minute
	case c.one(enHours):
		return time.Hour
	case c.one(enDays):
		return oneDay
	case c.one(enWeeks):
		return 7 * oneDay
	}
	return 0
}

// enDay reads "tomorrow", "on monday", "next week", "at weekend" ("the" is idle).
func (c *cursor) enDay() (read, bad bool) {
	switch {
	case c.take("today"):
		return true, !c.setDay(day{})
	case c.take("day", "after", "tomorrow"):
		return true, !c.setDay(day{offset: 2})
	case c.take("tomorrow"):
		return true, !c.setDay(day{offset: 1})
	case c.take("tonight"):
		return true, !c.setDay(day{}) || !c.setPart(evening)
	case c.take("next", "week"):
		return true, !c.setDay(day{week: true})
	case c.take("on", "weekend"), c.take("at", "weekend"), c.take("this", "weekend"):
		return true, !c.setDay(day{byName: true, weekday: time.Saturday}) || !c.setHour(12, 0)
	}
	rest := c.words
	c.take("on")
	c.take("next")
	if len(c.words) > 0 {
		if d, ok := enWeekdays[c.words[0]]; ok {
			c.words = c.words[1:]
			return true, !c.setDay(day{byName: true, weekday: time.Weekday(d)})
		}
	}
	c.words = rest
	return false, false
}

// enPart reads "in the morning", "this evening", "after lunch".
func (c *cursor) enPart() (read, bad bool) {
	rest := c.words
	if c.take("after", "lunch") {
		return true, !c.setPart(afterNoon)
	}
	if c.take("after", "work") {
		return true, !c.setPart(evening)
	}
	this := c.take("this")
	if !this {
		c.take("in")
	}
	for _, p := range []struct {
		part part
		word string
	}{{morning, "morning"}, {daytime, "afternoon"}, {evening, "evening"}} {
		if c.take(p.word) {
			return true, this && !c.setDay(day{}) || !c.setPart(p.part)
		}
	}
	c.words = rest
	return false, false
}

// enClock reads "at six", "after six pm", "at half past six", and a bare hour
// where a day came before or its half of the day follows.
func (c *cursor) enClock() (read, bad bool) {
	rest := c.words
	lead := c.one(enBefore)
	minute := 0
	switch {
	case c.take("noon"):
		return true, !c.setHour(12, 0)
	case c.take("half", "past"):
		lead, minute = true, 30
	}
	hour, ok := c.count(enUnits, enTens)
	if !ok {
		c.words = rest
		return false, false
	}
	if m, ok := c.count(enUnits, enTens); ok && minute == 0 {
		minute = m
	}
	exact := c.take("o'clock")
	if !c.enHalfOfDay() && !lead && !exact && !c.spec.day.named {
		return true, true
	}
	return true, !c.setHour(hour, minute) || c.spec.half != either && hour > 12
}

func (c *cursor) enHalfOfDay() bool {
	switch {
	case c.take("am"), c.take("a", "m"):
		c.spec.half = am
	case c.take("pm"), c.take("p", "m"):
		c.spec.half = pm
	}
	return c.spec.half != either
}
