package store_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"

	"dozvon/dialer"
	"dozvon/dialer/phonesim"
	"dozvon/store"
)

// A few hundred people, and a process that is killed again and again, before or
// after a commit, before or after an INVITE: no attempt is called twice, every
// lead ends on exactly one list, and its end, like the campaign's, is told once.
func TestCampaignKilledAnywhere(t *testing.T) {
	const leads = 240
	book := phonesim.Book{Seed: 11, Mix: []phonesim.Share{{Weight: 3, Profile: ringsOut}, {Weight: 1, Profile: busy},
		{Weight: 1, Profile: unknown}, {Weight: 3, Profile: talks}, {Weight: 1, Profile: later}}}
	for seed := range uint64(2) {
		t.Run(fmt.Sprint("seed", seed), func(t *testing.T) {
			t.Parallel() // they mostly wait for the disk
			w := newTown(t, leads, 30, book)
			random := rand.New(rand.NewPCG(seed, 1))
			left, kills := 0, 0
			w.step = func() {
				if left--; left == 0 {
					panic(killed{})
				}
			}
			for over := false; !over; {
				if left = 0; kills < 25 {
					left = 1 + random.IntN(400)
				}
				if over, _ = w.live(); !over {
					kills++
					w.crash(kills)
				}
			}
			t.Logf("killed %d times, %d calls until %v", kills, len(w.rung), w.Now())
			if kills < 3 {
				t.Errorf("killed only %d times", kills)
			}
			w.checkEnds(leads)
			w.checkTold()
			// Started once more for nothing: nobody is called, nothing is told.
			w.now = w.Now()
			calls := len(w.rung)
			if over, _ := w.live(); !over || len(w.rung) != calls {
				t.Errorf("over %v, %d more calls", over, len(w.rung)-calls)
			}
			w.checkTold()
		})
	}
}

func (w *town) checkEnds(leads int) {
	t := w.t
	t.Helper()
	all := w.leads()
	if len(all) != leads {
		t.Fatalf("%d leads", len(all))
	}
	lists, recorded := map[string]int{}, map[dialer.AttemptID]bool{}
	for _, l := range all {
		lists[l.List]++
		history, err := w.db.Attempts(t.Context(), l.ID)
		must(t, err)
		if l.State != dialer.LeadDone || l.List == "" || l.Attempts != len(history) || l.Attempts > townPlan.Retry.Total {
			t.Errorf("lead %d is %s on %q after %d attempts of %d", l.ID, l.State, l.List, l.Attempts, len(history))
		}
		for i, a := range history {
			recorded[a.ID] = true
			if a.State != dialer.AttemptEnded || a.Number != i+1 {
				t.Errorf("attempt %d, no. %d of lead %d, is %s and numbered %d", a.ID, i+1, l.ID, a.State, a.Number)
			}
			if a.Result.List != "" && i != len(history)-1 {
				t.Errorf("lead %d was called again after it had ended on %s", l.ID, a.Result.List)
			}
		}
	}
	for id := range w.rung {
		if !recorded[id] {
			t.Errorf("attempt %d left and is not recorded", id)
		}
	}
	totals, err := w.db.Totals(t.Context(), "c")
	must(t, err)
	if totals.Open() != 0 || totals.Up != 0 || !maps.Equal(totals.Lists, lists) || totals.Attempts != len(recorded) {
		t.Errorf("%+v; lists %v, %d attempts", totals, lists, len(recorded))
	}
}

// checkTold: each lead's end once, the campaign's end once.
func (w *town) checkTold() {
	t := w.t
	t.Helper()
	for _, l := range w.leads() {
		sent, err := w.db.Deliveries(t.Context(), l.ID)
		must(t, err)
		ends := 0
		for _, d := range sent {
			if d.Type == string(dialer.NoticeLeadFinished) {
				ends++
			}
		}
		if ends != 1 {
			t.Errorf("the end of lead %d is told %d times", l.ID, ends)
		}
	}
	if n := w.campaignEnds(); n != 1 {
		t.Errorf("the end of the campaign is told %d times", n)
	}
}

// campaignEnds counts the campaign's own events: they wait for nobody.
func (w *town) campaignEnds() (n int) {
	due, _, err := w.db.Pending(w.t.Context(), store.Lane{Kind: store.KindWebhook}, w.Now(), 5000)
	must(w.t, err)
	for _, d := range due {
		if d.Lead == 0 {
			n++
		}
	}
	return n
}
