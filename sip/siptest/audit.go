package siptest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Report is what a journal proves about a dialer.
type Report struct {
	Calls    []CallRecord   // in the order of their first INVITEs; one per Call-ID
	Attempts map[string]int // calls admitted, by number

	Extra      []CallRecord // saw a second INVITE that no challenge asked for
	NoAck      []CallRecord // answered, and the ACK never came
	NeverEnded []CallRecord // still up where the journal ends
	Faulty     []CallRecord // ended with an error of the caller
	Overlaps   []Overlap    // a number called while a call to it was up
	Left       []CallRecord // up when their caller was killed: nobody could end them
}

// Overlap is a number called twice at a time.
type Overlap struct{ First, Second CallRecord }

// Replay folds a journal into the records of its calls. Calls that were up
// when their server died end where the next one starts.
func Replay(entries []Entry) []CallRecord {
	told := map[string]*history{}
	var order []*history
	for _, e := range entries {
		if e.What == Started {
			for _, h := range order {
				if !h.Ended() {
					h.tell(Entry{At: e.At, What: Ended, By: Closed})
				}
			}
		}
		h := told[e.Call]
		if h == nil {
			if e.What != Invited && e.What != Admitted {
				continue
			}
			h = newHistory(e.Call)
			told[e.Call] = h
			order = append(order, h)
		}
		h.tell(e)
	}
	calls := make([]CallRecord, len(order))
	for i, h := range order {
		calls[i] = h.CallRecord
	}
	return calls
}

// Audit reads from a journal what a dialer did to its subscribers. Killed are
// the moments, if any, at which the dialer had just been killed: calls up then
// are not held against it, unless they saw a second INVITE.
func Audit(entries []Entry, killed ...time.Time) Report {
	r := Report{Calls: Replay(entries), Attempts: map[string]int{}}
	byNumber := map[string][]CallRecord{}
	for _, c := range r.Calls {
		if c.Nth > 0 {
			r.Attempts[c.Number]++
			if !c.Operator {
				byNumber[c.Number] = append(byNumber[c.Number], c)
			}
		}
		r.judge(c, killed)
	}
	for _, calls := range byNumber {
		r.Overlaps = append(r.Overlaps, overlaps(calls, killed)...)
	}
	slices.SortFunc(r.Overlaps, func(a, b Overlap) int {
		return cmp.Or(a.Second.InviteAt.Compare(b.Second.InviteAt), strings.Compare(a.Second.CallID, b.Second.CallID))
	})
	return r
}

func (r *Report) judge(c CallRecord, killed []time.Time) {
	if c.Extra() > 0 {
		r.Extra = append(r.Extra, c)
	}
	if c.left(killed) {
		r.Left = append(r.Left, c)
		return
	}
	switch {
	case c.Answered() && !c.Acked():
		r.NoAck = append(r.NoAck, c)
	case c.Err != "":
		r.Faulty = append(r.Faulty, c)
	}
	if c.Nth > 0 && !c.Ended() {
		r.NeverEnded = append(r.NeverEnded, c)
	}
}

// left says whether a call was up when its caller was killed.
func (r CallRecord) left(killed []time.Time) bool {
	for _, at := range killed {
		if !r.InviteAt.After(at) && (!r.Ended() || r.EndedAt.After(at)) {
			return true
		}
	}
	return false
}

// overlaps finds the calls to one number that began before the one before
// them had been released. Calls are in the order of their INVITEs.
func overlaps(calls []CallRecord, killed []time.Time) (found []Overlap) {
	for i := 1; i < len(calls); i++ {
		before, c := calls[i-1], calls[i]
		free := before.ReleasedAt()
		if (free.IsZero() || free.After(c.InviteAt)) && !before.left(killed) {
			found = append(found, Overlap{First: before, Second: c})
		}
	}
	return found
}

// Distinct returns the greatest number of different INVITEs that any attempt
// saw, those that a challenge asked for left out: 1 for a dialer that keeps
// its promise.
func (r Report) Distinct() int {
	most := 0
	for _, c := range r.Calls {
		most = max(most, c.Distinct-c.Challenges)
	}
	return most
}

// Faults puts what the dialer did wrong into words, one line each; none for a
// dialer that did nothing wrong.
func (r Report) Faults() (lines []string) {
	add := func(c CallRecord, format string, args ...any) {
		lines = append(lines, fmt.Sprintf("call %s to %s: ", c.CallID, c.Number)+fmt.Sprintf(format, args...))
	}
	for _, c := range r.Extra {
		add(c, "%d different INVITEs for one attempt", c.Distinct-c.Challenges)
	}
	for _, c := range r.NoAck {
		add(c, "answered, but no ACK came")
	}
	for _, c := range r.NeverEnded {
		add(c, "never ended")
	}
	for _, c := range r.Faulty {
		add(c, "%s", c.Err)
	}
	for _, o := range r.Overlaps {
		add(o.Second, "began while call %s to that number was up", o.First.CallID)
	}
	return lines
}
