package dialer

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestWindowTimeline(t *testing.T) {
	w := workdays(hours(10, 20)...)
	lunch := workdays(Span{10 * 60, 13 * 60}, Span{14 * 60, 20 * 60})
	weekend := workdays(hours(8, 22)...)
	weekend.Days = everyDay()
	weekend.Weekend = hours(9, 20)
	weekend.Holidays = map[string]bool{"2025-06-12": true}
	closedHoliday := workdays(hours(10, 20)...)
	closedHoliday.Holidays = map[string]bool{"2025-06-12": true}
	for name, c := range map[string]struct {
		w        Window
		zone     string
		at, want string // want: the next opening; equal to at if it is open then
	}{
		"open":                      {w, "Europe/Moscow", "2025-06-11T10:00:00+03:00", "2025-06-11T10:00:00+03:00"},
		"last second":               {w, "Europe/Moscow", "2025-06-11T19:59:59+03:00", "2025-06-11T19:59:59+03:00"},
		"to is exclusive":           {w, "Europe/Moscow", "2025-06-11T20:00:00+03:00", "2025-06-12T10:00:00+03:00"},
		"night":                     {w, "Europe/Moscow", "2025-06-11T03:00:00+03:00", "2025-06-11T10:00:00+03:00"},
		"friday evening":            {w, "Europe/Moscow", "2025-06-13T20:30:00+03:00", "2025-06-16T10:00:00+03:00"},
		"in the person's own zone":  {w, "Asia/Vladivostok", "2025-06-11T09:00:00+03:00", "2025-06-11T09:00:00+03:00"},
		"and closed in it":          {w, "Asia/Vladivostok", "2025-06-11T14:00:00+03:00", "2025-06-12T03:00:00+03:00"},
		"unknown zone":              {w, "Mars/Base", "2025-06-11T09:59:00+03:00", "2025-06-11T10:00:00+03:00"},
		"the machine's own is none": {w, "Local", "2025-06-11T09:59:00+03:00", "2025-06-11T10:00:00+03:00"},
		"a path is no zone":         {w, "../../etc/passwd", "2025-06-11T09:59:00+03:00", "2025-06-11T10:00:00+03:00"},
		"lunch":                     {lunch, "", "2025-06-11T13:00:00+03:00", "2025-06-11T14:00:00+03:00"},
		"holiday with its hours":    {weekend, "", "2025-06-12T08:30:00+03:00", "2025-06-12T09:00:00+03:00"},
		"holiday evening":           {weekend, "", "2025-06-12T20:30:00+03:00", "2025-06-13T08:00:00+03:00"},
		"saturday":                  {weekend, "", "2025-06-14T08:30:00+03:00", "2025-06-14T09:00:00+03:00"},
		"holiday closed":            {closedHoliday, "", "2025-06-12T11:00:00+03:00", "2025-06-13T10:00:00+03:00"},
		"no limits":                 {Window{}, "", "2025-06-14T03:00:00+03:00", "2025-06-14T03:00:00+03:00"},
		"days without spans":        {Window{Days: [7]bool{1: true}}, "", "2025-06-15T22:00:00Z", "2025-06-16T00:00:00Z"},
	} {
		now, want := at(c.at), at(c.want)
		if got := c.w.NextOpen(now, c.zone); !got.Equal(want) {
			t.Errorf("%s: next opening after %v is %v, want %v", name, now, got, want)
		}
		if open := c.w.Open(now, c.zone); open != now.Equal(want) {
			t.Errorf("%s: open at %v: %v", name, now, open)
		}
	}
}

// New York leaves standard time on 2025-03-09 (02:00 becomes 03:00) and
// returns on 2025-11-02 (02:00 becomes 01:00).
func TestWindowOverClockChanges(t *testing.T) {
	w := Window{Days: everyDay(), Spans: []Span{{2*60 + 30, 4 * 60}}, Default: "America/New_York"}
	if got, want := w.NextOpen(at("2025-03-09T01:00:00-05:00"), ""), at("2025-03-09T03:00:00-04:00"); !got.Equal(want) {
		t.Errorf("an opening that the change skips: %v, want the moment after it, %v", got, want)
	}
	gone := Window{Days: everyDay(), Spans: []Span{{2*60 + 10, 2*60 + 50}}, Default: "America/New_York"}
	if got, want := gone.NextOpen(at("2025-03-09T01:00:00-05:00"), ""), at("2025-03-10T02:10:00-04:00"); !got.Equal(want) {
		t.Errorf("a span that the change swallows: %v, want the next day's, %v", got, want)
	}
	twice := Window{Days: everyDay(), Spans: []Span{{60, 90}}, Default: "America/New_York"}
	if got, want := twice.NextOpen(at("2025-11-02T01:45:00-04:00"), ""), at("2025-11-02T01:00:00-05:00"); !got.Equal(want) {
		t.Errorf("a span that comes twice: %v, want its second coming, %v", got, want)
	}
	ten := Window{Days: everyDay(), Spans: hours(10, 11), Default: "America/New_York"}
	for _, day := range []string{"2025-03-08T15:00:00Z", "2025-03-09T14:00:00Z", "2025-11-01T14:00:00Z", "2025-11-02T15:00:00Z"} {
		if got := ten.NextOpen(at(day).Add(-90*time.Minute), ""); !got.Equal(at(day)) {
			t.Errorf("ten o'clock is %v, want %v", got.UTC(), day)
		}
	}
}

func TestWindowThatNeverOpens(t *testing.T) {
	for name, w := range map[string]Window{
		"empty span":    {Days: everyDay(), Spans: []Span{{600, 600}}},
		"reversed span": {Days: everyDay(), Spans: []Span{{600, 500}}},
	} {
		if got := w.NextOpen(at("2025-06-11T10:00:00Z"), ""); !got.IsZero() {
			t.Errorf("%s opens at %v", name, got)
		}
	}
}

// Whatever the window and the zone: the next opening is open, and no minute
// before it is.
func TestNextOpenIsTheFirstOpenMoment(t *testing.T) {
	zoneNames := []string{"Europe/Moscow", "America/New_York", "Europe/London", "Australia/Lord_Howe",
		"America/Santiago", "Asia/Beirut", "Africa/Cairo", "Pacific/Apia", "Asia/Kathmandu", "nowhere", ""}
	changes := []time.Time{at("2025-03-09T06:00:00Z"), at("2025-11-02T05:00:00Z"), at("2025-03-30T00:00:00Z"),
		at("2025-10-26T00:00:00Z"), at("2025-04-05T14:00:00Z"), at("2025-10-04T14:00:00Z"), at("2025-09-07T03:00:00Z"), at("2025-04-24T21:00:00Z")}
	rapid.Check(t, func(t *rapid.T) {
		w := Window{Default: rapid.SampledFrom(zoneNames).Draw(t, "default")}
		for i := range w.Days {
			w.Days[i] = rapid.Bool().Draw(t, "day")
		}
		w.Spans = drawSpans(t, "spans")
		if rapid.Bool().Draw(t, "weekends") {
			w.Weekend = drawSpans(t, "weekend")
		}
		w.Holidays = map[string]bool{"2025-03-10": rapid.Bool().Draw(t, "holiday"), "2025-10-27": true}
		zone := rapid.SampledFrom(zoneNames).Draw(t, "zone")
		now := rapid.SampledFrom(changes).Draw(t, "change").Add(time.Duration(rapid.IntRange(-100000, 100000).Draw(t, "seconds")) * time.Second)
		next := w.NextOpen(now, zone)
		end := next
		if next.IsZero() || next.Sub(now) > 4*24*time.Hour {
			end = now.Add(4 * 24 * time.Hour)
		} else if !w.Open(next, zone) {
			t.Fatalf("%v is named as an opening and is closed", next)
		}
		for m := now; m.Before(end); m = m.Truncate(time.Minute).Add(time.Minute) {
			if w.Open(m, zone) {
				t.Fatalf("open at %v, but the next opening after %v is said to be %v", m, now, next)
			}
		}
	})
}

func drawSpans(t *rapid.T, label string) []Span {
	var spans []Span
	for from := 0; len(spans) < 3; {
		from += rapid.IntRange(0, 700).Draw(t, label)
		to := from + rapid.IntRange(1, 400).Draw(t, label)
		if to > 24*60 {
			break
		}
		spans = append(spans, Span{from, to})
		from = to
	}
	return spans
}

func FuzzZoneNamesNeverPanic(f *testing.F) {
	for _, s := range []string{"", "UTC", "Local", "Europe/Moscow", "../x", "\x00", "Etc/GMT+12", "europe/moscow"} {
		f.Add(s, int64(1757000000))
	}
	w := workdays(hours(10, 20)...)
	f.Fuzz(func(t *testing.T, zone string, unix int64) {
		now := time.Unix(unix%(1<<33), 0)
		next := w.NextOpen(now, zone)
		if next.IsZero() || next.Before(now) || !w.Open(next, zone) {
			t.Errorf("zone %q: the opening after %v is %v", zone, now, next)
		}
	})
}

func TestCalendarArithmetic(t *testing.T) {
	beirut, moscow := Location("Asia/Beirut"), Location("Europe/Moscow")
	// Beirut's clocks jump from 00:00 to 01:00 on 2025-03-30.
	if got, want := nextDay(at("2025-03-29T12:00:00+02:00"), beirut, 1), at("2025-03-30T01:00:00+03:00"); !got.Equal(want) {
		t.Errorf("a day that starts at one: %v, want %v", got, want)
	}
	sunday := at("2025-06-15T23:59:59+03:00")
	if got, want := nextWeek(sunday, moscow), at("2025-06-16T00:00:00+03:00"); !got.Equal(want) {
		t.Errorf("next week: %v", got)
	}
	if got, want := nextWeek(at("2025-06-16T00:00:00+03:00"), moscow), at("2025-06-23T00:00:00+03:00"); !got.Equal(want) {
		t.Errorf("next week from a Monday: %v", got)
	}
	if weekNumber(sunday, moscow)+1 != weekNumber(sunday.Add(time.Second), moscow) {
		t.Error("the week does not change on Monday")
	}
	if got, want := nextMonth(at("2025-12-31T23:00:00+03:00"), moscow), at("2026-01-01T00:00:00+03:00"); !got.Equal(want) {
		t.Errorf("next month: %v", got)
	}
	if dayNumber(at("1969-12-31T23:59:59Z"), time.UTC) != -1 {
		t.Error("days before 1970 are not counted downwards")
	}
}
