package siptest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
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
}

// Overlap is a number called twice at a time.
type Overlap struct {
	First, Second CallRecord
	// Left says that the caller had left the first call without a word, as a
	// killed process does: nobody can hang up for it.
	Left bool
}

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

// Audit reads from a journal what a dialer did to its subscribers.
func Audit(entries []Entry) Report {
	r := Report{Calls: Replay(entries), Attempts: map[string]int{}}
	byNumber := map[string][]CallRecord{}
	for _, c := range r.Calls {
		if c.Nth > 0 {
			r.Attempts[c.Number]++
			if !c.Operator {
				byNumber[c.Number] = append(byNumber[c.Number], c)
			}
		}
		r.judge(c)
	}
	for _, calls := range byNumber {
		r.Overlaps = append(r.Overlaps, overlaps(calls)...)
	}
	slices.SortFunc(r.Overlaps, func(a, b Overlap) int {
		return cmp.Or(a.Second.InviteAt.Compare(b.Second.InviteAt), strings.Compare(a.Second.CallID, b.Second.CallID))
	})
	return r
}

func (r *Report) judge(c CallRecord) {
	if c.Extra() > 0 {
		r.Extra = append(r.Extra, c)
	}
	if c.Answered() && !c.Acked() {
		r.NoAck = append(r.NoAck, c)
	}
	if c.Nth > 0 && !c.Ended() {
		r.NeverEnded = append(r.NeverEnded, c)
	}
	if c.Err != "" {
		r.Faulty = append(r.Faulty, c)
	}
}

// overlaps finds the calls to one number that began before the one before
// them had been released. Calls are in the order of their INVITEs.
func overlaps(calls []CallRecord) (found []Overlap) {
	for i := 1; i < len(calls); i++ {
		before, c := calls[i-1], calls[i]
		if free := before.ReleasedAt(); free.IsZero() || free.After(c.InviteAt) {
			left := !before.Ended() || before.Err == errDead.Error() || before.Err == errLong.Error()
			found = append(found, Overlap{First: before, Second: c, Left: left})
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
// dialer that did nothing wrong. Calls that a killed dialer left behind are
// not held against it here: see Faulty, NoAck and Overlaps.
func (r Report) Faults() (lines []string) {
	for _, c := range r.Extra {
		lines = append(lines, fmt.Sprintf("call %s to %s: %d different INVITEs for one attempt", c.CallID, c.Number, c.Distinct-c.Challenges))
	}
	for _, c := range r.NoAck {
		if c.Err != errDead.Error() {
			lines = append(lines, fmt.Sprintf("call %s to %s: answered, but no ACK came", c.CallID, c.Number))
		}
	}
	for _, c := range r.NeverEnded {
		lines = append(lines, fmt.Sprintf("call %s to %s: never ended", c.CallID, c.Number))
	}
	for _, c := range r.Faulty {
		if c.Err != errDead.Error() && c.Err != errNoAck.Error() {
			lines = append(lines, fmt.Sprintf("call %s to %s: %s", c.CallID, c.Number, c.Err))
		}
	}
	for _, o := range r.Overlaps {
		if !o.Left {
			lines = append(lines, fmt.Sprintf("call %s to %s: began while call %s to that number was up", o.Second.CallID, o.Second.Number, o.First.CallID))
		}
	}
	return lines
}
