package dialer

import (
	"strings"
	"time"
)

// Ceiling are limits of the whole program that no campaign and no scenario can
// exceed, whatever its plan says. Zero values set no limit.
type Ceiling struct {
	Allow []string // prefixes of numbers that may be called, E.164 with the plus sign; empty: all
	Deny  []string // prefixes of numbers that may not, whatever Allow says

	PerHour       int // calls in any hour, over all campaigns
	NumberPerHour int // calls to one number in any hour, over all campaigns
	NumberPerDay  int // calls to one number in any 24 hours, over all campaigns
	StaffPerHour  int // in place of both for a number that the configuration names as an operator's
}

// ForbiddenList is the list of leads whose numbers the ceiling does not allow.
const ForbiddenList = "forbidden_destination"

// extensionDigits is up to how many digits a number without a plus sign is an
// extension of a PBX rather than a number of the telephone network. The
// shortest national numbers that cost money have more.
const extensionDigits = 4

// Allowed reports whether a number may be called. A number without a plus sign
// counts as if it had one, and 00 in front as the plus sign, unless it is so
// short that it can only be an extension; what is no number at all (the name
// of a phone) is allowed, as it leads to nobody's bill. Toll fraud lives on
// numbers that slip through, so that in doubt the answer is no.
func (c Ceiling) Allowed(number string) bool {
	e164, ok := Dialled(number)
	if !ok {
		return true
	}
	for _, p := range c.Deny {
		if strings.HasPrefix(e164, p) {
			return false
		}
	}
	for _, p := range c.Allow {
		if strings.HasPrefix(e164, p) {
			return true
		}
	}
	return len(c.Allow) == 0
}

// Dialled reads a number as the telephone network would; ok is false for
// extensions of up to four digits and for names.
func Dialled(number string) (e164 string, ok bool) {
	digits := strings.Map(func(r rune) rune {
		switch r {
		case ' ', '-', '.', '(', ')', '\u00a0':
			return -1
		}
		return r
	}, number)
	rest, plus := strings.CutPrefix(digits, "+")
	for _, r := range rest {
		if r < '0' || r > '9' {
			return "", false
		}
	}
	switch {
	case rest == "" || !plus && len(rest) <= extensionDigits:
		return "", false
	case !plus:
		rest = strings.TrimPrefix(rest, "00")
	}
	return "+" + rest, true
}

// Spans of the ceilings of one number.
const (
	hourSpan = time.Hour
	daySpan  = 24 * time.Hour
)

// spaced returns the first moment from t on at which fewer than limit calls
// (newest first) lie within the span before it.
func spaced(limit int, calls []time.Time, span time.Duration, t time.Time) time.Time {
	if limit <= 0 || len(calls) < limit {
		return t
	}
	return latest(t, calls[limit-1].Add(span))
}

// tallySeconds is how many seconds a tally spans: an hour, and the second that
// has begun.
const tallySeconds = 3600 + 1

// tally counts the calls of the last hour by second. What it forgets is at
// least an hour old, at most a second more.
type tally struct {
	counts [tallySeconds]int
	sum    int
	last   int64 // the second up to which it has counted
}

func slot(second int64) int { return int((second%tallySeconds + tallySeconds) % tallySeconds) }

// until forgets what is older than an hour at now.
func (t *tally) until(now time.Time) {
	second := now.Unix()
	if second <= t.last {
		return
	}
	for s := max(t.last+1, second-tallySeconds+1); s <= second; s++ {
		t.sum -= t.counts[slot(s)]
		t.counts[slot(s)] = 0
	}
	t.last = second
}

// count adds n calls placed at a moment of the last hour; n may be negative.
func (t *tally) count(at time.Time, n int) {
	second := at.Unix()
	if second > t.last || second <= t.last-tallySeconds {
		return
	}
	t.counts[slot(second)] += n
	t.sum += n
}

// free returns how many further calls may leave under the limit.
func (t *tally) free(limit int) int {
	if limit <= 0 {
		return unlimited
	}
	return max(limit-t.sum, 0)
}

// frees returns when the next call may leave under the limit.
func (t *tally) frees(limit int) time.Time {
	left := t.sum
	for s := t.last - tallySeconds + 1; s <= t.last; s++ {
		if left -= t.counts[slot(s)]; left < limit {
			return time.Unix(s+tallySeconds, 0)
		}
	}
	return time.Time{}
}

// setCeiling takes over the ceiling and what was placed before the engine was.
func (e *Engine) setCeiling(ev SetCeiling) {
	e.ceiling = ev.Ceiling
	e.tally.until(e.now)
	for _, at := range ev.Placed {
		e.tally.count(at, 1)
	}
	for _, c := range e.order {
		c.plan.Ceiling = e.ceiling
		c.outlook.known = false
	}
}

// forbid ends a lead whose number may not be called.
func (e *Engine) forbid(c *campaign, l Lead) {
	l.State, _ = l.State.On(LeadListed)
	l.List, l.NextAt, l.Promised = ForbiddenList, time.Time{}, false
	c.outlook.stirred, c.outlook.sure = true, false
	c.outlook.open--
	c.counts.lists[l.List]++
	e.do(Save{Lead: l, Notices: []Notice{{Type: NoticeLeadFinished}}})
}
