package dialer

import (
	"testing"
	"time"
)

func refusal(p []Place, leads ...LeadID) Refused {
	var ev Refused
	for _, place := range p {
		for _, id := range leads {
			if place.Lead.ID == id {
				ev.Attempts = append(ev.Attempts, place.Attempt.ID)
			}
		}
	}
	return ev
}

// A number joins the do-not-call list between Due and Place: the others are
// called, the line is free for the next lead, and the books show no call.
func TestRefusedCallNeverHappened(t *testing.T) {
	r := newRig(t, TrunkLimits{Name: "t", Lines: 3}, plainCampaign("c"))
	r.answer(Due{Campaign: "c", Leads: []Lead{ready(1), ready(2), ready(3)}, More: true, Open: 5})
	places := of[Place](r.out)
	r.send(refusal(places, 2))
	if f := of[Fetch](r.out); len(f) != 1 || f[0].Limit != 1 {
		t.Fatalf("after the refusal: %v, want a look for one more lead", r.out)
	}
	if st := r.Status(); st.Campaigns[0].Up != 2 || st.Campaigns[0].Placed != 2 || st.Campaigns[0].Open != 4 || st.Trunks[0].Up != 2 {
		t.Errorf("%+v", st)
	}
	r.answer(Due{Campaign: "c", Leads: []Lead{ready(4)}, More: true, Open: 4})
	if got := r.placed(); got != "4 " {
		t.Fatalf("placed %s on the free line", got)
	}
	if again := of[Place](r.out)[0].Attempt.ID; again <= places[2].Attempt.ID {
		t.Errorf("attempt %d is used a second time", again)
	}
	r.send(refusal(places, 2)) // told twice
	r.end(places[1].Attempt.ID, only(NoAnswer))
	if st := r.Status(); st.Trunks[0].Up != 3 || len(of[Save](r.out)) != 0 {
		t.Errorf("what never happened ends: %+v, %v", st, r.out)
	}
}

func TestRefusedCallGivesItsTokenBack(t *testing.T) {
	r := newRig(t, TrunkLimits{Name: "t", Lines: 9, CPS: 0.1}, plainCampaign("c"))
	r.answer(Due{Campaign: "c", Leads: []Lead{ready(1)}, More: true, Open: 3})
	r.send(refusal(of[Place](r.out), 1))
	r.answer(Due{Campaign: "c", Leads: []Lead{ready(2)}, More: true, Open: 2})
	if got := r.placed(); got != "2 " {
		t.Fatalf("placed %s, want 2 with the token of 1", got)
	}
	r.send(Wake{})
	if w := r.wake.At.Sub(r.at); w != 10*time.Second {
		t.Errorf("the next call leaves in %v, want the trunk's own pace", w)
	}
}

func TestRefusedProbeLeavesTheTrunkToAnother(t *testing.T) {
	r := newRig(t, TrunkLimits{Name: "t", Lines: 9}, plainCampaign("c"))
	r.due("c", ready(1))
	r.end(r.ids()[0], failing(TrunkUnreachable))
	r.pass(firstRest)
	r.send(Tick{})
	r.answer(Due{Campaign: "c", Leads: []Lead{ready(1), ready(2)}, Open: 2})
	if got := r.placed(); got != "1 " {
		t.Fatalf("the probe: %s", got)
	}
	r.send(refusal(of[Place](r.out), 1))
	r.answer(Due{Campaign: "c", Leads: []Lead{ready(2)}, Open: 1})
	if got := r.placed(); got != "2 " {
		t.Fatalf("placed %s: nobody tries the trunk", got)
	}
}

// The last lead is refused: nothing is left.
func TestRefusedLastLeadFinishesTheCampaign(t *testing.T) {
	for _, draining := range []bool{false, true} {
		r := newRig(t, TrunkLimits{Name: "t", Lines: 1}, plainCampaign("c"))
		r.due("c", ready(1))
		p := of[Place](r.out)
		if draining {
			r.send(Drain{})
		}
		r.send(refusal(p, 1))
		if !draining {
			r.answer(Due{Campaign: "c", Open: 0})
		}
		if r.state("c") != CampaignFinished || len(finished(r.out)) != 1 {
			t.Errorf("draining %v: %s, %v", draining, r.state("c"), r.out)
		}
	}
}

// A store that goes on offering what it refuses keeps nobody busy.
func TestLeadThatIsOfferedAgainIsLeftAloneForAWhile(t *testing.T) {
	for _, more := range []bool{false, true} {
		r := newRig(t, TrunkLimits{Name: "t", Lines: 1}, plainCampaign("c"))
		again := Due{Campaign: "c", Leads: []Lead{ready(1)}, More: more, Open: 9}
		r.answer(again)
		r.send(refusal(of[Place](r.out), 1))
		r.answer(again)
		if got := r.placed(); got != "" || len(r.fetched) != 0 || !r.wake.At.Equal(r.at.Add(refusedPause)) {
			t.Fatalf("more %v: placed %q, fetches %v, wakes at %v", more, got, r.fetched, r.wake.At)
		}
		r.pass(refusedPause)
		r.send(Tick{})
		r.answer(again)
		if got := r.placed(); got != "1 " {
			t.Errorf("more %v: placed %q after the pause", more, got)
		}
	}
}

// The store may end a lead that the engine believes to be waiting (its number
// joined the do-not-call list during the call): with no call up it is asked.
func TestIdleCampaignAsksWhatIsLeft(t *testing.T) {
	r := newRig(t, TrunkLimits{Name: "t", Lines: 2}, plainCampaign("c"))
	r.answer(Due{Campaign: "c", Leads: []Lead{ready(1), ready(2)}, Open: 2})
	r.end(r.ids()[0], only(NoAnswer))
	if len(of[Fetch](r.out)) != 0 {
		t.Fatalf("asks while a call is up: %v", r.out)
	}
	r.end(r.ids()[0], only(NoAnswer))
	if len(of[Fetch](r.out)) != 1 {
		t.Fatalf("does not ask: %v", r.out)
	}
	r.answer(Due{Campaign: "c", Open: 1, Next: r.at.Add(time.Hour)})
	if len(r.fetched) != 0 || !r.wake.At.Equal(r.at.Add(time.Hour)) {
		t.Fatalf("asks again at once, or wakes at %v", r.wake.At)
	}
	r.pass(time.Hour)
	r.send(Tick{})
	r.answer(Due{Campaign: "c", Leads: []Lead{ready(1)}, Open: 1})
	r.end(r.ids()[0], only(NoAnswer))
	r.answer(Due{Campaign: "c", Open: 0})
	if r.state("c") != CampaignFinished {
		t.Errorf("%s", r.state("c"))
	}
}
