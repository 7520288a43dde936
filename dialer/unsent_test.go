package dialer

import (
	"testing"
	"time"
)

// neverLeft is a call that our side failed before its INVITE.
func neverLeft() Result {
	return Result{Disposition: Failed, Detail: "the prompt can't be spoken", Cause: Cause{Local: true, NeverLeft: true}}
}

func TestCallThatNeverLeftIsNoAttempt(t *testing.T) {
	r := newRig(t, TrunkLimits{Name: "t", Lines: 1, CPS: 0.01}, plainCampaign("c"))
	l := ready(1)
	for n, pause := range []time.Duration{time.Minute, 4 * time.Minute, 16 * time.Minute, 64 * time.Minute} {
		r.due("c", l)
		if r.placed() != "1 " {
			t.Fatalf("try %d: placed %q: its token was not given back", n+1, r.placed())
		}
		r.end(r.ids()[0], neverLeft())
		l = r.saved()
		if l.State != LeadWaiting || l.NextAt.Sub(r.at) != pause || l.Attempts != 0 || l.Progress.Unsent != n+1 || len(l.Called) != 0 {
			t.Fatalf("try %d: %+v, in %v", n+1, l, l.NextAt.Sub(r.at))
		}
		if got := Explain(r.at, l, plainCampaign("c")); codes(got) != "never_left" || !got[0].Until.Equal(l.NextAt) {
			t.Errorf("explained as %v", got)
		}
		if st := r.Status().Trunks[0]; st.State != TrunkUp || st.Up != 0 {
			t.Fatalf("the trunk is blamed: %+v", st)
		}
		r.pass(pause)
		r.send(Tick{})
	}
	r.due("c", l)
	r.end(r.ids()[0], neverLeft())
	if l = r.saved(); l.State != LeadDone || l.List != "failed" || l.Last != Failed || l.Attempts != 0 {
		t.Errorf("given up as %+v", l)
	}
}

// A call that was withdrawn before it left leaves the lead as it was.
func TestWithdrawnCallLeavesTheLeadAsItWas(t *testing.T) {
	r := newRig(t, TrunkLimits{Name: "t", Lines: 1}, plainCampaign("c"))
	r.due("c", promised(1, r.at.Add(-time.Second)))
	r.send(Stop{})
	r.end(r.ids()[0], Result{Disposition: Interrupted, Cause: Cause{Local: true, NeverLeft: true}})
	if l := r.saved(); l.State != LeadReady || !l.Promised || l.Attempts != 0 || l.Progress.Unsent != 0 || !l.NextAt.Equal(r.at.Add(-time.Second)) {
		t.Errorf("%+v", l)
	}
	if c := r.campaigns["c"]; c.stall.row != 0 {
		t.Errorf("a withdrawn call counts as a fault: %+v", c.stall)
	}
}

// A broken speech engine does not go through the base: after a few calls that
// never left, one at a time tries again, and the first that leaves ends it.
func TestCampaignStalls(t *testing.T) {
	r := newRig(t, TrunkLimits{Name: "t", Lines: 4}, plainCampaign("c"))
	r.answer(Due{Campaign: "c", Leads: []Lead{ready(1), ready(2), ready(3), ready(4)}, More: true, Open: 9})
	for _, id := range r.ids() {
		r.end(id, neverLeft())
	}
	r.answer(Due{Campaign: "c", Leads: []Lead{ready(5)}, More: true, Open: 9})
	for n, rest := range []time.Duration{firstRest, 2 * firstRest, 4 * firstRest} {
		if r.placed() != "" || r.wake.At.Sub(r.at) != rest || !r.wake.Real {
			t.Fatalf("stall %d: placed %q, wakes in %v", n+1, r.placed(), r.wake.At.Sub(r.at))
		}
		got := r.Status().Explain(plainCampaign("c"))
		if codes(got) != "stalled" || got[0].Detail != "the prompt can't be spoken" || !got[0].Until.Equal(r.wake.At) {
			t.Errorf("explained as %v", got)
		}
		r.pass(rest)
		r.send(Tick{})
		r.answer(Due{Campaign: "c", Leads: []Lead{ready(5), ready(6)}, More: true, Open: 9})
		if r.placed() != "5 " {
			t.Fatalf("placed %q, want one that tries", r.placed())
		}
		if n < 2 {
			r.end(r.ids()[0], neverLeft())
			r.answer(Due{Campaign: "c", Leads: []Lead{ready(5)}, More: true, Open: 9})
		}
	}
	r.send(Progressed{Attempt: r.ids()[0], State: AttemptRinging, At: r.at})
	r.answer(Due{Campaign: "c", Leads: []Lead{ready(6), ready(7), ready(8), ready(9)}, More: true, Open: 9})
	if r.placed() != "6 7 8 " || !r.Status().Campaigns[0].Stalled.IsZero() {
		t.Errorf("placed %q once calls leave again", r.placed())
	}
}
