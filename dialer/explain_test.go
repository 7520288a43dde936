package dialer

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func codes(rs []Reason) string {
	var s []string
	for _, r := range rs {
		s = append(s, string(r.Code))
	}
	return strings.Join(s, " ")
}

func TestExplainLead(t *testing.T) {
	c := plainCampaign("c")
	c.Policy = policy("ru-collection")
	c.Retry.PerDay = 1
	night := at("2025-06-11T23:00:00+03:00")
	for name, s := range map[string]struct {
		now   time.Time
		lead  Lead
		want  string
		until string
	}{
		"callable":   {wednesday, Lead{State: LeadReady}, "callable", ""},
		"done":       {wednesday, Lead{State: LeadDone, List: "yes"}, "done", ""},
		"suppressed": {wednesday, Lead{State: LeadSuppressed}, "suppressed", ""},
		"dialing":    {wednesday, Lead{State: LeadDialing}, "dialing", ""},
		"waiting":    {wednesday, Lead{State: LeadWaiting, NextAt: wednesday.Add(time.Hour)}, "waiting", "2025-06-11T11:00:00+03:00"},
		"promised":   {wednesday, Lead{State: LeadWaiting, NextAt: wednesday.Add(time.Hour), Promised: true}, "promised", "2025-06-11T11:00:00+03:00"},
		"night":      {night, Lead{State: LeadReady}, "window lawful_hours", "2025-06-12T10:00:00+03:00"},
		"capped":     {wednesday, Lead{State: LeadReady, Recent: []time.Time{wednesday.Add(-time.Hour)}}, "cap_day", "2025-06-12T00:00:00+03:00"},
		"used up":    {wednesday, Lead{State: LeadReady, Progress: Progress{Date: "2025-06-11", Today: 1}}, "attempts_today", "2025-06-12T00:00:00+03:00"},
	} {
		got := Explain(s.now, s.lead, c)
		if codes(got) != s.want {
			t.Errorf("%s: %s, want %s", name, codes(got), s.want)
		}
		if s.until != "" && !got[0].Until.Equal(at(s.until)) {
			t.Errorf("%s: until %v, want %s", name, got[0].Until, s.until)
		}
	}
	c.Policy.Hours = &Window{Days: everyDay(), Spans: []Span{{5, 5}}}
	if got := codes(Explain(wednesday, Lead{State: LeadReady}, c)); got != "never_open" {
		t.Errorf("an empty law: %s", got)
	}
}

// Explain and the engine agree: a lead is explained as callable exactly if the
// engine places it.
func TestExplainAgreesWithTheEngine(t *testing.T) {
	for hour := range 48 {
		now := wednesday.Add(time.Duration(hour) * time.Hour)
		c := plainCampaign("c")
		c.Policy = policy("us")
		r := &rig{Engine: New(), t: t, at: now, nextID: 1}
		r.send(SetTrunk{TrunkLimits{Name: "t", Lines: 1}})
		r.send(AddCampaign{c})
		l := ready(1)
		r.due("c", l)
		callable := codes(Explain(now, l, c)) == "callable"
		if placed := r.placed() != ""; placed != callable {
			t.Errorf("at %v: placed %v, explained as callable %v", now, placed, callable)
		}
		if !callable {
			if s := of[Save](r.out); len(s) != 1 || !s[0].Lead.NextAt.Equal(NextCall(now, l, c)) {
				t.Errorf("at %v: saved %+v, NextCall %v", now, s, NextCall(now, l, c))
			}
		}
	}
}

func TestExplainStatus(t *testing.T) {
	c := plainCampaign("c")
	c.Lines = 1
	r := newRig(t, TrunkLimits{Name: "t", Lines: 2}, c)
	check := func(want string) {
		t.Helper()
		if got := codes(r.Status().Explain(c)); got != want {
			t.Errorf("explained as %q, want %q", got, want)
		}
	}
	check("")
	r.due("c", ready(1))
	check("no_line")
	r.end(r.ids()[0], failing(TrunkRejected))
	check("campaign_paused trunk_down")
	r.send(Drain{})
	check("campaign_not_running")
	if got := fmt.Sprint(Status{}.Explain(c)); !strings.Contains(got, "not_running") {
		t.Errorf("an unknown campaign: %s", got)
	}
}
