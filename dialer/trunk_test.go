package dialer

import (
	"testing"
	"time"
)

func failing(why TrunkFailure) Result {
	return Result{Disposition: Failed, Cause: Cause{Failed: why}}
}

func TestTrunkRestsLongerEachTimeAndIsProbedByOneCall(t *testing.T) {
	r := newRig(t, TrunkLimits{Name: "t", Lines: 9}, plainCampaign("c"))
	lead := ready(1)
	r.due("c", lead, ready(2), ready(3))
	first := r.ids()
	rests := []time.Duration{5, 10, 20, 40, 80, 160, 300, 300}
	for i, rest := range rests {
		r.end(r.ids()[0], failing(TrunkUnreachable))
		if i == 0 { // the other two that fail at the same time say nothing new
			r.end(first[1], failing(TrunkUnreachable))
			r.end(first[2], failing(TrunkUnreachable))
		}
		st := r.Status()
		if st.Campaigns[0].State != CampaignPaused || st.Campaigns[0].Reason != PauseTrunk || st.Trunks[0].State != TrunkDown {
			t.Fatalf("failure %d: %+v", i+1, st)
		}
		if r.wake.At.Sub(r.at) != rest*time.Second || !r.wake.Real {
			t.Fatalf("failure %d: wakes after %v (real %v), want %v", i+1, r.wake.At.Sub(r.at), r.wake.Real, rest*time.Second)
		}
		r.pass(rest * time.Second)
		r.send(Tick{})
		if f := of[Fetch](r.out); len(f) != 1 || f[0].Limit != 1 {
			t.Fatalf("probe %d fetches %v", i+1, f)
		}
		r.answer(Due{Campaign: "c", Leads: []Lead{ready(1), ready(2)}, More: true, Open: 3})
		if r.placed() != "1 " {
			t.Fatalf("probe %d places %s", i+1, r.placed())
		}
	}
	r.send(Progressed{Attempt: r.ids()[0], State: AttemptRinging, At: r.at})
	if st := r.Status(); st.Campaigns[0].State != CampaignRunning || st.Trunks[0].State != TrunkUp {
		t.Errorf("a call that rings: %+v", st)
	}
	if len(r.fetched) == 0 {
		t.Error("the other leads are not fetched")
	}
}

func TestRefusedCredentialsKeepTheTrunkOut(t *testing.T) {
	r := newRig(t, TrunkLimits{Name: "t", Lines: 9}, plainCampaign("c"))
	r.due("c", ready(1))
	r.end(r.ids()[0], failing(TrunkRejected))
	if st := r.Status().Trunks[0]; st.State != TrunkOut || st.Why != TrunkRejected || !st.Until.IsZero() {
		t.Fatalf("%+v", st)
	}
	if !r.wake.At.IsZero() {
		t.Errorf("wakes at %v", r.wake.At)
	}
	r.send(Resume{})
	if r.state("c") != CampaignPaused {
		t.Error("resumed without a trunk")
	}
	r.send(TrunkState{Trunk: "t", Up: true})
	if r.state("c") != CampaignRunning || len(r.fetched) == 0 {
		t.Errorf("told up: %s, fetched %v", r.state("c"), r.fetched)
	}
}

// What a call shows of a trunk is about the time when it left.
func TestLateFailureSaysNothingOfAMendedTrunk(t *testing.T) {
	r := newRig(t, TrunkLimits{Name: "t", Lines: 9}, plainCampaign("c"))
	r.due("c", ready(1), ready(2))
	ids := r.ids()
	r.end(ids[0], failing(TrunkUnreachable))
	r.send(TrunkState{Trunk: "t", Up: true})
	r.end(ids[1], failing(TrunkUnreachable))
	if st := r.Status().Trunks[0]; st.State != TrunkUp {
		t.Errorf("taken down by a call from before: %+v", st)
	}
}

// Five promised leads, four of which an answer holds: the fifth is waited for
// as a promised one, though a later promise keeps ordinary leads off the trunk.
func TestPromisedLeadBeyondAnAnswerIsNotForgotten(t *testing.T) {
	r := newRig(t, TrunkLimits{Name: "t", Lines: 9, CPS: 0.1}, plainCampaign("c"))
	later := r.at.Add(15 * time.Second)
	r.answer(Due{Campaign: "c", Leads: []Lead{promised(1, r.at)}, More: true, NextPromised: later, Next: later, Open: 3})
	if r.placed() != "1 " {
		t.Fatalf("placed %s", r.placed())
	}
	r.pass(10 * time.Second)
	r.send(Tick{})
	r.answer(Due{Campaign: "c", Leads: []Lead{promised(2, r.at.Add(-10*time.Second))}, NextPromised: later, Next: later, Open: 3})
	if r.placed() != "2 " {
		t.Errorf("placed %q at the next token, want the other promised lead", r.placed())
	}
}

func TestAnotherTrunkGoesOn(t *testing.T) {
	c := plainCampaign("c")
	c.Trunks = []string{"b", "t", "missing"}
	r := newRig(t, TrunkLimits{Name: "t", Lines: 1})
	r.send(SetTrunk{TrunkLimits{Name: "b", Lines: 1}})
	r.send(AddCampaign{c})
	r.due("c", ready(1), ready(2), ready(3))
	p := of[Place](r.out)
	if len(p) != 2 || p[0].Attempt.Trunk != "b" || p[1].Attempt.Trunk != "t" {
		t.Fatalf("placed %v, want b before t", p)
	}
	r.end(p[0].Attempt.ID, failing(TrunkUnavailable))
	if r.state("c") != CampaignRunning {
		t.Errorf("paused though a trunk is left")
	}
	r.answer()
	r.end(p[1].Attempt.ID, only(NoAnswer))
	r.due("c", ready(3))
	if p = of[Place](r.out); len(p) != 1 || p[0].Attempt.Trunk != "t" {
		t.Errorf("placed %v, want through t", p)
	}
}

func TestCampaignWithoutTrunkWaitsForOne(t *testing.T) {
	c := plainCampaign("c")
	c.Trunks = []string{"later"}
	r := newRig(t, TrunkLimits{Name: "t", Lines: 1}, c)
	if st := r.Status().Campaigns[0]; st.State != CampaignPaused || st.Reason != PauseTrunk {
		t.Fatalf("%+v", st)
	}
	r.send(SetTrunk{TrunkLimits{Name: "later", Lines: 1}})
	if r.state("c") != CampaignRunning {
		t.Errorf("%s", r.state("c"))
	}
}

func TestPauseByAPersonOutlastsTheTrunk(t *testing.T) {
	r := newRig(t, TrunkLimits{Name: "t", Lines: 1}, plainCampaign("c"))
	r.send(TrunkState{Trunk: "t", Why: TrunkUnreachable})
	r.send(Pause{Campaign: "c", Reason: PauseUser})
	r.send(TrunkState{Trunk: "t", Up: true})
	if st := r.Status().Campaigns[0]; st.State != CampaignPaused || st.Reason != PauseUser {
		t.Errorf("%+v", st)
	}
}

func TestChangedLimitsHoldAtOnce(t *testing.T) {
	r := newRig(t, TrunkLimits{Name: "t", Lines: 3}, plainCampaign("c"))
	r.due("c", ready(1), ready(2))
	r.send(SetTrunk{TrunkLimits{Name: "t", Lines: 1}})
	r.send(Wake{})
	if len(of[Fetch](r.out)) != 0 {
		t.Error("fetches with more calls up than lines")
	}
	r.send(SetTrunk{TrunkLimits{Name: "t", Lines: 4}})
	if f := of[Fetch](r.out); len(f) != 1 || f[0].Limit != 2 {
		t.Errorf("fetches %v, want 2", f)
	}
}

func TestRecoveredAttemptsBecomeInterrupted(t *testing.T) {
	placed := wednesday.Add(-time.Minute)
	open := func(id AttemptID, campaign string, answered bool) (Attempt, Lead) {
		l := ready(LeadID(id))
		l.Campaign, l.State = campaign, LeadDialing
		a := Attempt{ID: id, Lead: l.ID, Campaign: campaign, Phone: l.Phone, Placed: placed, State: AttemptRinging}
		if answered {
			a.State, a.Answered = AttemptTalking, placed.Add(10*time.Second)
		}
		return a, l
	}
	var rec Recovered
	for id, answered := range []bool{false, true} {
		a, l := open(AttemptID(id+1), "c", answered)
		rec.Attempts, rec.Leads = append(rec.Attempts, a), append(rec.Leads, l)
	}
	a, _ := open(3, "c", false)
	rec.Attempts = append(rec.Attempts, a) // no lead came with it
	r := &rig{Engine: New(), t: t, at: wednesday, nextID: 100}
	r.send(rec)
	if len(r.out) != 0 {
		t.Fatalf("before the campaign is known: %v", r.out)
	}
	r.send(SetTrunk{TrunkLimits{Name: "t", Lines: 1}})
	r.send(AddCampaign{plainCampaign("c")})
	s := of[Save](r.out)
	if len(s) != 2 {
		t.Fatalf("saved %v", s)
	}
	if l := s[0].Lead; l.State != LeadWaiting || l.Last != Interrupted || l.Attempts != 1 || s[0].Attempt.State != AttemptEnded {
		t.Errorf("cut while ringing: %+v", l)
	}
	if l := s[1].Lead; l.State != LeadDone || l.List != "interrupted" {
		t.Errorf("cut after the answer: %+v", l)
	}
	if len(of[Place](r.out)) != 0 {
		t.Error("an attempt was placed again")
	}
	r.send(rec)
	if s = of[Save](r.out); len(s) != 2 {
		t.Errorf("a later recovery of a known campaign: %v", r.out)
	}
}
