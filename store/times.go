package store

import (
	"math"
	"time"
)

// The moments that fit: the years 1678 to 2261.
var (
	earliest = time.Unix(0, math.MinInt64)
	latest   = time.Unix(0, math.MaxInt64)
)

// nanos is how a time is stored: nanoseconds since 1970; 0 for the zero time.
// A moment that does not fit becomes the nearest that does: a call put off to
// the year 3000 must not turn out to be due at once.
func nanos(t time.Time) int64 {
	switch {
	case t.IsZero():
		return 0
	case t.Before(earliest):
		return math.MinInt64
	case t.After(latest):
		return math.MaxInt64
	}
	return t.UnixNano()
}

// moment undoes nanos.
func moment(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}
