package dialer

import (
	"testing"
	"time"
)

func TestWhatAVerdictCameFrom(t *testing.T) {
	ring := Heard{Verdict: VerdictTone, Label: "ringback", Early: true}
	first := Heard{Verdict: VerdictMachine, Cause: "2.6 s of speech", Confidence: 0.9, After: 3100 * time.Millisecond}
	beep := Heard{Verdict: VerdictMachine, Confidence: 0.95, After: 8 * time.Second, Beep: true}
	r := Result{Verdict: VerdictMachine, Heard: []Heard{ring, first, beep}}
	if h, ok := r.Decided(); !ok || h != beep {
		t.Errorf("%+v", h)
	}
	r.Verdict = VerdictHuman
	if h, ok := r.Decided(); ok {
		t.Errorf("%+v decided for a person", h)
	}
	for want, h := range map[string]Heard{
		"machine, 90 %, 3.1 s after the answer: 2.6 s of speech":             first,
		"machine, its beep, 95 %, 8.0 s after the answer":                    beep,
		"tone ringback, 0 %, 0.0 s after the first sound, before the answer": ring,
	} {
		if got := h.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// A voicemail that speaks before the answer is a machine that nobody answered:
// it counts for no lawful limit of answered calls.
func TestAMachineBeforeTheAnswerIsNoAnsweredCall(t *testing.T) {
	c := Campaign{Retry: RetryPlan{Rules: []RetryRule{{On: []Disposition{Machine}, Days: []RetryDay{{Attempts: 3, Every: time.Hour}}, Finish: "machine"}}}}
	l := Lead{ID: 1, State: LeadDialing}
	a := Attempt{ID: 1, Placed: time.Unix(1e9, 0), Ended: time.Unix(1e9+20, 0)}
	a.Result = Result{Disposition: Machine, Verdict: VerdictAnnouncement, Heard: []Heard{{Verdict: VerdictAnnouncement, Label: "machine", Early: true}}}
	s := c.conclude(a.Ended, l, a)
	if !s.Attempt.Answered.IsZero() || len(s.Lead.Recent) != 0 || s.Lead.State != LeadWaiting {
		t.Errorf("answered %v, lead %+v", s.Attempt.Answered, s.Lead)
	}
	a.Result.Heard = nil
	if s = c.conclude(a.Ended, l, a); s.Attempt.Answered.IsZero() {
		t.Error("a machine that answered counts as no answer")
	}
}
