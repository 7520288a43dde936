package dialer

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// defaultTotal is the cap of counted attempts of a plan that names none.
const defaultTotal = 10

// verdict is what a plan says after an attempt that did not end the lead.
type verdict struct {
	list    string    // ends the lead, if not empty
	at      time.Time // otherwise: not before this moment
	effects []Effect
}

func (p *RetryPlan) total() int { return cmp.Or(max(p.Total, 0), defaultTotal) }

// owner returns the index of the rule that owns a disposition, or -1. An
// interrupted attempt that no rule owns counts as not answered, unless the
// person had picked up: whoever was cut off is not called as if never reached.
func (p *RetryPlan) owner(d Disposition, answered bool) int {
	owns := func(d Disposition) int {
		return slices.IndexFunc(p.Rules, func(r RetryRule) bool { return slices.Contains(r.On, d) })
	}
	i := owns(d)
	if i < 0 && d == Interrupted && !answered {
		return owns(NoAnswer)
	}
	return i
}

// unowned is the list of a disposition that no rule owns.
func (p *RetryPlan) unowned(d Disposition) string { return cmp.Or(p.Else, string(d)) }

// spent is the list of a lead whose attempts are all used up.
func (p *RetryPlan) spent(rule int, d Disposition) string {
	if p.Spent != "" {
		return p.Spent
	}
	if rule >= 0 && p.Rules[rule].Finish != "" {
		return p.Rules[rule].Finish
	}
	return p.unowned(d)
}

// day returns the plan day of a progress; a rule without days has one of one attempt.
func (r *RetryRule) day(n int) RetryDay {
	if n > len(r.Days) {
		return RetryDay{Attempts: 1}
	}
	d := r.Days[n-1]
	d.Attempts = max(d.Attempts, 1)
	return d
}

// missed counts a miss of a rule on the lead and says what follows. The
// attempt was placed on the local date placed belongs to and ended at ended.
func (p *RetryPlan) missed(l *Lead, rule int, d Disposition, placed, ended time.Time, loc *time.Location) verdict {
	p.interrupt(l, rule)
	if rule < 0 {
		return verdict{list: p.unowned(d)}
	}
	r, today := &p.Rules[rule], dateOf(placed, loc)
	at := l.Progress.Rules[rule]
	at.Day = max(at.Day, 1)
	if at.Date != today {
		if r.InARow && at.Count > 0 {
			at.Day, at.Count = 1, 0
		}
		at.Date, at.Today = today, 0
	}
	at.Count++
	at.Today++
	plan := r.day(at.Day)
	usedUp := at.Count >= plan.Attempts
	last := at.Day >= len(r.Days)
	var v verdict
	switch {
	case usedUp && last:
		v = verdict{list: cmp.Or(r.Finish, p.unowned(d)), effects: r.Then}
	case l.Attempts >= p.total():
		v = verdict{list: p.spent(rule, d)}
	case usedUp:
		at.Day, at.Count = at.Day+1, 0
		v = verdict{at: latest(nextDay(placed, loc, 1), ended), effects: plan.Then}
	default:
		v = verdict{at: ended.Add(plan.Every)}
		if at.Today >= plan.Attempts && dateOf(v.at, loc) == today {
			v.at = nextDay(placed, loc, 1)
		}
	}
	l.Progress.Rules = maps.Clone(l.Progress.Rules) // leads are values: others may hold the old map
	if l.Progress.Rules == nil {
		l.Progress.Rules = map[int]RuleProgress{}
	}
	l.Progress.Rules[rule] = at
	return v
}

// interrupt starts anew every rule that counts misses in a row, except the one
// that owns the disposition at hand. Misses of the date stay counted.
func (p *RetryPlan) interrupt(l *Lead, except int) {
	var rules map[int]RuleProgress
	for i, at := range l.Progress.Rules {
		if i == except || i >= len(p.Rules) || !p.Rules[i].InARow || at.Count == 0 && at.Day <= 1 {
			continue
		}
		if rules == nil {
			rules = maps.Clone(l.Progress.Rules)
		}
		at.Day, at.Count = 1, 0
		rules[i] = at
	}
	if rules != nil {
		l.Progress.Rules = rules
	}
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// earliest returns the earlier moment; the zero time means none.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
