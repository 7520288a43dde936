package scenarios

import (
	"time"

	"dozvon/dialer"
)

func dispositionNames() []string {
	var names []string
	for _, x := range dialer.Dispositions() {
		names = append(names, string(x))
	}
	return names
}

func retryFields() []field[dialer.RetryPlan] {
	return []field[dialer.RetryPlan]{
		{"total", false, "at most that many calls to a lead, promised ones included; 10", intShape(1, 100),
			func(d *decoder, n *node, to *dialer.RetryPlan) { to.Total = d.integer(n, "total", 1, 100) }},
		{"per_day", false, "at most that many calls to a lead on one day", intShape(1, 20),
			func(d *decoder, n *node, to *dialer.RetryPlan) { to.PerDay = d.integer(n, "per_day", 1, 20) }},
		{"rules", true, "what follows which miss", listShape(blockShape(ruleFields())), decodeRules},
		{"else", false, "the list after a miss that no rule names", wordShape(),
			func(d *decoder, n *node, to *dialer.RetryPlan) { to.Else = d.list(n, "else") }},
		{"spent", false, "the list when total is reached", wordShape(),
			func(d *decoder, n *node, to *dialer.RetryPlan) { to.Spent = d.list(n, "spent") }},
	}
}

func retryShape() shape { return blockShape(retryFields()) }

func decodeRetry(d *decoder, n *node, to *Scenario) {
	block(d, n, "retry", retryFields(), &to.Retry)
	d.nodes["retry"] = n
}

func ruleFields() []field[dialer.RetryRule] {
	return []field[dialer.RetryRule]{
		{"on", true, "the misses it is about", someShape(enumShape(dispositionNames())),
			func(d *decoder, n *node, to *dialer.RetryRule) {
				for _, v := range d.values(n) {
					if s := d.oneOf(v, "on", dispositionNames()); s != "" {
						to.On = append(to.On, dialer.Disposition(s))
					}
				}
			}},
		{"in_a_row", false, "true: only misses in a row, within one day, count", boolShape(),
			func(d *decoder, n *node, to *dialer.RetryRule) { to.InARow = d.boolean(n, "in_a_row") }},
		{"days", true, "the days on which it calls", listShape(blockShape(dayFields())),
			func(d *decoder, n *node, to *dialer.RetryRule) { to.Days = d.retryDays(n) }},
		{"finish", true, "the list after the last miss of the last day", wordShape(),
			func(d *decoder, n *node, to *dialer.RetryRule) { to.Finish = d.list(n, "finish") }},
		{"then", false, "texts and tasks at that moment", refShape("steps"),
			func(d *decoder, n *node, to *dialer.RetryRule) { to.Then = d.effects(n) }},
	}
}

func dayFields() []field[dialer.RetryDay] {
	return []field[dialer.RetryDay]{
		{"attempts", true, "calls on that day", intShape(1, 20),
			func(d *decoder, n *node, to *dialer.RetryDay) { to.Attempts = d.integer(n, "attempts", 1, 20) }},
		{"every", false, "pause between them; needed for more than one", durationShape(),
			func(d *decoder, n *node, to *dialer.RetryDay) {
				to.Every = d.duration(n, "every", time.Minute, 24*time.Hour)
			}},
		{"then", false, "texts and tasks when the day's calls are used up", refShape("steps"),
			func(d *decoder, n *node, to *dialer.RetryDay) { to.Then = d.effects(n) }},
	}
}

// decodeRules reads the rules; a disposition belongs to one rule only.
func decodeRules(d *decoder, n *node, to *dialer.RetryPlan) {
	owner := map[dialer.Disposition]int{}
	for i, v := range d.values(n) {
		var r dialer.RetryRule
		if !block(d, v, "a retry rule", ruleFields(), &r) {
			continue
		}
		for _, on := range r.On {
			if first, taken := owner[on]; taken {
				d.log.at(v, "keep it in one of them", "%s stands in rule %d already", on, first)
			}
			owner[on] = i + 1
		}
		if r.InARow && len(r.Days) > 1 {
			d.log.at(v, "write one day", "in_a_row counts misses within one day, but the rule has %d days", len(r.Days))
		}
		to.Rules = append(to.Rules, r)
	}
	if len(to.Rules) == 0 {
		d.log.at(n, "add one, or remove retry", "retry has no rules")
	}
}

func (d *decoder) retryDays(n *node) []dialer.RetryDay {
	var out []dialer.RetryDay
	for _, v := range d.values(n) {
		var day dialer.RetryDay
		if !block(d, v, "a day of a retry rule", dayFields(), &day) {
			continue
		}
		if day.Attempts > 1 && v.get("every") == nil {
			d.log.at(v, "add every: 2h", "%d attempts a day need a pause between them", day.Attempts)
		}
		out = append(out, day)
	}
	if len(out) == 0 {
		d.log.at(n, "add one: {attempts: 1}", "a retry rule has no days")
	}
	return out
}

// effects reads texts and tasks.
func (d *decoder) effects(n *node) []dialer.Effect {
	outer := d.step
	d.step = "retry"
	defer func() { d.step = outer }()
	var out []dialer.Effect
	for _, it := range d.items(n) {
		e, ok := it.op.(effectOp)
		if !ok {
			d.log.at(it.at, "use sms or task", "%s can't stand here: nobody is on the line", it.verb)
			continue
		}
		out = append(out, e.effect)
	}
	return out
}
