package dialer

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// PolicyByName returns a lawful pack; the empty name is the pack without
// limits. The packs are figures with their sources, not legal advice.
func PolicyByName(name string) (Policy, error) {
	if name == "" {
		return Policy{}, nil
	}
	p, ok := policies()[name]
	if !ok {
		return Policy{}, fmt.Errorf("no policy is called %q: use one of %s, or leave it empty", name, strings.Join(PolicyNames(), ", "))
	}
	return p, nil
}

// PolicyNames lists the packs.
func PolicyNames() []string { return slices.Sorted(maps.Keys(policies())) }

func policies() map[string]Policy {
	return map[string]Policy{
		"ru-collection": {
			Name: "ru-collection",
			Source: "Federal law 230-FZ art. 7, as changed by 467-FZ (2024-02-01: robots count like people): " +
				"1 talk a day, 2 a week, 8 a month; working days 8-22, weekends and holidays 9-20 local time; as of 2025-09-01",
			Hours:  ruHours(),
			PerDay: 1, PerWeek: 2, PerMonth: 8,
		},
		"ru-default": {
			Name: "ru-default",
			Source: "the hours of Federal law 230-FZ art. 7 taken as the careful measure for every call in Russia " +
				"(38-FZ art. 18 and 41-FZ ask for provable consent besides, which no timetable gives); as of 2025-09-01",
			Hours: ruHours(),
		},
		"us": {
			Name:   "us",
			Source: "TSR 16 CFR 310.4(c) and TCPA 47 CFR 64.1200(c)(1): 8-21 at the called party's location; as of 2025-01-01",
			Hours:  &Window{Days: everyDay(), Spans: []Span{{8 * 60, 21 * 60}}},
			// TSR 16 CFR 310.4(b)(4), the safe harbour.
			AbandonCap: 0.03,
		},
	}
}

func everyDay() [7]bool { return [7]bool{true, true, true, true, true, true, true} }

func ruHours() *Window {
	return &Window{
		Days:     everyDay(),
		Spans:    []Span{{8 * 60, 22 * 60}},
		Weekend:  []Span{{9 * 60, 20 * 60}},
		Holidays: ruHolidays(2024, 2040),
	}
}

// ruHolidays are the non-working holidays of art. 112 of the Labour Code of
// Russia. Days off that the government moves from year to year come from the
// campaign's own Holidays.
func ruHolidays(from, to int) map[string]bool {
	days := []struct {
		month time.Month
		day   int
	}{{1, 1}, {1, 2}, {1, 3}, {1, 4}, {1, 5}, {1, 6}, {1, 7}, {1, 8}, {2, 23}, {3, 8}, {5, 1}, {5, 9}, {6, 12}, {11, 4}}
	all := map[string]bool{}
	for year := from; year <= to; year++ {
		for _, d := range days {
			all[fmt.Sprintf("%04d-%02d-%02d", year, d.month, d.day)] = true
		}
	}
	return all
}

// under returns the pack as it applies to a campaign with that window: what
// the campaign calls a holiday is one for the law too.
func (p Policy) under(w Window) Policy {
	if p.Hours == nil || len(w.Holidays) == 0 {
		return p
	}
	hours := *p.Hours
	hours.Holidays = maps.Clone(hours.Holidays)
	if hours.Holidays == nil {
		hours.Holidays = map[string]bool{}
	}
	if len(hours.Weekend) == 0 {
		hours.Weekend = hours.Spans // a holiday changes nothing where the law has no hours for it
	}
	maps.Copy(hours.Holidays, w.Holidays)
	p.Hours = &hours
	return p
}
