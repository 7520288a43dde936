package dialer

import (
	"maps"
	"slices"
	"time"
)

// recentDays is how long answered calls are remembered for lawful caps.
const recentDays = 31

// postponedFails is how often in a row a lead may meet a broken trunk before
// its own next attempt is put off, so that a number on which a trunk always
// fails can't hold up the others.
const postponedFails = 2

// longestAsked bounds how long a far end may ask us to leave a person alone
// (Retry-After, RFC 3261 section 20.33): who wants more can be on the
// do-not-call list.
const longestAsked = 24 * time.Hour

// conclude turns an ended attempt into the lead's next step. It is pure: the
// lead and the attempt come as they were, and leave as a Save.
func (c *Campaign) conclude(now time.Time, l Lead, a Attempt) Save {
	r := &a.Result
	if r.Disposition == "" || !r.Disposition.Known() {
		r.Disposition = Failed
	}
	s := Save{Attempt: &a, Notices: []Notice{{Type: NoticeAttemptEnded}}}
	loc := locate(l.Zone, c.Window.Default)
	if r.Cause.NeverLeft {
		return c.withdrawn(now, l, s)
	}
	if r.Cause.Failed != TrunkOK {
		r.Disposition = Failed
		s.Lead = c.returned(now, l)
		return s
	}
	if r.Disposition.PickedUp() && a.Answered.IsZero() && !r.early() {
		a.Answered = a.Ended
	}
	l.count(a, loc)
	s.Effects = r.Effects
	if r.Bridged {
		s.Notices = append(s.Notices, Notice{Type: NoticeLeadBridged})
	}
	rule := c.Retry.owner(r.Disposition, !a.Answered.IsZero())
	var v verdict
	switch {
	case r.List != "":
		v.list = r.List
	case !r.Promise.IsZero():
		c.Retry.interrupt(&l, rule)
		if l.Attempts >= c.Retry.total() {
			v.list = c.Retry.spent(rule, r.Disposition)
		} else {
			v.at, l.Promised = latest(r.Promise, now), true
		}
	default:
		v = c.Retry.missed(&l, rule, r.Disposition, a.Placed, a.Ended, loc)
		s.Effects = slices.Concat(s.Effects, v.effects)
		v.at = latest(v.at, a.Ended.Add(min(r.Cause.RetryAfter, longestAsked)))
	}
	if v.list == "" {
		if v.at = c.allowed(&l, v.at); v.at.IsZero() {
			v.list, l.Promised = c.Retry.spent(rule, r.Disposition), false // never open again
		}
	}
	if r.List == "" {
		c.again(&l, v.list, a.Ended, loc)
	}
	s.Lead, s.Notices = settled(l, v, s.Notices)
	return s
}

// settled puts a verdict on a lead that was dialing.
func settled(l Lead, v verdict, notices []Notice) (Lead, []Notice) {
	if v.list != "" {
		l.State, _ = LeadDialing.On(LeadListed)
		l.List, l.NextAt = v.list, time.Time{}
		return l, append(notices, Notice{Type: NoticeLeadFinished})
	}
	l.State, _ = LeadDialing.On(LeadPostponed)
	l.NextAt = v.at
	if l.Promised {
		notices = append(notices, Notice{Type: NoticeLeadPromised, Promise: v.at})
	}
	return l, notices
}

// returned gives back a lead whose attempt certainly never reached the person.
func (c *Campaign) returned(now time.Time, l Lead) Lead {
	l.State, _ = LeadDialing.On(LeadReturned)
	l.Progress.Fails++
	if l.Progress.Fails < postponedFails {
		return l
	}
	pause := time.Minute << min(l.Progress.Fails-postponedFails, 6)
	if at := c.allowed(&l, now.Add(pause)); !at.IsZero() {
		l.NextAt = at
	}
	return l
}

// count enters an attempt that reached the network into the lead's counters.
func (l *Lead) count(a Attempt, loc *time.Location) {
	l.Attempts++
	l.Last = a.Result.Disposition
	l.Promised = false
	l.Progress.Fails, l.Progress.Unsent = 0, 0
	l.Called = append([]time.Time{a.Placed}, l.Called...)
	if today := dateOf(a.Placed, loc); l.Progress.Date != today {
		l.Progress.Date, l.Progress.Today = today, 0
	}
	l.Progress.Today++
	if l.FirstCall.IsZero() {
		l.FirstCall = a.Placed
	}
	l.LastCall = a.Placed
	if !a.Answered.IsZero() {
		l.Recent = withRecent(l.Recent, a.Answered)
	}
	if len(a.Result.Answers) > 0 {
		answers := maps.Clone(l.Answers)
		if answers == nil {
			answers = map[string]string{}
		}
		maps.Copy(answers, a.Result.Answers)
		l.Answers = answers
	}
}

// withRecent prepends an answered call and drops those too old to matter.
func withRecent(calls []time.Time, answered time.Time) []time.Time {
	oldest := answered.AddDate(0, 0, -recentDays-1)
	recent := append(make([]time.Time, 0, len(calls)+1), answered)
	for _, t := range calls {
		if t.After(oldest) && !t.Equal(answered) {
			recent = append(recent, t)
		}
	}
	return recent
}

// PickedUp reports whether somebody or something took the call: such a call
// counts for lawful caps.
func (d Disposition) PickedUp() bool {
	switch d {
	case Answered, Machine, Fax, Silent, Abandoned:
		return true
	}
	return false
}

// Person reports whether a person took the call, as abandon rates count them.
func (d Disposition) Person() bool { return d == Answered || d == Abandoned }
