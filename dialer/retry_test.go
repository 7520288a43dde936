package dialer

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// story plays a plan against one lead: each result in turn, each call lasting
// half a minute, and each next call placed at the moment the plan names.
// It returns the calls' local times and what became of the lead.
func story(c Campaign, start time.Time, results ...Result) (calls []string, end Save) {
	loc := locate("", c.Window.Default)
	l := Lead{ID: 1, State: LeadReady}
	when := c.allowed(&l, start)
	for _, r := range results {
		calls = append(calls, when.In(loc).Format("Mon 15:04"))
		l.State = LeadDialing
		end = c.conclude(when.Add(30*time.Second), l, Attempt{ID: 1, Placed: when, Ended: when.Add(30 * time.Second), Result: r})
		l = end.Lead
		if l.State.Final() {
			return calls, end
		}
		when = l.NextAt
	}
	return calls, end
}

func only(d Disposition) Result { return Result{Disposition: d} }

func times(n int, d Disposition) []Result {
	all := make([]Result, n)
	for i := range all {
		all[i] = only(d)
	}
	return all
}

// A far end that names a time is not called before it; one that names a time
// sooner than the plan's changes nothing, and nobody is put off for more than
// a day.
func TestRetryAfterOfThePersonsSide(t *testing.T) {
	for asked, want := range map[time.Duration]string{
		0:                "Wed 12:00", // two hours after the call's end
		time.Hour:        "Wed 12:00",
		3 * time.Hour:    "Wed 13:00",
		11 * time.Hour:   "Thu 10:00", // the window opens
		90 * time.Hour:   "Thu 10:00",
		-5 * time.Minute: "Wed 12:00",
	} {
		busy := Result{Disposition: Busy, Cause: Cause{SIP: 486, RetryAfter: asked}}
		calls, _ := story(verification(), wednesday, busy, only(Answered))
		if len(calls) != 2 || calls[1] != want {
			t.Errorf("asked for %v: called at %v, want the second at %s", asked, calls, want)
		}
	}
}

func effectNames(es []Effect) string {
	var names []string
	for _, e := range es {
		names = append(names, e.Name)
	}
	return strings.Join(names, ",")
}

var (
	misses    = []Disposition{NoAnswer, Busy, Machine, Unreachable}
	wednesday = at("2025-06-11T10:00:00+03:00")
)

func verification() Campaign {
	return Campaign{Name: "v", Window: workdays(hours(10, 20)...), Retry: RetryPlan{Rules: []RetryRule{{
		On:     misses,
		Days:   []RetryDay{{Attempts: 3, Every: 2 * time.Hour, Then: []Effect{{Name: "sms"}}}, {Attempts: 2, Every: 3 * time.Hour}},
		Finish: "no_answer", Then: []Effect{{Name: "task"}},
	}}}}
}

func TestThreeOnTheFirstDayAndTwoOnTheNext(t *testing.T) {
	calls, end := story(verification(), wednesday, times(9, NoAnswer)...)
	if got, want := strings.Join(calls, " "), "Wed 10:00 Wed 12:00 Wed 14:01 Thu 10:00 Thu 13:00"; got != want {
		t.Errorf("calls at %s, want %s", got, want)
	}
	if end.Lead.List != "no_answer" || effectNames(end.Effects) != "task" {
		t.Errorf("ended on %q with %s", end.Lead.List, effectNames(end.Effects))
	}
}

func TestDayUsedUpHasItsEffect(t *testing.T) {
	_, third := story(verification(), wednesday, times(3, NoAnswer)...)
	if effectNames(third.Effects) != "sms" || third.Lead.State != LeadWaiting {
		t.Errorf("after the first day: %s, %s", effectNames(third.Effects), third.Lead.State)
	}
	_, second := story(verification(), wednesday, times(2, NoAnswer)...)
	if len(second.Effects) != 0 {
		t.Errorf("after the second miss: %s", effectNames(second.Effects))
	}
}

// A lead first called in the evening: its plan day goes on on the next calendar
// day, and the next plan day starts on the one after.
func TestPlanDayGoesOnWhereItDidNotFit(t *testing.T) {
	calls, _ := story(verification(), at("2025-06-11T17:00:00+03:00"), times(9, NoAnswer)...)
	if got, want := strings.Join(calls, " "), "Wed 17:00 Wed 19:00 Thu 10:00 Fri 10:00 Fri 13:00"; got != want {
		t.Errorf("calls at %s, want %s", got, want)
	}
}

func TestWeekendIsNoPlanDay(t *testing.T) {
	calls, _ := story(verification(), at("2025-06-13T10:00:00+03:00"), times(9, Busy)...)
	if got, want := strings.Join(calls, " "), "Fri 10:00 Fri 12:00 Fri 14:01 Mon 10:00 Mon 13:00"; got != want {
		t.Errorf("calls at %s, want %s", got, want)
	}
}

func coldBase() Campaign {
	return Campaign{Name: "c", Window: workdays(hours(10, 20)...), Retry: RetryPlan{Rules: []RetryRule{
		{On: []Disposition{Unreachable, Invalid}, InARow: true, Days: []RetryDay{{Attempts: 3, Every: time.Hour}}, Finish: "unavailable"},
		{On: []Disposition{NoAnswer}, Days: []RetryDay{{Attempts: 3, Every: time.Hour, Then: []Effect{{Name: "offer"}}}, {Attempts: 2, Every: time.Hour}}, Finish: "not_interested"},
	}}}
}

func mixed(letters string) []Result {
	var all []Result
	for _, c := range letters {
		all = append(all, only(map[rune]Disposition{'u': Unreachable, 'i': Invalid, 'n': NoAnswer, 'a': Answered, 'b': Busy}[c]))
	}
	return all
}

func TestInARowWithinADay(t *testing.T) {
	for name, c := range map[string]struct {
		start, letters, list string
		calls                int
	}{
		"three in a row": {"10", "uiuuuu", "unavailable", 3},
		// The rule's own misses of the day stay within its quota: the fourth of them waits for Thursday.
		"an unanswered call starts anew":      {"10", "uunuuuu", "unavailable", 7},
		"a new day starts anew":               {"18", "uuuuuu", "unavailable", 5},
		"rings, then off: rules of their own": {"10", "nnunnn", "not_interested", 6},
		"never three in a row: the total":     {"10", "uunuunuunuunuun", "unavailable", 10},
	} {
		start := at("2025-06-11T" + c.start + ":00:00+03:00")
		calls, end := story(coldBase(), start, mixed(c.letters)...)
		if len(calls) != c.calls || end.Lead.List != c.list {
			t.Errorf("%s: %d calls (%s) to list %q, want %d to %q", name, len(calls), strings.Join(calls, " "), end.Lead.List, c.calls, c.list)
		}
	}
}

func TestEndsOfAPlan(t *testing.T) {
	base := verification()
	for name, c := range map[string]struct {
		change  func(*RetryPlan)
		results []Result
		list    string
		calls   int
	}{
		"unowned":                        {func(p *RetryPlan) {}, times(1, Fax), "fax", 1},
		"unowned with else":              {func(p *RetryPlan) { p.Else = "others" }, times(1, Fax), "others", 1},
		"answered without a decision":    {func(p *RetryPlan) {}, times(1, Answered), "answered", 1},
		"unknown word counts as failed":  {func(p *RetryPlan) {}, []Result{only("nonsense")}, "failed", 1},
		"total":                          {func(p *RetryPlan) { p.Total = 2; p.Spent = "spent" }, times(5, NoAnswer), "spent", 2},
		"total without spent":            {func(p *RetryPlan) { p.Total = 2 }, times(5, NoAnswer), "no_answer", 2},
		"the rule's end before the cap":  {func(p *RetryPlan) { p.Total = 5; p.Spent = "spent" }, times(9, NoAnswer), "no_answer", 5},
		"a rule without days":            {func(p *RetryPlan) { p.Rules[0].Days = nil }, times(9, NoAnswer), "no_answer", 1},
		"a rule without a list":          {func(p *RetryPlan) { p.Rules[0].Days = nil; p.Rules[0].Finish = "" }, times(9, Busy), "busy", 1},
		"a scenario's list":              {func(p *RetryPlan) {}, []Result{only(NoAnswer), {Disposition: Answered, List: "yes"}}, "yes", 2},
		"promises count towards the cap": {func(p *RetryPlan) { p.Total = 3; p.Spent = "spent" }, promises(9), "spent", 3},
		"interrupted while ringing":      {func(p *RetryPlan) {}, times(9, Interrupted), "no_answer", 5},
		"interrupted by its own rule": {func(p *RetryPlan) {
			p.Rules = append(p.Rules, RetryRule{On: []Disposition{Interrupted}, Days: []RetryDay{{Attempts: 2}}, Finish: "cut"})
		}, times(9, Interrupted), "cut", 2},
	} {
		plan := base
		plan.Retry.Rules = append([]RetryRule(nil), base.Retry.Rules...)
		c.change(&plan.Retry)
		calls, end := story(plan, wednesday, c.results...)
		if end.Lead.List != c.list || len(calls) != c.calls {
			t.Errorf("%s: list %q after %d calls, want %q after %d", name, end.Lead.List, len(calls), c.list, c.calls)
		}
	}
}

func promises(n int) []Result {
	all := make([]Result, n)
	for i := range all {
		all[i] = Result{Disposition: Answered, Promise: wednesday.Add(time.Duration(i+1) * time.Hour)}
	}
	return all
}

func TestInterruptedAfterTheAnswerIsNotCalledAgain(t *testing.T) {
	c := verification()
	l := Lead{State: LeadDialing}
	s := c.conclude(wednesday, l, Attempt{Placed: wednesday, Answered: wednesday, Ended: wednesday, Result: only(Interrupted)})
	if s.Lead.List != "interrupted" {
		t.Errorf("list %q", s.Lead.List)
	}
	c.Retry.Else = "check"
	if s = c.conclude(wednesday, l, Attempt{Placed: wednesday, Answered: wednesday, Ended: wednesday, Result: only(Interrupted)}); s.Lead.List != "check" {
		t.Errorf("list %q, want Else", s.Lead.List)
	}
}

func TestPromiseIsKeptToTheSecondOrMovedToTheOpening(t *testing.T) {
	c := verification()
	for _, p := range []struct{ promise, want string }{
		{"2025-06-11T12:00:27+03:00", "2025-06-11T12:00:27+03:00"},
		{"2025-06-11T21:00:00+03:00", "2025-06-12T10:00:00+03:00"},
		{"2025-06-14T12:00:00+03:00", "2025-06-16T10:00:00+03:00"},
		{"2025-06-11T09:00:00+03:00", "2025-06-11T10:00:30+03:00"}, // past: at once
	} {
		_, end := story(c, wednesday, Result{Disposition: Answered, Promise: at(p.promise)})
		if l := end.Lead; !l.NextAt.Equal(at(p.want)) || !l.Promised || l.State != LeadWaiting {
			t.Errorf("promised %s: %v %v %v", p.promise, l.NextAt, l.Promised, l.State)
		}
		if n := end.Notices[len(end.Notices)-1]; n.Type != NoticeLeadPromised || !n.Promise.Equal(at(p.want)) {
			t.Errorf("promised %s: told %v", p.promise, n)
		}
	}
}

func TestPerDayCapMovesToTheNextDay(t *testing.T) {
	c := verification()
	c.Retry.PerDay = 2
	calls, _ := story(c, wednesday, times(9, NoAnswer)...)
	if got, want := strings.Join(calls, " "), "Wed 10:00 Wed 12:00 Thu 10:00 Fri 10:00 Fri 13:00"; got != want {
		t.Errorf("calls at %s, want %s", got, want)
	}
}

func TestTrunkFailureDoesNotCount(t *testing.T) {
	c := verification()
	l := Lead{State: LeadDialing, NextAt: wednesday, Promised: true}
	a := Attempt{Placed: wednesday, Ended: wednesday, Result: Result{Disposition: NoAnswer, Cause: Cause{Failed: TrunkUnreachable}}}
	s := c.conclude(wednesday, l, a)
	if g := s.Lead; g.Attempts != 0 || g.State != LeadReady || !g.Promised || !g.NextAt.Equal(wednesday) || !g.LastCall.IsZero() {
		t.Errorf("after one failure: %+v", g)
	}
	if s.Attempt.Result.Disposition != Failed {
		t.Errorf("recorded as %s", s.Attempt.Result.Disposition)
	}
	s.Lead.State = LeadDialing
	if s = c.conclude(wednesday, s.Lead, a); !s.Lead.NextAt.Equal(wednesday.Add(time.Minute)) {
		t.Errorf("a number on which the trunk fails again waits until %v", s.Lead.NextAt)
	}
}

// Whatever happens: leads given to conclude are not changed, quotas and caps
// hold, plan days never run backwards, and the lead ends within its total.
func TestAnyPlanEndsAndKeepsItsQuotas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := Campaign{Window: workdays(drawSpans(t, "spans")...), Retry: drawPlan(t)}
		c.Window.Spans = append(c.Window.Spans, Span{23 * 60, 24 * 60})[:max(len(c.Window.Spans), 1)]
		loc := locate("", c.Window.Default)
		l := Lead{ID: 1, State: LeadReady}
		when := c.allowed(&l, wednesday.Add(time.Duration(rapid.IntRange(0, 1e6).Draw(t, "start"))*time.Second))
		perDay, missed := map[string]int{}, map[string]int{}
		for n := 1; ; n++ {
			if !c.Window.Open(when, "") {
				t.Fatalf("called at %v, outside the window", when)
			}
			r := Result{Disposition: rapid.SampledFrom(append(Dispositions(), NoAnswer, NoAnswer, Unreachable)).Draw(t, "result")}
			if rapid.IntRange(0, 9).Draw(t, "promised") == 0 {
				r.Promise = when.Add(time.Duration(rapid.IntRange(0, 1e5).Draw(t, "in")) * time.Second)
			}
			day := dateOf(when, loc)
			perDay[day]++
			rule := c.Retry.owner(r.Disposition, r.Disposition.PickedUp())
			if r.Promise.IsZero() && rule >= 0 {
				missed[fmt.Sprint(rule, day)]++
			}
			before := fmt.Sprint(l)
			l2 := l
			l2.State = LeadDialing
			s := c.conclude(when.Add(time.Minute), l2, Attempt{Placed: when, Ended: when.Add(time.Minute), Result: r})
			if fmt.Sprint(l) != before {
				t.Fatal("conclude changed the lead it was given")
			}
			l = s.Lead
			if c.Retry.PerDay > 0 && perDay[day] > c.Retry.PerDay {
				t.Fatalf("%d calls on %s, the cap is %d", perDay[day], day, c.Retry.PerDay)
			}
			if n > c.Retry.total() {
				t.Fatalf("%d calls, the total is %d", n, c.Retry.total())
			}
			if l.State == LeadDone {
				if l.List == "" {
					t.Fatal("ended on no list")
				}
				break
			}
			if l.NextAt.Before(when.Add(time.Minute)) {
				t.Fatalf("the next call, %v, is before the end of this one", l.NextAt)
			}
			if rule >= 0 && r.Promise.IsZero() && dateOf(l.NextAt, loc) == day {
				if quota := c.Retry.Rules[rule].day(l.Progress.Rules[rule].Day).Attempts; missed[fmt.Sprint(rule, day)] >= quota {
					t.Fatalf("%d misses on %s and another call that day, the quota is %d", missed[fmt.Sprint(rule, day)], day, quota)
				}
			}
			when = l.NextAt
		}
	})
}

func drawPlan(t *rapid.T) RetryPlan {
	p := RetryPlan{Total: rapid.IntRange(0, 15).Draw(t, "total"), PerDay: rapid.IntRange(0, 4).Draw(t, "perday")}
	for i := range rapid.IntRange(0, 3).Draw(t, "rules") {
		r := RetryRule{InARow: rapid.Bool().Draw(t, "row"), Finish: fmt.Sprint("list", i)}
		r.On = rapid.SliceOfN(rapid.SampledFrom(Dispositions()), 1, 5).Draw(t, "on")
		for range rapid.IntRange(1, 3).Draw(t, "days") {
			r.Days = append(r.Days, RetryDay{Attempts: rapid.IntRange(0, 4).Draw(t, "attempts"),
				Every: time.Duration(rapid.IntRange(0, 600).Draw(t, "every")) * time.Minute})
		}
		p.Rules = append(p.Rules, r)
	}
	return p
}
