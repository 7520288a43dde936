package report

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// Share is a part of a whole, with the interval in which its true value lies
// with 95 % certainty. Of nothing, that is anything from 0 to 1.
type Share struct {
	Of   int     `json:"of"`  // the part
	All  int     `json:"all"` // the whole
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// z is the normal quantile of a two-sided interval of 95 %.
const z = 1.959963984540054

// ShareOf returns of in all with Wilson's score interval (E. B. Wilson, 1927),
// which stays honest for small samples and for shares near 0 and 1.
func ShareOf(of, all int) Share {
	s := Share{Of: of, All: all, High: 1}
	if all <= 0 {
		return s
	}
	n, p := float64(all), float64(of)/float64(all)
	mid := p + z*z/(2*n)
	half := z * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	s.Low, s.High = max(0, (mid-half)/(1+z*z/n)), min(1, (mid+half)/(1+z*z/n))
	if of == 0 {
		s.Low = 0
	}
	if of == all {
		s.High = 1
	}
	return s
}

// Value is the share itself; 0 of nothing.
func (s Share) Value() float64 {
	if s.All == 0 {
		return 0
	}
	return float64(s.Of) / float64(s.All)
}

// String words it: "98.3 % (59 of 60; 91.1 to 99.7)".
func (s Share) String() string {
	if s.All == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f %% (%d of %d; %.1f to %.1f)", 100*s.Value(), s.Of, s.All, 100*s.Low, 100*s.High)
}

// brief words it for a table: "98.3 % of 60 (91.1–99.7)".
func (s Share) brief() string {
	if s.All == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f %% of %d (%.1f–%.1f)", 100*s.Value(), s.All, 100*s.Low, 100*s.High)
}

// Times are how long decisions took: the median, and what 95 % did not exceed.
type Times struct {
	N   int           `json:"n"`
	P50 time.Duration `json:"p50_ns"`
	P95 time.Duration `json:"p95_ns"`
}

// timesOf sorts what it is given.
func timesOf(all []time.Duration) Times {
	t := Times{N: len(all)}
	if t.N == 0 {
		return t
	}
	slices.Sort(all)
	rank := func(percent int) time.Duration { return all[(t.N*percent+99)/100-1] }
	t.P50, t.P95 = rank(50), rank(95)
	return t
}

// String words them: "0.31 s, 0.62 s".
func (t Times) String() string {
	if t.N == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f s, %.2f s", t.P50.Seconds(), t.P95.Seconds())
}
