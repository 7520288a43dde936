package dialer

import (
	"testing"
	"time"
)

func TestPlacesAreCommittedWithTheirLeadAsDialing(t *testing.T) {
	r := newRig(t, TrunkLimits{Name: "t", Lines: 5}, plainCampaign("c"))
	if f := of[Fetch](r.out); len(f) != 1 || f[0].Limit != 5 {
		t.Fatalf("fetches %v, want one of 5", f)
	}
	r.due("c", ready(7))
	p := of[Place](r.out)
	if len(p) != 1 {
		t.Fatalf("commands %v", r.out)
	}
	a, l := p[0].Attempt, p[0].Lead
	if l.State != LeadDialing || a.State != AttemptPlaced || a.Lead != 7 || a.Campaign != "c" ||
		a.Trunk != "t" || a.Number != 1 || !a.Placed.Equal(r.at) || a.ID == 0 {
		t.Errorf("placed %+v with %+v", a, l)
	}
}

func TestNoMoreCallsThanLines(t *testing.T) {
	c := plainCampaign("c")
	c.Lines = 2
	r := newRig(t, TrunkLimits{Name: "t", Lines: 3}, c, plainCampaign("d"))
	r.answer(Due{Campaign: "c", Leads: []Lead{ready(1), ready(2), ready(3)}, Open: 3},
		Due{Campaign: "d", Leads: []Lead{ready(4), ready(5), ready(6)}, Open: 3})
	if got := r.placed(); got != "1 4 2 " {
		t.Errorf("placed %s, want the campaigns in turn up to three lines", got)
	}
	r.end(r.ids()[0], Result{Disposition: Answered, List: "yes"})
	if f := of[Fetch](r.out); len(f) != 2 || f[0].Limit != 1 {
		t.Errorf("after a line is free: %v", r.out)
	}
}

func TestPromisedBeforeEveryOtherLeadOfEveryCampaign(t *testing.T) {
	r := newRig(t, TrunkLimits{Name: "t", Lines: 2}, plainCampaign("a"), plainCampaign("b"))
	r.answer(Due{Campaign: "a", Leads: []Lead{ready(1), ready(2)}, Open: 2},
		Due{Campaign: "b", Leads: []Lead{promised(3, r.at), promised(4, r.at.Add(-time.Second)), ready(5)}, Open: 3})
	if got := r.placed(); got != "4 3 " {
		t.Errorf("placed %s, want 4 (promised first) and 3", got)
	}
}

// At one call in ten seconds an ordinary call three seconds before a promised
// one would make it late: the token is kept.
func TestSlowTrunkKeepsItsTokenForAPromise(t *testing.T) {
	r := newRig(t, TrunkLimits{Name: "t", Lines: 9, CPS: 0.1}, plainCampaign("c"))
	promise := r.at.Add(3 * time.Second)
	r.answer(Due{Campaign: "c", Leads: []Lead{ready(1)}, Next: promise, NextPromised: promise, Open: 2})
	if got := r.placed(); got != "" {
		t.Fatalf("placed %s before the promise", got)
	}
	if w := of[WakeAt](r.out); len(w) == 0 || !w[len(w)-1].At.Equal(promise) {
		t.Fatalf("wake-up %v, want the promise's moment", w)
	}
	r.pass(3 * time.Second)
	r.send(Tick{})
	r.answer(Due{Campaign: "c", Leads: []Lead{promised(2, promise), ready(1)}, Open: 2})
	if got := r.placed(); got != "2 " {
		t.Fatalf("placed %s at the promise's moment, want 2", got)
	}
	r.pass(10 * time.Second)
	r.send(Tick{})
	r.answer(Due{Campaign: "c", Leads: []Lead{ready(1)}, Open: 2})
	if got := r.placed(); got != "1 " {
		t.Errorf("placed %s after it, want 1", got)
	}
}

func TestLeadsOutsideTheirHoursArePutOffInLargeBatches(t *testing.T) {
	r := newRig(t, TrunkLimits{Name: "t", Lines: 1}, plainCampaign("c"))
	asleep := ready(1)
	asleep.Zone = "Asia/Vladivostok" // 17:00 there at 10:00 in Moscow
	r.pass(4 * time.Hour)
	r.fetched = nil
	r.send(Due{Campaign: "c", Leads: []Lead{asleep}, More: true, Open: 9})
	s := of[Save](r.out)
	if len(s) != 1 || s[0].Lead.State != LeadWaiting || !s[0].Lead.NextAt.Equal(at("2025-06-12T10:00:00+10:00")) || s[0].Attempt != nil {
		t.Fatalf("saved %+v", s)
	}
	if f := of[Fetch](r.out); len(f) != 1 || f[0].Limit < 100 {
		t.Fatalf("fetches %v, want one of at least 100", f)
	}
}

func TestOnePhoneIsNeverCalledTwiceAtOnce(t *testing.T) {
	r := newRig(t, TrunkLimits{Name: "t", Lines: 9}, plainCampaign("a"), plainCampaign("b"))
	twin := ready(2)
	twin.Phone = ready(1).Phone
	r.answer(Due{Campaign: "a", Leads: []Lead{ready(1)}, Open: 1}, Due{Campaign: "b", Leads: []Lead{twin}, Open: 1})
	if got := r.placed(); got != "1 " {
		t.Errorf("placed %s", got)
	}
	if s := of[Save](r.out); len(s) != 1 || s[0].Lead.ID != 2 || !s[0].Lead.NextAt.After(r.at) {
		t.Errorf("the twin: %+v", s)
	}
}

func TestLeadsThatAreNotDueAreLeftAlone(t *testing.T) {
	r := newRig(t, TrunkLimits{Name: "t", Lines: 9}, plainCampaign("c"))
	late, done, dialing, suppressed := ready(1), ready(2), ready(3), ready(4)
	late.NextAt = r.at.Add(time.Hour)
	done.State, dialing.State, suppressed.State = LeadDone, LeadDialing, LeadSuppressed
	r.answer(Due{Campaign: "c", Leads: []Lead{late, done, dialing, suppressed}, More: true, Open: 4})
	if len(of[Place](r.out))+len(of[Save](r.out)) > 0 {
		t.Errorf("commands %v", r.out)
	}
}

func TestAttemptEndsOnce(t *testing.T) {
	r := newRig(t, TrunkLimits{Name: "t", Lines: 1}, plainCampaign("c"))
	r.due("c", ready(1))
	id := r.ids()[0]
	r.end(id, only(NoAnswer))
	if s := of[Save](r.out); len(s) != 1 || s[0].Attempt.ID != id || s[0].Lead.State != LeadWaiting {
		t.Fatalf("saved %+v", s)
	}
	r.answer()
	r.end(id, Result{Disposition: Answered, List: "late"})
	if len(of[Save](r.out)) != 0 {
		t.Errorf("the second end of an attempt: %v", r.out)
	}
	r.end(4711, only(NoAnswer))
	r.send(Progressed{Attempt: 4711, State: AttemptRinging})
	if len(of[Save](r.out))+len(of[SaveProgress](r.out)) != 0 {
		t.Errorf("events of unknown attempts: %v", r.out)
	}
}

func TestProgressIsRecordedInOrder(t *testing.T) {
	r := newRig(t, TrunkLimits{Name: "t", Lines: 1}, plainCampaign("c"))
	r.due("c", ready(1))
	id := r.ids()[0]
	for _, c := range []struct {
		state AttemptState
		takes bool
	}{{AttemptRinging, true}, {AttemptRinging, false}, {AttemptEarly, true}, {AttemptRinging, false},
		{AttemptAnswered, true}, {AttemptEarly, false}, {AttemptTalking, true}, {AttemptScreening, false}, {AttemptEnded, false}} {
		r.pass(time.Second)
		r.send(Progressed{Attempt: id, State: c.state, At: r.at})
		if got := len(of[SaveProgress](r.out)) == 1; got != c.takes {
			t.Errorf("%s: recorded %v, want %v", c.state, got, c.takes)
		}
	}
	r.end(id, Result{Disposition: Answered, List: "yes", Bridged: true})
	s := of[Save](r.out)[0]
	if a := s.Attempt; a.Ringing.Sub(a.Placed) != time.Second || a.Answered.Sub(a.Placed) != 5*time.Second || a.Ended.Sub(a.Placed) != 9*time.Second {
		t.Errorf("times %v %v %v of %v", a.Ringing, a.Answered, a.Ended, a.Placed)
	}
	var types []NoticeType
	for _, n := range s.Notices {
		types = append(types, n.Type)
	}
	if len(types) != 3 || types[0] != NoticeAttemptEnded || types[1] != NoticeLeadBridged || types[2] != NoticeLeadFinished {
		t.Errorf("notices %v", types)
	}
}

func TestCampaignFinishesWithItsLastLead(t *testing.T) {
	r := newRig(t, TrunkLimits{Name: "t", Lines: 1}, plainCampaign("c"))
	r.due("c", ready(1))
	r.end(r.ids()[0], Result{Disposition: Answered, List: "yes"})
	if len(of[Fetch](r.out)) != 1 || r.state("c") != CampaignRunning {
		t.Fatalf("the store has the last word: %v", r.out)
	}
	r.answer(Due{Campaign: "c", Open: 0})
	changed := of[CampaignChanged](r.out)
	if len(changed) != 1 || changed[0].State != CampaignFinished || len(changed[0].Notices) != 1 || changed[0].Notices[0].Type != NoticeCampaignFinished {
		t.Errorf("commands %v", r.out)
	}
}

func TestResidentCampaignWaitsForFurtherLeads(t *testing.T) {
	c := plainCampaign("c")
	c.Resident = true
	r := newRig(t, TrunkLimits{Name: "t", Lines: 1}, c)
	r.answer(Due{Campaign: "c", Open: 0})
	if r.state("c") != CampaignRunning {
		t.Fatalf("%s", r.state("c"))
	}
	r.send(Wake{Campaign: "c"})
	r.answer(Due{Campaign: "c", Leads: []Lead{ready(1)}, Open: 1})
	if r.placed() != "1 " {
		t.Errorf("a pushed lead: %v", r.out)
	}
}

func TestNothingIsFetchedBeforeItsTime(t *testing.T) {
	r := newRig(t, TrunkLimits{Name: "t", Lines: 1}, plainCampaign("c"))
	next := r.at.Add(time.Hour)
	r.answer(Due{Campaign: "c", Open: 1, Next: next})
	if w := of[WakeAt](r.out); len(w) != 1 || !w[0].At.Equal(next) || w[0].Real {
		t.Fatalf("wake-up %v", w)
	}
	r.pass(time.Minute)
	r.send(Tick{})
	if len(of[Fetch](r.out)) != 0 {
		t.Error("a tick before the time fetches")
	}
	r.send(Wake{})
	if len(of[Fetch](r.out)) != 1 {
		t.Error("a push does not fetch")
	}
}

func TestDrainAndStop(t *testing.T) {
	r := newRig(t, TrunkLimits{Name: "t", Lines: 2}, plainCampaign("c"))
	r.due("c", ready(1), ready(2))
	r.send(Drain{Campaign: "c"})
	if len(of[HangUp](r.out)) != 0 || r.state("c") != CampaignDraining {
		t.Fatalf("drain: %v", r.out)
	}
	r.end(r.ids()[0], only(NoAnswer))
	if len(of[Fetch](r.out)) != 0 {
		t.Error("a draining campaign fetches")
	}
	r.send(Stop{})
	h := of[HangUp](r.out)
	if len(h) != 1 || h[0].Attempt != r.ids()[0] {
		t.Fatalf("stop: %v", r.out)
	}
	r.send(Stop{})
	if len(of[HangUp](r.out)) != 0 {
		t.Error("a second stop hangs up again")
	}
	r.end(h[0].Attempt, only(NoAnswer))
	s := of[Save](r.out)
	if len(s) != 1 || s[0].Attempt.Result.Disposition != Interrupted || r.state("c") != CampaignFinished {
		t.Errorf("the end of a stopped call: %+v, %s", s, r.state("c"))
	}
}

// finished are the notices that a campaign is over.
func finished(commands []Command) (all []Notice) {
	for _, c := range of[CampaignChanged](commands) {
		all = append(all, c.Notices...)
	}
	return all
}

// A drain that ends with the last lead is an end like any other; one that
// leaves leads behind is none, nor is that of a service.
func TestDrainTellsTheEndOnlyIfNoLeadIsLeft(t *testing.T) {
	for _, c := range []struct {
		left     int
		resident bool
		want     int
	}{{0, false, 1}, {1, false, 0}, {0, true, 0}} {
		p := plainCampaign("c")
		p.Resident = c.resident
		r := newRig(t, TrunkLimits{Name: "t", Lines: 1}, p)
		r.answer(Due{Campaign: "c", Leads: []Lead{ready(1)}, More: c.left > 0, Open: 1 + c.left})
		r.send(Drain{})
		r.end(r.ids()[0], Result{Disposition: Answered, List: "yes"})
		if got := len(finished(r.out)); r.state("c") != CampaignFinished || got != c.want {
			t.Errorf("%+v: %s, told %d times", c, r.state("c"), got)
		}
	}
}

func TestAbandonCapPauses(t *testing.T) {
	c := plainCampaign("c")
	c.AbandonCap = 0.1
	r := newRig(t, TrunkLimits{Name: "t", Lines: 99}, c)
	var leads []Lead
	for id := range LeadID(90) {
		leads = append(leads, ready(id+1))
	}
	r.due("c", leads...)
	for i, id := range r.ids() {
		res := Result{Disposition: Answered, List: "yes"}
		if i%5 == 0 {
			res = Result{Disposition: Abandoned, List: "no_operator"}
		}
		r.end(id, res)
		want := CampaignRunning
		if i >= 50 { // 11 abandoned are above a tenth of any hundred; 2 of 4 prove nothing
			want = CampaignPaused
		}
		if r.state("c") != want {
			t.Fatalf("after call %d: %s, want %s", i+1, r.state("c"), want)
		}
	}
	r.send(Resume{Campaign: "c"})
	if r.state("c") != CampaignRunning {
		t.Errorf("resumed: %s", r.state("c"))
	}
}

func TestWindowThatNeverOpensPausesTheCampaign(t *testing.T) {
	c := plainCampaign("c")
	c.Policy = Policy{Hours: &Window{Days: everyDay(), Spans: hours(20, 22)}}
	r := newRig(t, TrunkLimits{Name: "t", Lines: 9}, c)
	if st := r.Status().Campaigns[0]; st.State != CampaignPaused || st.Reason != PauseWindow || len(r.fetched) != 0 {
		t.Fatalf("%+v, fetched %v", st, r.fetched)
	}
	r.send(Resume{})
	if r.state("c") != CampaignPaused {
		t.Error("resumed though it never opens")
	}
	r.send(AddCampaign{plainCampaign("c")})
	if r.state("c") != CampaignRunning {
		t.Error("a mended plan does not run")
	}
}

func TestTimeNeverGoesBack(t *testing.T) {
	r := newRig(t, TrunkLimits{Name: "t", Lines: 1}, plainCampaign("c"))
	r.at = r.at.Add(-24 * time.Hour)
	r.answer(Due{Campaign: "c", Leads: []Lead{ready(1)}, Open: 1})
	if p := of[Place](r.out); len(p) != 1 || !p[0].Attempt.Placed.Equal(wednesday) {
		t.Errorf("placed %v", p)
	}
}
