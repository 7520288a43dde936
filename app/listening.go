package app

import (
	"fmt"
	"slices"
	"strings"

	"dozvon/calls"
	"dozvon/hearing/progress"
)

// listening is the setting of the listener that works on every call.
func (s *station) listening() (*calls.Listening, error) {
	l := &calls.Listening{Library: s.announcements.Library, First: s.ears.firstWords, Countries: s.cfg.Hearing.Countries}
	known := progress.Countries()
	for _, c := range l.Countries {
		if !slices.Contains(known, c) {
			return nil, Invalid(fmt.Errorf("nobody was called: hearing.countries names %q, whose tones are not known; take from %s",
				c, strings.Join(known, ", ")))
		}
	}
	return l, nil
}
