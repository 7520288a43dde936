package scenarios

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode"
)

// CheckLead reports every column that a lead lacks or that does not fit its
// type, or nil if the lead can be called.
func (s *Scenario) CheckLead(columns map[string]string) error {
	var faults []error
	for _, c := range s.Lead {
		v := clean(columns[c.Name])
		if v == "" {
			if c.Required {
				faults = append(faults, fmt.Errorf("the column %s is empty; fill it in, or make it not required", c.shown()))
			}
			continue
		}
		if err := c.check(v); err != nil {
			faults = append(faults, fmt.Errorf("the column %s: %w", c.shown(), err))
		}
	}
	return errors.Join(faults...)
}

func (c Column) shown() string {
	if c.Label == "" || c.Label == c.Name {
		return c.Name
	}
	return c.Name + " (" + c.Label + ")"
}

// check reports why a value does not fit the column's type.
func (c Column) check(v string) error {
	ok, like := true, ""
	switch c.Type {
	case "name":
		ok, like = strings.ContainsFunc(v, unicode.IsLetter) && !strings.ContainsAny(v, "<>{}[]\\|@"), "a name, like Анна"
	case "money":
		_, _, ok = parseMoney(v)
		like = "an amount, like 50000 or 50 000,50"
	case "date":
		_, _, ok = parseDate(v, time.UTC)
		like = "a date, like 2026-03-15 or 15.03.2026"
	case "time":
		_, _, ok = parseClock(v, time.UTC)
		like = "a time, like 14:30"
	case "number":
		_, _, ok = parseNumber(v)
		like = "a number, like 12 or 3.5"
	case "phone":
		digits := strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return r
			}
			return -1
		}, v)
		ok, like = len(digits) >= 5 && len(digits) <= 15, "a telephone number"
	case "url":
		u, err := url.Parse(v)
		ok, like = err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "", "an address, like https://example.org/x"
	}
	if ok {
		return nil
	}
	return fmt.Errorf("%q is not %s", clip(v), like)
}
