package dialer

import (
	"sync"
	"sync/atomic"
	"time"
	_ "time/tzdata" // windows must be right on machines without a zone database
)

// maxZones bounds the cache below: zone names come from bases.
const maxZones = 2048

// zones caches locations by name, bad names as nil: reading the zone database
// for each decision would cost more than the decision.
var (
	zones      sync.Map // string → *time.Location
	zonesCount atomic.Int64
)

// Location returns the IANA zone of that name, or nil if there is none. The
// machine's own zone ("Local") is no zone of a person and is refused.
func Location(name string) *time.Location {
	if v, ok := zones.Load(name); ok {
		return v.(*time.Location)
	}
	var loc *time.Location
	if name != "" && name != "Local" && len(name) <= 64 {
		loc, _ = time.LoadLocation(name) // nil on error
	}
	if zonesCount.Add(1) <= maxZones {
		zones.Store(name, loc)
	}
	return loc
}

// locate returns the person's zone, else the default one, else UTC.
func locate(zone, def string) *time.Location {
	if loc := Location(zone); loc != nil {
		return loc
	}
	if loc := Location(def); loc != nil {
		return loc
	}
	return time.UTC
}

// wall returns t's local wall clock as if it were UTC, so that calendar
// arithmetic on it knows no daylight saving.
func wall(t time.Time, loc *time.Location) time.Time {
	_, offset := t.In(loc).Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}

// dayNumber counts local calendar days; it differs by one from one date to the next.
func dayNumber(t time.Time, loc *time.Location) int {
	return floorDiv(wall(t, loc).Unix(), 24*3600)
}

// weekNumber counts local calendar weeks, which start on Monday.
func weekNumber(t time.Time, loc *time.Location) int {
	return floorDiv(int64(dayNumber(t, loc)+3), 7) // 1970-01-01 was a Thursday
}

// monthNumber counts local calendar months.
func monthNumber(t time.Time, loc *time.Location) int {
	y, m, _ := t.In(loc).Date()
	return y*12 + int(m)
}

func floorDiv(a, b int64) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return int(q)
}

// dateOf formats the local date as YYYY-MM-DD.
func dateOf(t time.Time, loc *time.Location) string {
	return t.In(loc).Format(time.DateOnly)
}

// nextDay returns the first moment of the local date days after t's.
func nextDay(t time.Time, loc *time.Location, days int) time.Time {
	return startOf(t, loc, func(y int, m time.Month, d int) (int, time.Month, int) { return y, m, d + days })
}

// nextWeek returns the first moment of the local Monday after t's week.
func nextWeek(t time.Time, loc *time.Location) time.Time {
	sinceMonday := (int(t.In(loc).Weekday()) + 6) % 7
	return nextDay(t, loc, 7-sinceMonday)
}

// nextMonth returns the first moment of the local month after t's.
func nextMonth(t time.Time, loc *time.Location) time.Time {
	return startOf(t, loc, func(y int, m time.Month, _ int) (int, time.Month, int) { return y, m + 1, 1 })
}

func startOf(t time.Time, loc *time.Location, date func(int, time.Month, int) (int, time.Month, int)) time.Time {
	y, m, d := date(t.In(loc).Date())
	noon := time.Date(y, m, d, 12, 0, 0, 0, loc)
	start := time.Date(y, m, d, 0, 0, 0, 0, loc)
	// Where clocks jump over midnight, Go may name the last hour of the day before.
	for start.In(loc).Day() != noon.Day() {
		start = start.Add(30 * time.Minute)
	}
	return start
}
