package phrases

import (
	"slices"
	"strconv"
	"time"
)

// cursor reads words one after the other.
type cursor struct {
	words []string
	spec  spec
}

// take reads these words if they are next.
func (c *cursor) take(words ...string) bool {
	if len(c.words) < len(words) || !slices.Equal(c.words[:len(words)], words) {
		return false
	}
	c.words = c.words[len(words):]
	return true
}

// one reads one of these words if it is next.
func (c *cursor) one(words map[string]bool) bool {
	if len(c.words) == 0 || !words[c.words[0]] {
		return false
	}
	c.words = c.words[1:]
	return true
}

// count reads a whole number below 100, in words of these tables or in figures.
func (c *cursor) count(units, tens map[string]int) (int, bool) {
	if len(c.words) == 0 {
		return 0, false
	}
	w := c.words[0]
	if n, err := strconv.Atoi(w); err == nil && len(w) <= 2 {
		c.words = c.words[1:]
		return n, true
	}
	if n, ok := units[w]; ok {
		c.words = c.words[1:]
		return n, true
	}
	n, ok := tens[w]
	if !ok {
		return 0, false
	}
	c.words = c.words[1:]
	if len(c.words) > 0 {
		if one := units[c.words[0]]; one > 0 && one < 10 {
			c.words = c.words[1:]
			n += one
		}
	}
	return n, true
}

// later notes a time from now on; false if one was said already, or none.
func (c *cursor) later(n int, unit time.Duration) bool {
	if c.spec.in != 0 || n <= 0 || unit <= 0 || time.Duration(n) > longest/unit {
		return false
	}
	c.spec.in = time.Duration(n) * unit
	return true
}

// longest is the farthest moment that is believed.
const longest = 62 * 24 * time.Hour

const oneDay = 24 * time.Hour

func (c *cursor) setDay(d day) bool {
	if c.spec.day.named {
		return false
	}
	d.named = true
	c.spec.day = d
	return true
}

func (c *cursor) setPart(p part) bool {
	if c.spec.part != nil {
		return false
	}
	c.spec.part = &p
	return true
}

func (c *cursor) setHour(hour, minute int) bool {
	if c.spec.clock || hour < 0 || hour > 23 || minute < 0 || minute > 59 {
		return false
	}
	c.spec.clock, c.spec.hour, c.spec.minute = true, hour, minute
	c.spec.certain = hour > 12 || hour == 0
	return true
}

// whole reports whether what was said makes one moment.
func (c *cursor) whole() (spec, bool) {
	s := c.spec
	relative := s.in != 0 || s.months != 0
	absolute := s.day.named || s.part != nil || s.clock
	clash := s.part != nil && (s.half == am) == (*s.part != morning) && s.half != either
	return s, relative != absolute && !clash
}

// read goes on with one rule after the other, until all words are read. Each
// rule says whether it read something; bad, that it made no sense.
func (c *cursor) read(rules ...func() (read, bad bool)) (spec, bool) {
	for len(c.words) > 0 {
		before := len(c.words)
		for _, rule := range rules {
			read, bad := rule()
			if bad {
				return spec{}, false
			}
			if read {
				break
			}
		}
		if len(c.words) == before {
			return spec{}, false
		}
	}
	return c.whole()
}
