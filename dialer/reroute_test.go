package dialer

import (
	"fmt"
	"testing"
	"time"
)

// routed names the trunks of the last event's Place commands.
func (r *rig) routed() string {
	s := ""
	for _, p := range of[Place](r.out) {
		s += fmt.Sprintf("%d:%s ", p.Lead.ID, p.Attempt.Trunk)
	}
	return s
}

// saved is the lead of the last event's only Save.
func (r *rig) saved() Lead {
	r.t.Helper()
	s := of[Save](r.out)
	if len(s) != 1 {
		r.t.Fatalf("saved %v", s)
	}
	return s[0].Lead
}

func twoTrunks(t *testing.T, lines int) *rig {
	r := newRig(t, TrunkLimits{Name: "a", Lines: lines})
	r.send(SetTrunk{TrunkLimits{Name: "b", Lines: lines}})
	r.send(AddCampaign{plainCampaign("c")})
	return r
}

// The lead goes to the next trunk at once, under a new attempt, and only when
// all have failed it does it wait like before.
func TestLeadGoesOnToTheNextTrunk(t *testing.T) {
	for _, why := range []TrunkFailure{TrunkUnavailable, TrunkUnreachable, TrunkRejected} {
		r := twoTrunks(t, 1)
		r.due("c", ready(1))
		first := r.ids()[0]
		if r.routed() != "1:a " {
			t.Fatalf("first %s", r.routed())
		}
		r.end(first, failing(why))
		l := r.saved()
		if l.State != LeadReady || l.Attempts != 0 || l.Progress.Fails != 0 || l.Progress.Tries != 1 {
			t.Fatalf("%s: between trunks %+v", why, l)
		}
		r.due("c", l)
		if r.routed() != "1:b " || r.ids()[0] == first {
			t.Fatalf("%s: then %q", why, r.routed())
		}
		r.end(r.ids()[0], failing(why))
		if l = r.saved(); l.State != LeadReady || l.Progress.Fails != 1 || l.Progress.Tries != 2 || l.Attempts != 0 {
			t.Fatalf("%s: after every trunk %+v", why, l)
		}
		if len(r.rounds) != 0 {
			t.Errorf("%s: the round is remembered: %v", why, r.rounds)
		}
	}
}

// What reached anybody is never sent to another trunk, whatever it ended with.
func TestNoOtherTrunkAfterTheNetworkWasReached(t *testing.T) {
	for _, d := range Dispositions() {
		r := twoTrunks(t, 1)
		r.due("c", ready(1))
		r.send(Progressed{Attempt: r.ids()[0], State: AttemptRinging, At: r.at})
		r.end(r.ids()[0], only(d))
		if l := r.saved(); l.State == LeadReady || l.Attempts != 1 {
			t.Errorf("%s: %+v", d, l)
		}
		if len(r.rounds) != 0 {
			t.Errorf("%s: a round begins", d)
		}
	}
}

// A trunk that refuses one call and stays up is left to other leads; this one
// goes on to the next, and waits a moment where that has no line.
func TestLeadAvoidsATrunkThatStaysUp(t *testing.T) {
	r := twoTrunks(t, 2)
	r.due("c", ready(1), ready(2))
	r.send(TrunkState{Trunk: "a"})
	r.send(TrunkState{Trunk: "a", Up: true}) // what calls from before show of it counts no more
	r.end(r.ids()[0], failing(TrunkUnavailable))
	l := r.saved()
	if st := r.Status().Trunks[0]; st.State != TrunkUp {
		t.Fatalf("%+v", st)
	}
	r.due("c", l, ready(3))
	if r.routed() != "1:b 3:a " {
		t.Fatalf("placed %s", r.routed())
	}
	r.send(SetTrunk{TrunkLimits{Name: "b", Lines: 1}})
	r.end(r.ids()[0], failing(TrunkUnavailable)) // lead 2, on a, from before
	l = r.saved()
	r.due("c", l, ready(4))
	if r.routed() != "4:a " || !r.saved().NextAt.Equal(r.at.Add(roundPause)) {
		t.Fatalf("placed %s, put off %v", r.routed(), r.saved().NextAt.Sub(r.at))
	}
	r.pass(roundLife)
	r.send(Wake{})
	r.due("c", l)
	if r.placed() != "" { // a and b are full
		t.Fatalf("placed %s", r.placed())
	}
	r.end(r.ids()[1], only(NoAnswer)) // lead 3, on a
	r.due("c", l)
	if r.routed() != "2:a " {
		t.Errorf("after the round's life: %q, want the first trunk again", r.routed())
	}
}

func TestTrunkRestsAsLongAsItAsks(t *testing.T) {
	for asked, want := range map[time.Duration]time.Duration{
		0: firstRest, time.Second: firstRest, 2 * time.Minute: 2 * time.Minute, 40 * time.Hour: longestSpare,
	} {
		r := newRig(t, TrunkLimits{Name: "t", Lines: 9}, plainCampaign("c"))
		r.due("c", ready(1))
		res := failing(TrunkUnavailable)
		res.Cause.RetryAfter = asked
		r.end(r.ids()[0], res)
		if st := r.Status().Trunks[0]; st.State != TrunkDown || st.Until.Sub(r.at) != want || !r.wake.At.Equal(st.Until) {
			t.Errorf("asked for %v: rests %v, wakes at %v", asked, st.Until.Sub(r.at), r.wake.At)
		}
		r.send(TrunkState{Trunk: "t", Up: true, Health: true})
		if st := r.Status().Trunks[0]; asked > firstRest && st.State != TrunkDown {
			t.Errorf("asked for %v: a check puts it %s before", asked, st.State)
		}
	}
}

func TestCheckTakesATrunkOutAndPutsItBack(t *testing.T) {
	down := TrunkState{Trunk: "t", Why: TrunkUnreachable, Text: "no answer to OPTIONS", Health: true}
	up := TrunkState{Trunk: "t", Up: true, Health: true}
	r := newRig(t, TrunkLimits{Name: "t", Lines: 9}, plainCampaign("c"))
	r.due("c", ready(1))
	ended := r.ids()[0]
	r.send(down)
	st := r.Status()
	if st.Trunks[0].State != TrunkDown || st.Trunks[0].Text != down.Text || st.Campaigns[0].Reason != PauseTrunk {
		t.Fatalf("%+v", st)
	}
	if got := st.Explain(plainCampaign("c")); len(got) != 2 || got[1].Detail != "t: unreachable: no answer to OPTIONS" {
		t.Errorf("explained as %v", got)
	}
	if r.wake.At.Sub(r.at) != longestRest || !r.wake.Real {
		t.Errorf("should the check fall silent, the trunk is tried in %v", r.wake.At.Sub(r.at))
	}
	r.send(up)
	if st = r.Status(); st.Trunks[0].State != TrunkUp || st.Trunks[0].Text != "" || st.Campaigns[0].State != CampaignRunning {
		t.Fatalf("%+v", st)
	}
	r.end(ended, failing(TrunkUnreachable)) // left before
	if st = r.Status(); st.Trunks[0].State != TrunkUp {
		t.Errorf("a call from before takes it down: %+v", st.Trunks[0])
	}
}

func TestCheckAndBackOff(t *testing.T) {
	up := TrunkState{Trunk: "t", Up: true, Health: true}
	for why, want := range map[TrunkFailure]TrunkCondition{
		TrunkUnreachable: TrunkProbing, // found again: one call tries it
		TrunkUnavailable: TrunkDown,    // who answers OPTIONS may still refuse calls
		TrunkRejected:    TrunkOut,     // and our password
	} {
		r := newRig(t, TrunkLimits{Name: "t", Lines: 9}, plainCampaign("c"))
		r.due("c", ready(1))
		r.end(r.ids()[0], failing(why))
		r.send(up)
		if got := r.Status().Trunks[0].State; got != want {
			t.Errorf("%s: %s, want %s", why, got, want)
		}
	}
	r := newRig(t, TrunkLimits{Name: "t", Lines: 9}, plainCampaign("c"))
	r.send(TrunkState{Trunk: "t", Why: TrunkUnavailable}) // a person's word
	r.send(up)
	if got := r.Status().Trunks[0].State; got != TrunkOut {
		t.Errorf("a check undoes what a person did: %s", got)
	}
}
