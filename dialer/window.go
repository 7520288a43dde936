package dialer

import "time"

// horizon is how far ahead an opening is looked for.
const horizon = 400 * 24 * time.Hour

// free reports whether the window says nothing at all: then every moment is open.
func (w *Window) free() bool {
	return w.Days == [7]bool{} && len(w.Spans) == 0 && len(w.Weekend) == 0 && len(w.Holidays) == 0
}

// Open reports whether people in that IANA zone may be called at t. A zone
// that is empty or unknown counts as Default, and that as UTC. The zero window
// (whatever its Default) is always open; days without spans are open all day.
func (w Window) Open(t time.Time, zone string) bool {
	return w.open(t, locate(zone, w.Default))
}

// NextOpen returns t if the window is open then, else the first moment after t
// at which it opens; the zero time if it doesn't within 400 days.
func (w Window) NextOpen(t time.Time, zone string) time.Time {
	return w.nextOpen(t, locate(zone, w.Default))
}

func (w *Window) open(t time.Time, loc *time.Location) bool {
	if w.free() {
		return true
	}
	now := wall(t, loc)
	minute := now.Hour()*60 + now.Minute()
	for _, s := range w.spansOn(now) {
		if s.From <= minute && minute < s.To {
			return true
		}
	}
	return false
}

// nextOpen goes through the stretches in which the zone's offset is constant.
// Within one, wall-clock arithmetic is exact, so that an opening that daylight
// saving skips, repeats or moves needs no case of its own.
func (w *Window) nextOpen(t time.Time, loc *time.Location) time.Time {
	if w.free() {
		return t
	}
	limit := t.Add(horizon)
	for at := t; at.Before(limit); {
		local := at.In(loc)
		_, offset := local.Zone()
		shift := time.Duration(offset) * time.Second
		_, end := local.ZoneBounds()
		if end.IsZero() || end.After(limit) {
			end = limit
		}
		if found := w.nextWall(at.UTC().Add(shift), end.UTC().Add(shift)); !found.IsZero() {
			if found.Equal(t.UTC().Add(shift)) {
				return t
			}
			return found.Add(-shift).In(t.Location())
		}
		at = end
	}
	return time.Time{}
}

// nextWall looks for an opening on a wall clock without changes, in [from, end).
func (w *Window) nextWall(from, end time.Time) time.Time {
	for day := from.Truncate(24 * time.Hour); day.Before(end); day = day.Add(24 * time.Hour) {
		for _, s := range w.spansOn(day) {
			opens, closes := day.Add(time.Duration(s.From)*time.Minute), day.Add(time.Duration(s.To)*time.Minute)
			if !closes.After(from) || s.To <= s.From {
				continue
			}
			if opens.Before(from) {
				opens = from
			}
			if opens.Before(end) {
				return opens
			}
		}
	}
	return time.Time{}
}

var wholeDay = []Span{{0, 24 * 60}}

// spansOn returns the spans of the date that the wall clock shows.
func (w *Window) spansOn(wall time.Time) []Span {
	weekday := wall.Weekday()
	if w.Days != [7]bool{} && !w.Days[weekday] {
		return nil
	}
	holiday := len(w.Holidays) > 0 && w.Holidays[wall.Format(time.DateOnly)]
	switch {
	case len(w.Weekend) > 0 && (holiday || weekday == time.Saturday || weekday == time.Sunday):
		return w.Weekend
	case holiday:
		return nil
	case len(w.Spans) == 0:
		return wholeDay
	}
	return w.Spans
}
