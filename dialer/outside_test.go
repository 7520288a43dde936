package dialer

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// asks gives the engine the wish to call somebody else than a lead, and
// returns why it must not; empty: it may.
func (r *rig) asks(ev Outside) Code {
	r.t.Helper()
	r.send(ev)
	answers := of[Answer](r.out)
	if len(answers) != 1 || answers[0].Outside.Call != ev.Call {
		r.t.Fatalf("answered by %v", r.out)
	}
	if answers[0].Refused == nil {
		return ""
	}
	return answers[0].Refused.Code
}

const elsewhere = "+79990000001"

// outsideRig has three lines, ceilings, and one lead's call.
func outsideRig(t *testing.T) (r *rig, id AttemptID) {
	r = newRig(t, TrunkLimits{Name: "t", Lines: 3}, plainCampaign("c"))
	r.send(SetCeiling{Ceiling: Ceiling{Allow: []string{"+7"}, Deny: []string{"+7809"}, PerHour: 6, NumberPerHour: 2, NumberPerDay: 3, StaffPerHour: 4}})
	r.due("c", ready(1))
	return r, r.ids()[0]
}

// ago are moments so many minutes before now.
func (r *rig) ago(minutes ...int) (at []time.Time) {
	for _, m := range minutes {
		at = append(at, r.at.Add(-time.Duration(m)*time.Minute))
	}
	return at
}

func TestCallsToOthersAreRefusedLikeAnyOther(t *testing.T) {
	r, id := outsideRig(t)
	lead := r.flights[id].lead.Phone
	for name, c := range map[string]struct {
		ev   Outside
		want Code
	}{
		"destination":        {Outside{Attempt: id, Number: "+18091234567", Trunk: "t"}, CodeForbidden},
		"denied":             {Outside{Attempt: id, Number: "+78091234567"}, CodeForbidden},
		"do not call":        {Outside{Attempt: id, Number: elsewhere, Trunk: "t", Barred: true}, CodeSuppressed},
		"in a call":          {Outside{Attempt: id, Number: lead, Trunk: "t"}, CodeDialing},
		"per hour":           {Outside{Attempt: id, Number: elsewhere, Called: r.ago(1, 50)}, CodeNumberHour},
		"per day":            {Outside{Attempt: id, Number: elsewhere, Called: r.ago(1, 90, 1000)}, CodeNumberDay},
		"operator per hour":  {Outside{Attempt: id, Number: elsewhere, Staff: true, Called: r.ago(1, 2, 3, 4)}, CodeNumberHour},
		"nobody's call":      {Outside{Attempt: 99999, Number: elsewhere}, CodeNotRunning},
		"nobody's trunk":     {Outside{Attempt: id, Number: elsewhere, Trunk: "x"}, CodeTrunk},
		"operator elsewhere": {Outside{Attempt: id, Number: "+18091234567", Staff: true}, CodeForbidden},
	} {
		if got := r.asks(c.ev); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if up := r.Status().Trunks[0].Up; up != 1 {
		t.Fatalf("%d lines in use after refusals", up)
	}
}

func TestCallsToOthersCountLikeAnyOther(t *testing.T) {
	r, id := outsideRig(t)
	for call := range 2 {
		if got := r.asks(Outside{Attempt: id, Call: call, Number: elsewhere, Trunk: "t", Staff: true, Barred: true, Called: r.ago(1, 2, 3)}); got != "" {
			t.Errorf("refused: %s", got)
		}
	}
	if got := r.asks(Outside{Attempt: id, Call: 2, Number: elsewhere, Trunk: "t"}); got != CodeLines {
		t.Errorf("a fourth call on three lines: %q", got)
	}
	if got := r.asks(Outside{Attempt: id, Call: 2, Number: elsewhere}); got != "" { // REFER takes none
		t.Errorf("without a line of ours: %q", got)
	}
	r.send(Wake{})
	r.answer(Due{Campaign: "c", Leads: []Lead{ready(2)}, Open: 2})
	if r.placed() != "" {
		t.Error("a lead was called on a line that an operator has")
	}
	r.send(OutsideOver{Attempt: id, Call: 0})
	r.send(OutsideOver{Attempt: id, Call: 0})
	r.send(OutsideOver{Attempt: id, Call: 7})
	if up := r.Status().Trunks[0].Up; up != 2 {
		t.Errorf("%d lines in use after one was given back", up)
	}
	r.send(Wake{})
	r.answer(Due{Campaign: "c", Leads: []Lead{ready(2)}, Open: 2})
	if r.placed() != "2 " {
		t.Errorf("placed %q on the line given back", r.placed())
	}
	r.send(OutsideOver{Attempt: id, Call: 1})
	if got := r.asks(Outside{Attempt: id, Call: 3, Number: elsewhere}); got != "" {
		t.Errorf("the sixth call of the hour: %q", got)
	}
	if got := r.asks(Outside{Attempt: id, Call: 4, Number: elsewhere}); got != CodeCallsHour {
		t.Errorf("the seventh call of the hour: %q", got)
	}
	r.end(id, only(NoAnswer))
	if up := r.Status().Trunks[0].Up; up != 1 {
		t.Errorf("%d lines in use after the call's end, want the other's", up)
	}
}

// A trunk that is taken out of service takes no calls to others either, and
// one that is tried is not tried by them.
func TestCallsToOthersNeedATrunkThatServes(t *testing.T) {
	r := newRig(t, TrunkLimits{Name: "t", Lines: 3}, plainCampaign("c"))
	r.due("c", ready(1))
	id := r.ids()[0]
	r.send(TrunkState{Trunk: "t", Why: TrunkUnreachable, Text: "no answer"})
	if got := r.asks(Outside{Attempt: id, Number: elsewhere, Trunk: "t"}); got != CodeTrunk {
		t.Errorf("%q", got)
	}
	r.send(TrunkState{Trunk: "t", Up: true})
	if got := r.asks(Outside{Attempt: id, Number: elsewhere, Trunk: "t"}); got != "" {
		t.Errorf("%q", got)
	}
}

// Leads wait for the trunk's pace as if the other call were theirs.
func TestCallsToOthersTakeOfThePace(t *testing.T) {
	r := newRig(t, TrunkLimits{Name: "t", Lines: 9, CPS: 1}, plainCampaign("c"))
	r.due("c", ready(1))
	if got := r.asks(Outside{Attempt: r.ids()[0], Number: elsewhere, Trunk: "t"}); got != "" {
		t.Fatal(got)
	}
	left := r.at
	r.send(Wake{})
	r.answer(Due{Campaign: "c", Leads: []Lead{ready(2)}, Open: 2})
	if at := r.wake.At.Sub(left); r.placed() != "" || at != 2*time.Second {
		t.Errorf("placed %q, the next call leaves after %v", r.placed(), at)
	}
}

// Whatever is asked and given back in whatever order: no trunk has more calls
// than lines, and none is left in use.
func TestLinesOfCallsToOthers(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := newRig(t, TrunkLimits{Name: "t", Lines: 4}, plainCampaign("c"))
		r.due("c", ready(1), ready(2))
		ids := r.ids()
		for range rapid.IntRange(1, 40).Draw(rt, "steps") {
			id := rapid.SampledFrom(ids).Draw(rt, "attempt")
			call := rapid.IntRange(0, 5).Draw(rt, "call")
			switch rapid.IntRange(0, 5).Draw(rt, "what") {
			case 0:
				r.end(id, only(Answered))
			case 1, 2:
				r.send(OutsideOver{Attempt: id, Call: call})
			default:
				r.asks(Outside{Attempt: id, Call: call, Number: elsewhere, Trunk: "t"})
			}
			if up := r.Status().Trunks[0].Up; up < 0 || up > 4 {
				rt.Fatalf("%d of four lines in use", up)
			}
		}
		for _, id := range ids {
			r.end(id, only(Answered))
		}
		if up := r.Status().Trunks[0].Up; up != 0 {
			rt.Fatalf("%d lines are left in use", up)
		}
	})
}

func TestBarriersInWords(t *testing.T) {
	for _, code := range []Code{CodeForbidden, CodeSuppressed, CodeCallsHour, CodeNumberHour, CodeNumberDay, CodeDialing, CodeLines, CodeTrunk, CodeNotRunning, CodeUnrecordable} {
		b := &Barrier{Number: elsewhere, Reason: Reason{Code: code, Until: wednesday, Detail: "main"}}
		if s := b.Error(); strings.HasSuffix(s, ": ") || strings.Contains(s, "79990") || b.Passing() != (code == CodeLines || code == CodeTrunk) {
			t.Errorf("%s: %s", code, s)
		}
	}
	if s := (&Barrier{}).Error(); s == "" {
		t.Error("no words")
	}
}
