package bench

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// Times is a distribution of times to a decision.
type Times struct {
	Title  string
	values []time.Duration
	sorted bool
}

// Add counts a time.
func (t *Times) Add(d time.Duration) {
	t.values = append(t.values, d)
	t.sorted = false
}

// Len returns how many times were counted.
func (t *Times) Len() int { return len(t.values) }

// Quantile returns the time that a share q of all do not exceed; 0 if there is
// none.
func (t *Times) Quantile(q float64) time.Duration {
	if len(t.values) == 0 {
		return 0
	}
	if !t.sorted {
		slices.Sort(t.values)
		t.sorted = true
	}
	i := int(math.Ceil(q*float64(len(t.values)))) - 1
	return t.values[min(max(i, 0), len(t.values)-1)]
}

// Brief gives the usual quantiles in a line.
func (t *Times) Brief() string {
	if len(t.values) == 0 {
		return "no decision"
	}
	return fmt.Sprintf("p50 %.2f s, p95 %.2f s, p99 %.2f s (%d)",
		t.Quantile(0.5).Seconds(), t.Quantile(0.95).Seconds(), t.Quantile(0.99).Seconds(), len(t.values))
}

// Text draws the distribution as a histogram of at most 16 rows.
func (t *Times) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", t.Title, t.Brief())
	if len(t.values) < 2 {
		return b.String()
	}
	least, most := t.Quantile(0), t.Quantile(1)
	step := stepFor(most - least)
	first := floorTo(least, step)
	counts := make([]int, int((most-first)/step)+1)
	high := 0
	for _, v := range t.values {
		i := int((v - first) / step)
		counts[i]++
		high = max(high, counts[i])
	}
	for i, n := range counts {
		from := first + time.Duration(i)*step
		bar := strings.Repeat("#", (n*40+high-1)/high)
		fmt.Fprintf(&b, "%s\n", strings.TrimRight(fmt.Sprintf("  %6.2f – %5.2f s %6d %s", from.Seconds(), (from+step).Seconds(), n, bar), " "))
	}
	return b.String()
}

// stepFor is the width of a row, so that a span takes at most 15 of them.
func stepFor(span time.Duration) time.Duration {
	for _, ms := range []time.Duration{10, 20, 50, 100, 200, 500, 1000, 2000, 5000} {
		if span <= 15*ms*time.Millisecond {
			return ms * time.Millisecond
		}
	}
	return (span / 15).Truncate(time.Second) + time.Second
}

func floorTo(d, step time.Duration) time.Duration {
	f := d.Truncate(step)
	if f > d {
		f -= step
	}
	return f
}
