package dialer

import (
	"fmt"
	"time"
)

// Outside asks whether a call that is up may reach somebody else than its lead
// through the telephone network: an operator at a number, or whoever an
// operator, a supervisor or a phone wants to hand the person to. Such calls
// count like any other. The answer is Answer; what it allowed is over with
// OutsideOver, or with the attempt.
type Outside struct {
	Attempt AttemptID
	Call    int    // names it among those of the attempt
	Number  string // E.164
	Trunk   string // whose line it takes; empty: none of ours, as the network is asked to place it (REFER)
	// Staff says that the configuration names the number as an operator's: it
	// has a ceiling of its own, and no do-not-call list is asked.
	Staff bool

	// What the loop fills in from its ledger.
	Called []time.Time // when the number was called in the last 24 hours, newest first
	Barred bool        // it is on the do-not-call list
}

// OutsideOver says that what an Outside allowed is over.
type OutsideOver struct {
	Attempt AttemptID
	Call    int
}

// Answer answers an Outside. What is allowed is committed before it is said.
type Answer struct {
	Outside Outside
	Refused *Reason // nil: the call may be placed
}

func (Outside) event()     {}
func (OutsideOver) event() {}
func (Answer) command()    {}

// Barrier is why a call to somebody else than a lead may not be placed.
type Barrier struct {
	Number string // never shown whole
	Reason Reason
}

// Passing reports whether the same call may be allowed in a moment: it lacks a
// line, not a right.
func (b *Barrier) Passing() bool {
	return b.Reason.Code == CodeLines || b.Reason.Code == CodeTrunk
}

// Error says what forbids it and what to do.
func (b *Barrier) Error() string {
	until := ""
	if !b.Reason.Until.IsZero() {
		until = " until " + b.Reason.Until.Format(time.RFC3339)
	}
	what := map[Code]string{
		CodeForbidden:    "limits.allow and limits.deny do not let it be called",
		CodeSuppressed:   "it is on the do-not-call list",
		CodeCallsHour:    "limits.calls_per_hour is reached" + until,
		CodeNumberHour:   "it has been called as often in an hour as limits let it be" + until,
		CodeNumberDay:    "it has been called as often in 24 hours as limits.per_number_per_day lets it be" + until,
		CodeDialing:      "it is in another call of dozvon now",
		CodeLines:        "the trunk has no line free: " + b.Reason.Detail,
		CodeTrunk:        "the trunk takes no calls: " + b.Reason.Detail,
		CodeNotRunning:   "the call that it is for is over",
		CodeUnrecordable: "the call cannot be recorded, so it is not placed: " + b.Reason.Detail,
	}[b.Reason.Code]
	return fmt.Sprintf("the number …%s may not be called: %s", b.Number[max(0, len(b.Number)-2):], what)
}

// outside decides about a call to somebody else than a lead.
func (e *Engine) outside(ev Outside) {
	f := e.flights[ev.Attempt]
	r := e.bar(f, ev)
	if r == nil {
		t := e.trunks[ev.Trunk]
		e.tally.count(e.now, 1)
		if t != nil {
			t.up++
			t.pace.take(e.now) // the trunk's gate spaces the INVITEs: here the leads wait for them
		}
		if f.outside == nil {
			f.outside = map[int]*trunk{}
		}
		f.outside[ev.Call] = t
	}
	e.do(Answer{Outside: ev, Refused: r})
}

// bar returns what forbids a call to somebody else than a lead; nil: nothing.
func (e *Engine) bar(f *flight, ev Outside) *Reason {
	c, t := e.ceiling, e.trunks[ev.Trunk]
	hour, day := c.NumberPerHour, c.NumberPerDay
	if ev.Staff {
		hour, day = c.StaffPerHour, 0
	}
	if f == nil || f.stopped {
		return &Reason{Code: CodeNotRunning}
	}
	_, again := f.outside[ev.Call]
	_, busy := e.phones[ev.Number]
	switch {
	case again:
		return &Reason{Code: CodeNotRunning}
	case !c.Allowed(ev.Number):
		return &Reason{Code: CodeForbidden}
	case ev.Barred && !ev.Staff:
		return &Reason{Code: CodeSuppressed}
	case busy:
		return &Reason{Code: CodeDialing}
	case e.tally.free(c.PerHour) == 0:
		return &Reason{Code: CodeCallsHour, Until: e.tally.frees(c.PerHour)}
	}
	if at := spaced(hour, ev.Called, hourSpan, e.now); at.After(e.now) {
		return &Reason{Code: CodeNumberHour, Until: at}
	}
	if at := spaced(day, ev.Called, daySpan, e.now); at.After(e.now) {
		return &Reason{Code: CodeNumberDay, Until: at}
	}
	switch {
	case ev.Trunk == "":
	case t == nil:
		return &Reason{Code: CodeTrunk, Detail: ev.Trunk + " is not known"}
	case !t.serving():
		return &Reason{Code: CodeTrunk, Detail: t.status().detail(), Until: t.until}
	case t.up >= t.limits.Lines:
		return &Reason{Code: CodeLines, Detail: ev.Trunk}
	}
	return nil
}

// outsideOver gives back the line of such a call.
func (e *Engine) outsideOver(ev OutsideOver) {
	f := e.flights[ev.Attempt]
	if f == nil {
		return
	}
	if t := f.outside[ev.Call]; t != nil {
		t.up--
	}
	delete(f.outside, ev.Call)
}

// landOutside gives back the lines of all of them, whose attempt is over.
func (f *flight) landOutside() {
	for _, t := range f.outside {
		if t != nil {
			t.up--
		}
	}
	f.outside = nil
}
