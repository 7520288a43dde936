package dialer

import (
	"maps"
	"slices"
	"testing"
)

// walk tries every state with every event. A refused event must leave the state
// alone, an accepted one must lead to a known state; want lists the accepted
// ones as "state event next".
func walk[S, E ~string](t *testing.T, m table[S, E], events []E, final []S, want []string) {
	t.Helper()
	var got []string
	for _, s := range slices.Sorted(maps.Keys(m)) {
		for _, e := range events {
			next, ok := m.on(s, e)
			if !ok && next != s {
				t.Errorf("%s refuses %s and becomes %s", s, e, next)
			}
			if _, known := m[next]; !known {
				t.Errorf("%s + %s becomes %q, which is no state", s, e, next)
			}
			if ok && next != s {
				got = append(got, string(s)+" "+string(e)+" "+string(next))
			}
			if ok && next != s && slices.Contains(final, s) {
				t.Errorf("%s is final and becomes %s", s, next)
			}
		}
		for e := range m[s] {
			if !slices.Contains(events, e) {
				t.Errorf("the table knows the event %q, the list of events does not", e)
			}
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("transitions:\n%q\nwant:\n%q", got, want)
	}
	if next, ok := m.on("no such state", events[0]); ok || next != "no such state" {
		t.Errorf("an unknown state accepts events")
	}
}

func TestLeadStates(t *testing.T) {
	walk(t, leadTable,
		[]LeadEvent{LeadPlaced, LeadPostponed, LeadReturned, LeadListed, LeadForbidden, LeadReimported},
		[]LeadState{LeadDone, LeadSuppressed},
		[]string{
			"ready placed dialing", "ready postponed waiting", "ready listed done", "ready forbidden suppressed",
			"dialing postponed waiting", "dialing returned ready", "dialing listed done",
			"waiting placed dialing", "waiting listed done", "waiting forbidden suppressed",
		})
	for s := range leadTable {
		if _, places := s.On(LeadPlaced); places && s.Final() {
			t.Errorf("%s is final and may be called", s)
		}
	}
}

func TestAttemptStates(t *testing.T) {
	walk(t, attemptTable,
		[]AttemptState{AttemptPlaced, AttemptRinging, AttemptEarly, AttemptAnswered, AttemptScreening, AttemptTalking, AttemptEnded},
		[]AttemptState{AttemptEnded},
		[]string{
			"placed ringing ringing", "placed early early", "placed answered answered", "placed screening screening", "placed talking talking", "placed ended ended",
			"ringing early early", "ringing answered answered", "ringing screening screening", "ringing talking talking", "ringing ended ended",
			"early answered answered", "early screening screening", "early talking talking", "early ended ended",
			"answered screening screening", "answered talking talking", "answered ended ended",
			"screening talking talking", "screening ended ended",
			"talking ended ended",
		})
	for s := range attemptTable {
		if next, ok := s.On(AttemptEnded); s != AttemptEnded && (!ok || next != AttemptEnded) {
			t.Errorf("%s can't end", s)
		}
	}
}

var campaignEvents = []CampaignEvent{CampaignPlanned, CampaignStarted, CampaignHeld, CampaignResumed,
	CampaignDrained, CampaignQuiet, CampaignExhausted}

func TestCampaignStates(t *testing.T) {
	walk(t, campaignTable, campaignEvents, nil, []string{
		"draft planned scheduled", "draft started running", "scheduled started running",
		"running held paused", "running drained draining", "running exhausted finished",
		"paused resumed running", "paused drained draining", "paused exhausted finished",
		"draining quiet finished",
		"finished started running",
	})
}

func TestTrunkStates(t *testing.T) {
	walk(t, trunkTable,
		[]TrunkEvent{TrunkFailing, TrunkRefusing, TrunkWorking, TrunkRested, TrunkToldUp, TrunkToldDown}, nil,
		[]string{
			"up failing down", "up refusing out", "up told_down out",
			"down refusing out", "down rested probing", "down told_up up", "down told_down out",
			"probing failing down", "probing refusing out", "probing working up", "probing told_up up", "probing told_down out",
			"out told_up up",
		})
	for s := range trunkTable {
		if next, _ := s.On(TrunkToldUp); next != TrunkUp {
			t.Errorf("%s can't be told up", s)
		}
	}
}

func TestOperatorStates(t *testing.T) {
	walk(t, operatorTable,
		[]OperatorEvent{OperatorArrives, OperatorLeaves, OperatorRung, OperatorTakes, OperatorFreed, OperatorRested}, nil,
		[]string{
			"offline arrives ready", "ready leaves offline", "ready rung reserved",
			"reserved takes on_call", "reserved freed ready", "reserved leaves offline",
			"on_call freed wrap_up",
			"wrap_up rested ready", "wrap_up arrives ready", "wrap_up leaves offline",
		})
}

// Every control event in every state of a campaign, through the engine: the
// state after it is the one the table names, and what was changed is reported.
func TestEngineFollowsTheCampaignTable(t *testing.T) {
	reach := map[CampaignState]func(*rig){
		CampaignRunning:  func(*rig) {},
		CampaignPaused:   func(r *rig) { r.send(Pause{Reason: PauseUser}) },
		CampaignDraining: func(r *rig) { r.send(Drain{}) },
		CampaignFinished: func(r *rig) { r.send(Drain{}); r.end(r.ids()[0], only(NoAnswer)) },
	}
	events := map[CampaignEvent]Event{
		CampaignStarted: AddCampaign{plainCampaign("c")},
		CampaignHeld:    Pause{Reason: PauseUser},
		CampaignResumed: Resume{},
		CampaignDrained: Drain{},
	}
	for state, arrive := range reach {
		for event, ev := range events {
			r := newRig(t, TrunkLimits{Name: "t", Lines: 1}, plainCampaign("c"))
			r.due("c", ready(1))
			arrive(r)
			if got := r.state("c"); got != state {
				t.Fatalf("could not reach %s: %s", state, got)
			}
			want, _ := state.On(event)
			r.send(ev)
			if got := r.state("c"); got != want {
				t.Errorf("%s + %T: %s, want %s", state, ev, got, want)
			}
			if changed := len(of[CampaignChanged](r.out)) > 0; changed != (want != state) {
				t.Errorf("%s + %T: reported as changed: %v", state, ev, changed)
			}
		}
	}
}
