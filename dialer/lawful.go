package dialer

import "time"

// Code is a reason why a lead is, or is not, called; a word for APIs.
type Code string

// Reasons of a lead, of its campaign, and of the trunks.
const (
	CodeCallable   Code = "callable"       // nothing of the lead's own forbids a call now
	CodeDone       Code = "done"           // ended on a list
	CodeSuppressed Code = "suppressed"     // do-not-call
	CodeDialing    Code = "dialing"        // a call is up
	CodeWaiting    Code = "waiting"        // the retry plan's pause
	CodePromised   Code = "promised"       // a call was promised for a later moment
	CodeWindow     Code = "window"         // outside the campaign's hours
	CodeHours      Code = "lawful_hours"   // outside the policy's hours
	CodePerDay     Code = "attempts_today" // the plan's cap per day
	CodeCapDay     Code = "cap_day"        // the policy's cap of answered calls a day
	CodeCapWeek    Code = "cap_week"
	CodeCapMonth   Code = "cap_month"
	CodeNever      Code = "never_open" // no moment within 400 days is allowed
	CodePaused     Code = "campaign_paused"
	CodeNotRunning Code = "campaign_not_running"
	CodeLines      Code = "no_line"
	CodeTrunk      Code = "trunk_down"

	CodeNumberHour Code = "number_calls_hour" // the ceiling of calls to one number in an hour
	CodeNumberDay  Code = "number_calls_day"  // and in 24 hours
	CodeCallsHour  Code = "calls_per_hour"    // the ceiling of calls of the whole program
	CodeForbidden  Code = "forbidden_destination"
	CodeUnsent     Code = "never_left" // its last call failed on our side before it left
	CodeStalled    Code = "stalled"    // the calls of its campaign do
	CodeOverloaded Code = "overloaded" // the machine is at its limit

	CodeUnrecordable Code = "unrecordable" // a call to somebody else than a lead: the database would not take it
)

// A gate moves a moment to the first one that its rule allows; it returns the
// moment itself where the rule is content, and the zero time for never.
type gate struct {
	code Code
	next func(c *Campaign, l *Lead, loc *time.Location, t time.Time) time.Time
}

// gates are all the rules about when a lead may be called, law and plan alike.
var gates = []gate{
	{CodeWindow, func(c *Campaign, _ *Lead, loc *time.Location, t time.Time) time.Time {
		return c.Window.nextOpen(t, loc)
	}},
	{CodeHours, func(c *Campaign, _ *Lead, loc *time.Location, t time.Time) time.Time {
		if c.Policy.Hours == nil {
			return t
		}
		return c.Policy.Hours.nextOpen(t, loc)
	}},
	{CodeCapDay, func(c *Campaign, l *Lead, loc *time.Location, t time.Time) time.Time {
		if !reached(c.Policy.PerDay, l.Recent, loc, t, dayNumber) {
			return t
		}
		return nextDay(t, loc, 1)
	}},
	{CodeCapWeek, func(c *Campaign, l *Lead, loc *time.Location, t time.Time) time.Time {
		if !reached(c.Policy.PerWeek, l.Recent, loc, t, weekNumber) {
			return t
		}
		return nextWeek(t, loc)
	}},
	{CodeCapMonth, func(c *Campaign, l *Lead, loc *time.Location, t time.Time) time.Time {
		if !reached(c.Policy.PerMonth, l.Recent, loc, t, monthNumber) {
			return t
		}
		return nextMonth(t, loc)
	}},
	{CodePerDay, func(c *Campaign, l *Lead, loc *time.Location, t time.Time) time.Time {
		if c.Retry.PerDay <= 0 || l.Progress.Today < c.Retry.PerDay || l.Progress.Date != dateOf(t, loc) {
			return t
		}
		return nextDay(t, loc, 1)
	}},
	{CodeNumberHour, func(c *Campaign, l *Lead, _ *time.Location, t time.Time) time.Time {
		return spaced(c.Ceiling.NumberPerHour, l.Called, hourSpan, t)
	}},
	{CodeNumberDay, func(c *Campaign, l *Lead, _ *time.Location, t time.Time) time.Time {
		return spaced(c.Ceiling.NumberPerDay, l.Called, daySpan, t)
	}},
}

// reached reports whether a cap of answered calls is used up in t's period.
func reached(limit int, calls []time.Time, loc *time.Location, t time.Time, period func(time.Time, *time.Location) int) bool {
	if limit <= 0 || len(calls) < limit {
		return false
	}
	n, now := 0, period(t, loc)
	for _, call := range calls {
		if period(call, loc) == now {
			n++
		}
	}
	return n >= limit
}

// allowed returns the first moment from t on at which every gate lets the lead
// through: t itself if it may be called then, the zero time if there is none.
// The policy must have been taken under the campaign's window.
func (c *Campaign) allowed(l *Lead, t time.Time) time.Time {
	loc := locate(l.Zone, c.Window.Default)
	for limit := t.Add(horizon); t.Before(limit); {
		moved := t
		for i := range gates {
			if moved = gates[i].next(c, l, loc, moved); moved.IsZero() {
				return moved
			}
		}
		if moved.Equal(t) {
			return t
		}
		t = moved
	}
	return time.Time{}
}
