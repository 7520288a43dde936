package loop

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"dozvon/dialer"
)

// errNoDirectory: there is nothing to count calls to others than leads by.
var errNoDirectory = errors.New("calls to others than leads are not counted here")

// StoreError says that the ledger failed: no further calls were placed, the
// calls that were up went on to their end.
type StoreError struct {
	Op      string        // what the loop was doing
	Err     error         // what the ledger said
	Unsaved []dialer.Save // results that could not be saved after all, oldest first
}

// Error says what happened and what to do.
func (e *StoreError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "the database failed while %s: %v; no further calls were placed", e.Op, e.Err)
	if n := e.results(); n > 0 {
		fmt.Fprintf(&b, "; the results of %d calls could not be saved (%s): they will be recorded as interrupted", n, e.first(5))
	} else {
		b.WriteString(" and every result is saved")
	}
	b.WriteString("; mend the database (disk space, permissions), then start the same campaign again: it goes on where it stopped")
	return b.String()
}

// Unwrap gives the ledger's own error.
func (e *StoreError) Unwrap() error { return e.Err }

func (e *StoreError) results() int {
	n := 0
	for _, s := range e.Unsaved {
		if s.Attempt != nil {
			n++
		}
	}
	return n
}

// first names up to n unsaved results without naming anybody's phone.
func (e *StoreError) first(n int) string {
	var parts []string
	for _, s := range e.Unsaved {
		if s.Attempt == nil {
			continue
		}
		if len(parts) == n {
			parts = append(parts, "…")
			break
		}
		what := string(s.Attempt.Result.Disposition)
		if s.Lead.List != "" {
			what += ", list " + s.Lead.List
		}
		parts = append(parts, fmt.Sprintf("attempt %d: %s", s.Attempt.ID, what))
	}
	return strings.Join(parts, "; ")
}

// StuckError says that campaigns can't go on by themselves.
type StuckError struct {
	Campaigns []string // their names

	Reason dialer.PauseReason
}

func (e *StuckError) sorted() *StuckError {
	slices.Sort(e.Campaigns)
	return e
}

// Error says what happened and what to do.
func (e *StuckError) Error() string {
	what := "leads are left that nothing will make due: another run may hold them on the same database; end it, then start this one again"
	switch e.Reason {
	case dialer.PauseTrunk:
		what = "no trunk is left to call through: check the trunk's address, user and password, then start the same campaign again"
	case dialer.PauseWindow:
		what = "its calling window never opens under its policy: widen the window's days and hours"
	case dialer.PauseAbandonCap:
		what = "too many answered calls found no operator: add operators or use fewer lines, then start the same campaign again"
	}
	return fmt.Sprintf("can't go on: %s: %s; nothing is lost", strings.Join(e.Campaigns, ", "), what)
}
