package scenarios

import (
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"

	"dozvon/dialer"
)

// windowFields is the table of the window block.
func windowFields() []field[dialer.Window] {
	hours := someShape(shape{"type": "string", "pattern": `^\d{1,2}:\d{2}-\d{1,2}:\d{2}$`})
	return []field[dialer.Window]{
		{"days", false, "mon-fri, or a list of days; every day if left out", someShape(textShape()), decodeDays},
		{"hours", true, `such as "10:00-20:00"; several for a lunch break`, hours,
			func(d *decoder, n *node, to *dialer.Window) { to.Spans = d.hours(n) }},
		{"weekend", false, "hours of Saturdays, Sundays and holidays, where they differ", hours,
			func(d *decoder, n *node, to *dialer.Window) { to.Weekend = d.hours(n) }},
		{"holidays", false, "days off: 2026-05-01, or 2026-05-01..2026-05-03", someShape(textShape()), decodeHolidays},
		{"zone", false, "time zone of people of whom it is not known, such as Europe/Moscow", textShape(),
			func(d *decoder, n *node, to *dialer.Window) {
				to.Default = d.text(n, "zone")
				if to.Default != "" && dialer.Location(to.Default) == nil {
					d.log.at(n, "use a name like Europe/Moscow", "there is no time zone %q", clip(to.Default))
				}
			}},
	}
}

func decodeWindow(d *decoder, n *node, to *Scenario) {
	if !block(d, n, "window", windowFields(), &to.Window) {
		return
	}
	w := &to.Window
	if w.Days == [7]bool{} {
		w.Days = [7]bool{true, true, true, true, true, true, true}
	}
	if w.Weekend != nil {
		w.Days[time.Saturday], w.Days[time.Sunday] = true, true
	}
}

// weekdays in the order of the week, with the names they go by.
var weekdays = []struct {
	day   time.Weekday
	names [3]string
}{
	{time.Monday, [3]string{"mon", "monday", "пн"}}, {time.Tuesday, [3]string{"tue", "tuesday", "вт"}},
	{time.Wednesday, [3]string{"wed", "wednesday", "ср"}}, {time.Thursday, [3]string{"thu", "thursday", "чт"}},
	{time.Friday, [3]string{"fri", "friday", "пт"}}, {time.Saturday, [3]string{"sat", "saturday", "сб"}},
	{time.Sunday, [3]string{"sun", "sunday", "вс"}},
}

// weekday is the place of a day in the week, Monday 0; -1: no day.
func weekday(s string) int {
	for i, w := range weekdays {
		for _, name := range w.names {
			if name == strings.ToLower(strings.TrimSpace(s)) {
				return i
			}
		}
	}
	return -1
}

func decodeDays(d *decoder, n *node, to *dialer.Window) {
	for _, v := range d.values(n) {
		for _, piece := range strings.Split(v.text, ",") {
			from, until, isRange := strings.Cut(piece, "-")
			if !isRange {
				until = from
			}
			a, b := weekday(from), weekday(until)
			if v.kind != scalar || a < 0 || b < 0 {
				d.log.at(v, "write mon-fri, or mon, wed, fri", "days can't be %q", clip(v.text))
				break
			}
			for i := a; ; i = (i + 1) % 7 {
				to.Days[weekdays[i].day] = true
				if i == b {
					break
				}
			}
		}
	}
}

var hoursRE = regexp.MustCompile(`^\s*(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})\s*$`)

// hours reads spans of a day, sorted and disjoint.
func (d *decoder) hours(n *node) []dialer.Span {
	var out []dialer.Span
	for _, v := range d.values(n) {
		m := hoursRE.FindStringSubmatch(v.text)
		if v.kind != scalar || m == nil {
			d.log.at(v, `write them in quotes, like "10:00-20:00"`, "hours can't be %q", clip(v.text))
			continue
		}
		var t [4]int
		for i := range t {
			t[i], _ = strconv.Atoi(m[i+1])
		}
		s := dialer.Span{From: t[0]*60 + t[1], To: t[2]*60 + t[3]}
		if t[1] > 59 || t[3] > 59 || s.To > 24*60 || s.From >= s.To {
			d.log.at(v, "write the earlier hour first, from 00:00 to 24:00", "the hours %q do not go forward within a day", clip(v.text))
			continue
		}
		out = append(out, s)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].From < out[j].From })
	for i := 1; i < len(out); i++ {
		if out[i].From < out[i-1].To {
			d.log.at(n, "join them into one", "the hours overlap")
		}
	}
	return out
}

func decodeHolidays(d *decoder, n *node, to *dialer.Window) {
	to.Holidays = map[string]bool{}
	for _, v := range d.values(n) {
		from, until, isRange := strings.Cut(v.text, "..")
		if !isRange {
			until = from
		}
		a, err1 := time.Parse(time.DateOnly, strings.TrimSpace(from))
		b, err2 := time.Parse(time.DateOnly, strings.TrimSpace(until))
		if v.kind != scalar || err1 != nil || err2 != nil || b.Before(a) || b.Sub(a) > 366*24*time.Hour {
			d.log.at(v, "write 2026-05-01, or 2026-05-01..2026-05-03", "holidays can't be %q", clip(v.text))
			continue
		}
		for ; !a.After(b); a = a.AddDate(0, 0, 1) {
			to.Holidays[a.Format(time.DateOnly)] = true
		}
	}
}
