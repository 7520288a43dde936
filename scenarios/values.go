package scenarios

import (
	"strconv"
	"strings"
	"time"
	"unicode"
)

// columnTypes are the types of a lead's columns; each is also the name of
// the filter that shows it.
var columnTypes = []string{"text", "name", "money", "date", "time", "number", "phone", "url"}

// clean makes a value from outside harmless in a text or a sentence: one
// line, no control or direction characters, of a bounded length.
func clean(s string) string {
	const limit = 300
	var b strings.Builder
	n, gap := 0, false
	for _, r := range s {
		switch {
		case r == unicode.ReplacementChar:
			continue
		case unicode.IsSpace(r) || unicode.IsControl(r):
			gap = b.Len() > 0
			continue
		case unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Co, r):
			continue
		}
		if gap {
			b.WriteByte(' ')
			gap = false
		}
		b.WriteRune(r)
		if n++; n >= limit {
			break
		}
	}
	return b.String()
}

// parseMoney reads 50000, 50 000, 50 000,50 ₽, 1,250.00 and the like.
func parseMoney(s string) (whole int64, hundredths int, ok bool) {
	s = strings.TrimFunc(clean(s), func(r rune) bool { return !unicode.IsDigit(r) && r != '-' })
	s = strings.NewReplacer(" ", "", "'", "").Replace(s)
	digits, frac := s, ""
	if i := strings.LastIndexAny(s, ".,"); i >= 0 && len(s)-i-1 != 3 {
		digits, frac = s[:i], s[i+1:]
	}
	digits = strings.NewReplacer(",", "", ".", "").Replace(digits)
	if len(frac) > 2 && strings.Trim(frac[2:], "0") == "" {
		frac = frac[:2]
	}
	whole, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || whole < 0 || len(digits) > 12 || len(frac) > 2 {
		return 0, 0, false
	}
	if frac != "" {
		hundredths, err = strconv.Atoi((frac + "0")[:2])
	}
	return whole, hundredths, err == nil
}

// parseNumber reads a number with or without a fraction.
func parseNumber(s string) (whole int64, frac string, ok bool) {
	s = strings.NewReplacer(" ", "", ",", ".").Replace(clean(s))
	digits, frac, _ := strings.Cut(s, ".")
	whole, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || len(strings.TrimPrefix(digits, "-")) > 15 || len(frac) > 6 || strings.Trim(frac, "0123456789") != "" {
		return 0, "", false
	}
	return whole, frac, true
}

var dateLayouts = []string{"2006-01-02", "02.01.2006", "2.1.2006", "02.01.06", "02/01/2006"}

var dayTimeLayouts = []string{time.RFC3339, "2006-01-02 15:04", "2006-01-02T15:04", "2006-01-02 15:04:05",
	"02.01.2006 15:04", "2.1.2006 15:04", "02.01.2006 15:04:05"}

var clockLayouts = []string{"15:04", "15.04", "15:04:05"}

// parseDate reads a day, with its time of day if that is written too.
func parseDate(s string, zone *time.Location) (at time.Time, timed, ok bool) {
	s = clean(s)
	for _, l := range dayTimeLayouts {
		if t, err := time.ParseInLocation(l, s, zone); err == nil {
			return t.In(zone), true, true
		}
	}
	for _, l := range dateLayouts {
		if t, err := time.ParseInLocation(l, s, zone); err == nil {
			return t, false, true
		}
	}
	return time.Time{}, false, false
}

// parseClock reads a time of day, also out of a day with its time.
func parseClock(s string, zone *time.Location) (hour, minute int, ok bool) {
	s = clean(s)
	for _, l := range clockLayouts {
		if t, err := time.Parse(l, s); err == nil {
			return t.Hour(), t.Minute(), true
		}
	}
	if t, timed, ok := parseDate(s, zone); ok && timed {
		return t.Hour(), t.Minute(), true
	}
	return 0, 0, false
}
