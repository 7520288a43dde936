package store_test

import (
	"maps"
	"math/rand/v2"
	"testing"
	"time"

	"dozvon/dialer"
	"dozvon/dialer/phonesim"
	"dozvon/store"
)

// bar puts a number on the do-not-call list.
func (w *town) bar(phones ...string) {
	w.t.Helper()
	for _, p := range phones {
		_, err := w.db.AddDNC(w.t.Context(), store.Entry{Phone: p, AddedAt: w.Now()})
		must(w.t, err)
	}
}

// finish runs the campaign to its end and looks that everybody agrees on it.
func (w *town) finish() {
	t := w.t
	t.Helper()
	_, last := w.live()
	c, err := w.db.Campaign(t.Context(), "c")
	must(t, err)
	totals, err := w.db.Totals(t.Context(), "c")
	must(t, err)
	if st := last.Campaigns[0]; c.State != dialer.CampaignFinished || totals.Open() != 0 || st.Open != 0 || st.Up != 0 || last.Trunks[0].Up != 0 {
		t.Errorf("stored %s with %+v; the engine says %+v", c.State, totals, last)
	}
	if n := w.campaignEnds(); n != 1 {
		t.Errorf("the end of the campaign is told %d times", n)
	}
}

func (w *town) calls(l dialer.Lead) int {
	history, err := w.db.Attempts(w.t.Context(), l.ID)
	must(w.t, err)
	return len(history)
}

// Numbers join the list after the engine has seen their leads as due and before
// their calls are committed: they are left out, and the rest of the batch and
// the next in turn are called at that very moment.
func TestBarredBeforeTheirCalls(t *testing.T) {
	w := newTown(t, 12, 4, phonesim.Book{Default: busy})
	barred := map[string]bool{phone(1): true, phone(3): true}
	w.onPlace = func([]dialer.Place) { w.bar(phone(1), phone(3)) }
	atOnce := 0
	w.onCall = func(a dialer.Attempt) {
		if a.Placed.Equal(start) {
			atOnce++
		}
		if barred[a.Phone] {
			t.Errorf("%s is called", a.Phone)
		}
	}
	w.finish()
	if atOnce != 4 {
		t.Errorf("%d calls left at once on four lines", atOnce)
	}
	for _, l := range w.leads() {
		switch n := w.calls(l); {
		case barred[l.Phone] && (n != 0 || l.State != dialer.LeadSuppressed || l.List != store.SuppressedList):
			t.Errorf("%+v after %d calls", l, n)
		case !barred[l.Phone] && (n != 4 || l.List != "no_answer"):
			t.Errorf("%+v after %d calls", l, n)
		}
	}
}

// Numbers join the list during their calls: nobody is called again, who said
// yes stays on that list, and the campaign is over with its last call, not at
// the moment for which the engine had put the leads off.
func TestBarredDuringTheirCalls(t *testing.T) {
	w := newTown(t, 20, 20, phonesim.Book{Default: ringsOut, Numbers: map[string][]phonesim.Profile{
		phone(3): {talks}, phone(4): {later}}})
	w.onCall = func(a dialer.Attempt) { w.bar(a.Phone) }
	w.finish()
	if took := w.Now().Sub(start); took > 2*time.Minute {
		t.Errorf("it is over after %v", took)
	}
	for _, l := range w.leads() {
		want := store.SuppressedList
		if l.Phone == phone(3) {
			want = "yes"
		}
		if l.List != want || !l.State.Final() || w.calls(l) != 1 {
			t.Errorf("%+v after %d calls", l, w.calls(l))
		}
	}
}

// Whenever numbers join: none is called afterwards, and the campaign ends.
func TestBarredAtAnyTime(t *testing.T) {
	const leads = 80
	book := phonesim.Book{Seed: 3, Mix: []phonesim.Share{{Weight: 2, Profile: ringsOut}, {Weight: 2, Profile: busy}, {Weight: 1, Profile: talks}, {Weight: 1, Profile: later}}}
	w := newTown(t, leads, 9, book)
	random := rand.New(rand.NewPCG(7, 7))
	barred := map[string]bool{}
	var before map[string]bool // those barred when the calls at hand were committed
	strike := func() {
		if random.IntN(4) == 0 {
			p := phone(random.IntN(leads))
			barred[p] = true
			w.bar(p)
		}
	}
	w.onPlace = func(places []dialer.Place) {
		strike()
		if random.IntN(4) == 0 { // one of these very leads
			p := places[random.IntN(len(places))].Lead.Phone
			barred[p] = true
			w.bar(p)
		}
		before = maps.Clone(barred)
	}
	w.onCall = func(a dialer.Attempt) {
		if before[a.Phone] {
			t.Errorf("%s is called", a.Phone)
		}
		strike()
	}
	w.finish()
	suppressed := 0
	for _, l := range w.leads() {
		if l.State == dialer.LeadSuppressed {
			suppressed++
		}
		if l.State == dialer.LeadSuppressed && !barred[l.Phone] || !l.State.Final() || l.List == "" {
			t.Errorf("%+v", l)
		}
	}
	if suppressed < 10 {
		t.Errorf("only %d leads were suppressed", suppressed)
	}
}
