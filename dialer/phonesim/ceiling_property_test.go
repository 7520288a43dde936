package phonesim_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dozvon/dialer"
	"dozvon/dialer/loop"
	"dozvon/dialer/phonesim"
)

// weather is a caller whose trunks fail now and then, and whose own side fails
// to prepare a call now and then; it notes what leaves.
type weather struct {
	*phonesim.Network
	fails  func(dialer.Attempt) dialer.Cause // a zero cause: the call goes through
	held   func(time.Time) bool              // the brake is on
	calls  []dialer.Attempt
	braked int
}

func (w *weather) Place(a dialer.Attempt, l dialer.Lead) {
	if w.held(w.Now()) {
		w.braked++
	}
	w.calls = append(w.calls, a)
	if c := w.fails(a); c != (dialer.Cause{}) {
		at := w.Now().Add(time.Second)
		w.At(at, dialer.Ended{Attempt: a.ID, At: at, Result: dialer.Result{Disposition: dialer.Failed, Cause: c}})
		return
	}
	w.Network.Place(a, l)
}

// Whatever trunks, our own side and the brake do: no ceiling is exceeded,
// nothing leaves under the brake or to a forbidden number, an attempt goes to
// another trunk only where nobody was reached and never twice to the same one
// in a round, and every lead comes to an end.
func TestNoTownExceedsItsCeilings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ceiling := dialer.Ceiling{
			Deny:    rapid.SampledFrom([][]string{nil, {"+79000000003"}}).Draw(t, "deny"),
			PerHour: rapid.SampledFrom([]int{0, 3, 20}).Draw(t, "per hour"), NumberPerHour: rapid.SampledFrom([]int{0, 1, 2}).Draw(t, "number per hour"),
			NumberPerDay: rapid.SampledFrom([]int{0, 2, 4}).Draw(t, "number per day"),
		}
		w := &weather{Network: phonesim.NewNetwork(at("2025-10-24T05:00:00Z"), phonesim.Book{Seed: rapid.Uint64().Draw(t, "seed"),
			Mix: []phonesim.Share{{Weight: 3, Profile: silent}, {Weight: 2, Profile: off}, {Weight: 2, Profile: answersWith("1")}}})}
		salt, bad := rapid.IntRange(0, 1000).Draw(t, "salt"), rapid.IntRange(0, 6).Draw(t, "bad")
		w.fails = func(a dialer.Attempt) dialer.Cause {
			switch n := (int(a.ID)*7919 + salt) % 10; {
			case n < bad && n%3 == 0:
				return dialer.Cause{Local: true, NeverLeft: true}
			case n < bad && n%3 == 1:
				return dialer.Cause{SIP: 503, Failed: dialer.TrunkUnavailable, RetryAfter: time.Duration(n) * time.Minute}
			case n < bad:
				return dialer.Cause{Failed: dialer.TrunkUnreachable}
			}
			return dialer.Cause{}
		}
		start := w.Now()
		from, to := start.Add(90*time.Minute), start.Add(3*time.Hour)
		w.held = func(m time.Time) bool { return !m.Before(from) && m.Before(to) }
		ledger := phonesim.NewLedger()
		l := loop.New(loop.Config{Engine: dialer.New(), Ledger: ledger, Caller: w, Clock: w})
		w.Attach(l.Post)
		w.At(from, dialer.Brake{On: true})
		w.At(to, dialer.Brake{})
		l.Post(dialer.SetCeiling{Ceiling: ceiling})
		for i := range rapid.IntRange(1, 3).Draw(t, "trunks") {
			l.Post(dialer.SetTrunk{Trunk: dialer.TrunkLimits{Name: fmt.Sprint("t", i), Lines: rapid.IntRange(1, 4).Draw(t, "lines")}})
		}
		id := dialer.LeadID(0)
		for i := range rapid.IntRange(1, 2).Draw(t, "campaigns") {
			c := dialer.Campaign{Name: fmt.Sprint("c", i), Retry: coldBase()}
			for range rapid.IntRange(0, 15).Draw(t, "leads") {
				id++
				ledger.Add(dialer.Lead{ID: id, Campaign: c.Name, Zone: "Europe/Moscow",
					Phone: fmt.Sprintf("+7900%07d", rapid.IntRange(0, 9).Draw(t, "phone"))})
			}
			l.Post(dialer.AddCampaign{Campaign: c})
		}
		if err := l.Run(t.Context()); err != nil && !errors.Is(err, t.Context().Err()) {
			t.Fatal(err)
		}
		checkCeilings(t, w, ledger, ceiling)
		checkRounds(t, ledger)
	})
}

func checkCeilings(t *rapid.T, w *weather, ledger *phonesim.Ledger, c dialer.Ceiling) {
	if w.braked > 0 {
		t.Fatalf("%d calls leave under the brake", w.braked)
	}
	reached := func(a dialer.Attempt) bool {
		cause := ledger.Attempts[a.ID].Result.Cause
		return cause.Failed == dialer.TrunkOK && !cause.NeverLeft
	}
	within := func(a dialer.Attempt, span time.Duration, of func(dialer.Attempt) bool) (n int) {
		for _, b := range w.calls {
			if of(b) && !b.Placed.After(a.Placed) && a.Placed.Sub(b.Placed) < span {
				n++
			}
		}
		return n
	}
	for _, a := range w.calls {
		same := func(b dialer.Attempt) bool { return b.Phone == a.Phone && reached(b) }
		left := func(b dialer.Attempt) bool { return !ledger.Attempts[b.ID].Result.Cause.NeverLeft }
		switch {
		case !c.Allowed(a.Phone):
			t.Fatalf("%s is called", a.Phone)
		case c.PerHour > 0 && left(a) && within(a, time.Hour, left) > c.PerHour:
			t.Fatalf("more than %d calls in the hour before %v", c.PerHour, a.Placed)
		case c.NumberPerHour > 0 && reached(a) && within(a, time.Hour, same) > c.NumberPerHour,
			c.NumberPerDay > 0 && reached(a) && within(a, 24*time.Hour, same) > c.NumberPerDay:
			t.Fatalf("too many calls to %s before %v", a.Phone, a.Placed)
		}
	}
	for _, l := range ledger.Leads() {
		if l.State != dialer.LeadDone || (l.List == dialer.ForbiddenList) == c.Allowed(l.Phone) {
			t.Fatalf("lead %d of %s: %s on %q", l.ID, l.Phone, l.State, l.List)
		}
	}
}

// checkRounds: the calls of a lead that follow each other at once are a round:
// all but the last failed by their trunk, no trunk twice.
func checkRounds(t *rapid.T, ledger *phonesim.Ledger) {
	for _, l := range ledger.Leads() {
		var trunks []string
		calls := ledger.Calls(l.ID)
		for i, a := range calls {
			if i > 0 && a.Placed.Before(calls[i-1].Ended) {
				t.Fatalf("lead %d is in two calls at once", l.ID)
			}
			if i == 0 || a.Placed.Sub(calls[i-1].Ended) > time.Second || calls[i-1].Result.Cause.Failed == dialer.TrunkOK {
				trunks = nil
			}
			if slices.Contains(trunks, a.Trunk) {
				t.Fatalf("lead %d: %s takes it at once again after %s", l.ID, a.Trunk, strings.Join(trunks, ", "))
			}
			trunks = append(trunks, a.Trunk)
		}
	}
}
