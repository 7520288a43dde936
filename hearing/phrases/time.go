package phrases

import "time"

// noon is a moment to read times at where only their words matter.
var noon = time.Date(2026, 3, 16, 12, 0, 0, 0, time.UTC)

// Time stands for a spoken moment among the phrases of an answer.
const Time = "<time>"

// part is a part of the day.
type part struct{ start, end int } // hours

// Parts of the day, as hours that are meant when nothing else is said. When the
// part has begun already and is spoken of without a day, an hour from now is
// meant, and after its end the next day.
var (
	morning   = part{10, 12}
	noonish   = part{13, 14} // в обед
	daytime   = part{14, 17}
	afterNoon = part{15, 18} // после обеда
	evening   = part{18, 22}
)

// The hours that a bare "at six" may mean, and the hour of a day that is named
// alone.
const (
	firstHour = 8
	lastHour  = 21
	dayHour   = 10
)

// spec is a moment as it was said.
type spec struct {
	in      time.Duration // from now on; else 0
	months  int           // from now on, with in
	day     day
	part    *part
	clock   bool
	hour    int // 0..23 as it was said
	minute  int
	half    half
	certain bool // hour is of 24
}

// day is the day that was named.
type day struct {
	named   bool
	offset  int // from today
	weekday time.Weekday
	byName  bool // weekday holds
	week    bool // next week's Monday
}

// half says which half of the day was named with a clock's hour.
type half int

const (
	either half = iota
	am
	pm
)

// ParseTime reads a moment as people promise it, at now in the person's zone:
//
//	«через час», «через полчаса», «минут через двадцать»  from now on
//	«завтра», «в понедельник», «послезавтра»               10:00 of that day
//	«утром» 10:00, «в обед» 13:00, «днём» 14:00, «после обеда» 15:00, «вечером» 18:00
//	«в шесть», «после шести», «к шести», «в семь вечера»   the next such hour between 8:00 and 21:59,
//	                                                       18:00 rather than 6:00
//	«завтра в десять», «в пятницу утром»                   both together
//	«на выходных» Saturday 12:00, «на следующей неделе» Monday 10:00
//
// and the same in English. A weekday's name means the next one after today. The
// moment is never in the past, and a phrase about today whose hour has passed
// means tomorrow. False: no moment was understood, or one that makes no sense.
func ParseTime(language, text string, now time.Time) (time.Time, bool) {
	words := without(tokens(text), idleOfTimes[language])
	if len(words) == 0 {
		return time.Time{}, false
	}
	var s spec
	var ok bool
	switch language {
	case "ru":
		s, ok = russianTime(words)
	case "en":
		s, ok = englishTime(words)
	}
	if !ok {
		return time.Time{}, false
	}
	at := s.moment(now)
	return at, at.After(now)
}

// moment is what a spec means at now.
func (s spec) moment(now time.Time) time.Time {
	if s.in > 0 || s.months > 0 {
		return now.AddDate(0, s.months, 0).Add(s.in)
	}
	base := s.base(now)
	today := !s.day.named || s.day.offset == 0 && !s.day.byName && !s.day.week
	switch {
	case s.clock:
		return s.atHour(base, now, today)
	case s.part != nil:
		return s.part.at(base, now, s.day.named, today)
	}
	return hourOf(base, dayHour, 0)
}

// base is some moment of the day that was named.
func (s spec) base(now time.Time) time.Time {
	switch {
	case s.day.week:
		return now.AddDate(0, 0, until(now.Weekday(), time.Monday))
	case s.day.byName:
		return now.AddDate(0, 0, until(now.Weekday(), s.day.weekday))
	}
	return now.AddDate(0, 0, s.day.offset)
}

// until is how many days lie before the next such weekday: 1..7.
func until(from, to time.Weekday) int { return (int(to)-int(from)+6)%7 + 1 }

// at is when a part of the day is meant.
func (p part) at(base, now time.Time, named, today bool) time.Time {
	at := hourOf(base, p.start, 0)
	if !today || at.After(now) {
		return at
	}
	if later := now.Add(time.Hour); !later.After(hourOf(base, p.end, 0)) {
		return later
	}
	return hourOf(base.AddDate(0, 0, 1), p.start, 0)
}

// atHour is when an hour of the clock is meant: on a day that was named, its
// first such hour of the day; else the next one.
func (s spec) atHour(base, now time.Time, today bool) time.Time {
	for d := range 2 {
		for _, h := range s.hours() {
			at := hourOf(base.AddDate(0, 0, d), h, s.minute)
			if at.After(now) || !today {
				return at
			}
		}
	}
	return hourOf(base.AddDate(0, 0, 1), s.hours()[0], s.minute)
}

// hours are the hours of the day that may be meant, in their order.
func (s spec) hours() []int {
	h := s.hour
	switch {
	case s.part != nil && *s.part != morning && h < 12, s.half == pm && h < 12:
		return []int{h + 12}
	case s.half == am && h == 12:
		return []int{0}
	case s.certain || s.half != either || s.part != nil || h > 12:
		return []int{h}
	}
	var out []int
	for _, c := range []int{h, h + 12} {
		if c >= firstHour && c <= lastHour {
			out = append(out, c)
		}
	}
	return out
}

func hourOf(d time.Time, hour, minute int) time.Time {
	return time.Date(d.Year(), d.Month(), d.Day(), hour, minute, 0, 0, d.Location())
}
