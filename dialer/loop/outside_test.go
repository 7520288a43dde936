package loop

import (
	"context"
	"errors"
	"testing"
	"time"

	"dozvon/dialer"
)

// directory is a ledger that knows of calls to others than leads.
type directory struct {
	*faulty
	called  map[string][]time.Time
	barred  string
	unasked bool // it can't be asked
	full    bool // it takes nothing
}

func (d *directory) Called(_ context.Context, number string, _ time.Time) ([]time.Time, error) {
	if d.unasked {
		return nil, errDisk
	}
	return d.called[number], nil
}

func (d *directory) Barred(_ context.Context, number string) (bool, error) {
	return number == d.barred, nil
}

func (d *directory) PlaceOutside(_ context.Context, number string, now time.Time) error {
	if d.full {
		return errDisk
	}
	d.called[number] = append([]time.Time{now}, d.called[number]...)
	return nil
}

// Calls to others than leads are allowed by what the ledger knows, recorded
// before they are allowed, and refused where they cannot be.
func TestCallsToOthersAreRecordedBeforeTheyAreAllowed(t *testing.T) {
	const number, barred = "+79990000001", "+79990000002"
	s := newStage(answers, leads("c", 1), 3)
	d := &directory{faulty: s.ledger, called: map[string][]time.Time{}, barred: barred}
	s.loop.cfg.Ledger = d
	s.loop.Post(dialer.SetCeiling{Ceiling: dialer.Ceiling{NumberPerHour: 1}})
	s.loop.Post(dialer.AddCampaign{Campaign: plan("c")})
	said := map[string]dialer.Code{}
	ask := func(what string, ev dialer.Outside, then func()) {
		s.loop.Outside(ev, func(err error) {
			var b *dialer.Barrier
			said[what] = ""
			switch {
			case errors.As(err, &b):
				said[what] = b.Reason.Code
			case err != nil:
				t.Errorf("%s: %v", what, err)
			case len(d.called[ev.Number]) == 0:
				t.Errorf("%s: allowed before it was recorded", what)
			}
			then()
		})
	}
	lines := 0
	s.onPlace = func(a dialer.Attempt) {
		ev := dialer.Outside{Attempt: a.ID, Number: number, Trunk: "t"}
		ask("first", ev, func() {})
		ev.Call++
		ask("too often", ev, func() {})
		ask("do not call", dialer.Outside{Attempt: a.ID, Call: 2, Number: barred}, func() { d.unasked = true })
		ev.Call, ev.Number = 3, "+79990000003"
		ask("can't be looked up", ev, func() { d.unasked, d.full = false, true })
		ask("can't be recorded", ev, func() { lines = s.loop.cfg.Engine.Status().Trunks[0].Up })
		ask("after it", ev, func() { s.loop.cfg.Ledger = s.ledger })
		ask("nobody counts", ev, func() {})
	}
	if err := s.loop.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	ask("after the end", dialer.Outside{Number: number}, func() {})
	for what, want := range map[string]dialer.Code{
		"first": "", "too often": dialer.CodeNumberHour, "do not call": dialer.CodeSuppressed,
		"can't be looked up": dialer.CodeUnrecordable, "can't be recorded": dialer.CodeUnrecordable, "after it": dialer.CodeUnrecordable,
		"nobody counts": dialer.CodeUnrecordable, "after the end": dialer.CodeNotRunning,
	} {
		if got, ok := said[what]; !ok || got != want {
			t.Errorf("%s: %q (said %v), want %q", what, got, ok, want)
		}
	}
	if lines != 3 { // at that moment the engine still holds the refused call's line
		t.Errorf("%d lines in use", lines)
	}
	if up := s.loop.cfg.Engine.Status().Trunks[0].Up; up != 0 {
		t.Errorf("%d lines are left in use", up)
	}
}
