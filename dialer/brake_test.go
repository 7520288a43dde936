package dialer

import (
	"testing"
	"time"
)

func TestBrakeHoldsPlacingAndLetsPromisedLeadsGoFirst(t *testing.T) {
	r := newRig(t, TrunkLimits{Name: "t", Lines: 1}, plainCampaign("c"), plainCampaign("d"))
	r.send(Brake{On: true, Why: "packets leave late"})
	for range 3 {
		r.answer(Due{Campaign: "c", Leads: []Lead{ready(1)}, Open: 1},
			Due{Campaign: "d", Leads: []Lead{promised(2, r.at.Add(-time.Second))}, Open: 1})
		if r.placed() != "" {
			t.Fatalf("placed %s", r.placed())
		}
		r.send(Wake{})
	}
	st := r.Status()
	if st.Campaigns[0].State != CampaignRunning {
		t.Errorf("the brake changes a campaign: %+v", st.Campaigns[0])
	}
	if got := st.Explain(plainCampaign("c")); codes(got) != "overloaded" || got[0].Detail != "packets leave late" {
		t.Errorf("explained as %v", got)
	}
	if !r.wake.At.IsZero() {
		t.Errorf("wakes at %v though only the brake's end can help", r.wake.At)
	}
	r.send(Brake{})
	r.answer(Due{Campaign: "c", Leads: []Lead{ready(1)}, Open: 1},
		Due{Campaign: "d", Leads: []Lead{promised(2, r.at.Add(-time.Second))}, Open: 1})
	if r.placed() != "2 " {
		t.Errorf("placed %q on the one line, want the promised lead", r.placed())
	}
	if got := codes(r.Status().Explain(plainCampaign("c"))); got != "no_line" {
		t.Errorf("explained as %s", got)
	}
}

// The last call may end under the brake: the campaign is over all the same.
func TestCampaignEndsUnderTheBrake(t *testing.T) {
	r := newRig(t, TrunkLimits{Name: "t", Lines: 1}, plainCampaign("c"))
	r.due("c", ready(1))
	r.send(Brake{On: true})
	r.end(r.ids()[0], Result{Disposition: Answered, List: "yes"})
	r.answer(Due{Campaign: "c", Open: 0})
	if r.state("c") != CampaignFinished {
		t.Errorf("%s", r.state("c"))
	}
}

// A lead that a trunk failed under the brake goes on only when it ends.
func TestNoOtherTrunkUnderTheBrake(t *testing.T) {
	r := twoTrunks(t, 1)
	r.due("c", ready(1))
	r.send(Brake{On: true})
	r.end(r.ids()[0], failing(TrunkUnavailable))
	l := r.saved()
	r.due("c", l)
	if r.placed() != "" {
		t.Fatalf("placed %s", r.placed())
	}
	r.send(Brake{})
	r.due("c", l)
	if r.routed() != "1:b " {
		t.Errorf("placed %q", r.routed())
	}
}
