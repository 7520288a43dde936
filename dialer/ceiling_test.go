package dialer

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestAllowedDestinations(t *testing.T) {
	russia := Ceiling{Allow: []string{"+7", "+375"}, Deny: []string{"+7809"}}
	for number, want := range map[string]bool{
		"+79161234567": true, "+375291234567": true, "+78091234567": false, "+8613912345678": false,
		"79161234567": true, "0079161234567": true, "00882161234": false, "+7 (916) 123-45-67": true, "8 809 123-45-67": false,
		"101": true, "1234": true, "12345": false, "anna": true, "anna7": true, "": true, "+": true, "+anna": true,
	} {
		if got := russia.Allowed(number); got != want {
			t.Errorf("%q: %v, want %v", number, got, want)
		}
	}
	if !(Ceiling{}).Allowed("+8613912345678") || (Ceiling{Deny: []string{"+86"}}).Allowed("+8613912345678") {
		t.Error("without an allow-list everything but the denied is allowed")
	}
}

func TestForbiddenLeadIsListedAndNeverCalled(t *testing.T) {
	r := newRig(t, TrunkLimits{Name: "t", Lines: 9}, plainCampaign("c"))
	r.send(SetCeiling{Ceiling: Ceiling{Allow: []string{"+7916"}}})
	c := plainCampaign("c")
	c.Ceiling = r.ceiling
	if got := codes(Explain(r.at, ready(1), c)); got != "forbidden_destination" {
		t.Errorf("explained as %s", got)
	}
	r.answer(Due{Campaign: "c", Leads: []Lead{ready(1), promised(2, r.at)}, Open: 2}, Due{Campaign: "c", Open: 0})
	saves := of[Save](r.out)
	if r.placed() != "" || len(saves) != 2 {
		t.Fatalf("placed %q, saved %v", r.placed(), saves)
	}
	for _, s := range saves {
		if s.Lead.State != LeadDone || s.Lead.List != ForbiddenList || s.Attempt != nil || len(s.Notices) != 1 || s.Notices[0].Type != NoticeLeadFinished {
			t.Errorf("%+v", s)
		}
	}
	if r.state("c") != CampaignFinished || r.Status().Campaigns[0].Lists[ForbiddenList] != 2 {
		t.Errorf("%+v", r.Status().Campaigns[0])
	}
}

func TestCallsPerHourPauseUntilTheHourFrees(t *testing.T) {
	r := newRig(t, TrunkLimits{Name: "t", Lines: 9}, plainCampaign("c"))
	earlier := r.at.Add(-50*time.Minute - 300*time.Millisecond)
	r.send(SetCeiling{Ceiling: Ceiling{PerHour: 3}, Placed: []time.Time{earlier, r.at.Add(-2 * time.Hour)}})
	r.answer(Due{Campaign: "c", Leads: []Lead{ready(1), ready(2), ready(3)}, Open: 3})
	if r.placed() != "1 2 " {
		t.Fatalf("placed %s", r.placed())
	}
	frees := r.wake.At
	if at := frees.Sub(earlier); at < time.Hour || at > time.Hour+time.Second || r.wake.Real {
		t.Fatalf("the next call leaves %v after the first", at)
	}
	if got := r.Status().Explain(plainCampaign("c")); codes(got) != "calls_per_hour" || !got[0].Until.Equal(frees) {
		t.Errorf("explained as %v, wakes at %v", got, frees)
	}
	r.at = frees
	r.send(Tick{})
	r.answer(Due{Campaign: "c", Leads: []Lead{ready(3), ready(4)}, Open: 2})
	if r.placed() != "3 " {
		t.Errorf("placed %q when one more may leave", r.placed())
	}
}

func TestNumberIsCalledSoOftenAndNoMore(t *testing.T) {
	c := plainCampaign("c")
	c.Retry = RetryPlan{Total: 99, Rules: []RetryRule{{On: []Disposition{NoAnswer}, Days: []RetryDay{{Attempts: 50, Every: time.Minute}}}}}
	r := newRig(t, TrunkLimits{Name: "t", Lines: 9}, c)
	r.send(SetCeiling{Ceiling: Ceiling{NumberPerHour: 2, NumberPerDay: 3}})
	l := ready(1)
	l.Called = []time.Time{r.at.Add(-30 * time.Minute), r.at.Add(-10 * time.Hour)} // by other campaigns
	r.due("c", l)
	if r.placed() != "1 " {
		t.Fatal("not placed")
	}
	r.end(r.ids()[0], only(NoAnswer))
	// 24 hours after the oldest of the three calls is midnight; the window opens at ten.
	if next := r.saved().NextAt; next.Sub(r.at) != 24*time.Hour {
		t.Errorf("next call at %v", next)
	}
	l.Called = []time.Time{r.at.Add(-10 * time.Minute), r.at.Add(-20 * time.Minute)}
	r.send(Wake{})
	r.due("c", l)
	if r.placed() != "" || !r.saved().NextAt.Equal(r.at.Add(40*time.Minute)) {
		t.Errorf("placed %q, put off to %v", r.placed(), r.saved().NextAt)
	}
	c.Ceiling = r.ceiling
	if got := Explain(r.at, l, c); codes(got) != "number_calls_hour" || !got[0].Until.Equal(r.at.Add(40*time.Minute)) {
		t.Errorf("explained as %v", got)
	}
}

// The tally agrees with a list of the moments: what it lets through never
// exceeds the limit in any hour, and it frees within a second of the truth.
func TestTallyAgreesWithAList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(1, 5).Draw(t, "limit")
		now := wednesday
		var ta tally
		var calls []time.Time
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(40*time.Minute)).Draw(t, "pass")))
			ta.until(now)
			within := 0
			for _, c := range calls {
				if now.Sub(c) < time.Hour {
					within++
				}
			}
			free := ta.free(limit)
			if free > limit-within {
				t.Fatalf("%d may leave with %d calls in the hour", free, within)
			}
			if free > 0 {
				ta.count(now, 1)
				calls = append(calls, now)
				continue
			}
			frees := ta.frees(limit)
			if true_ := calls[len(calls)-limit].Add(time.Hour); frees.Before(true_) || frees.Sub(true_) > time.Second {
				t.Fatalf("frees at %v, an hour after the call is %v", frees, true_)
			}
			later := ta
			later.until(frees)
			if later.free(limit) == 0 {
				t.Fatal("nothing is free when it said")
			}
		}
	})
}

func TestFewAbandonedCallsProveNothing(t *testing.T) {
	for _, c := range []struct {
		persons, abandoned int
		want               bool
	}{{4, 2, false}, {50, 3, false}, {50, 4, true}, {100, 3, false}, {101, 4, true}, {400, 12, false}, {400, 13, true}} {
		if got := (abandonment{persons: c.persons, abandoned: c.abandoned}).exceeds(0.03); got != c.want {
			t.Errorf("%d of %d: %v", c.abandoned, c.persons, got)
		}
	}
	var a abandonment
	a.add(wednesday, true)
	a.add(wednesday.Add(29*24*time.Hour), true)
	if a.persons != 2 || a.abandoned != 2 {
		t.Errorf("within 30 days: %+v", a)
	}
	if a.add(wednesday.Add(abandonPeriod), false); a.persons != 1 || a.abandoned != 0 {
		t.Errorf("the next period: %+v", a)
	}
}
