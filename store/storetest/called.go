package storetest

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"dozvon/dialer"
	"dozvon/store"
)

// called: calls to a number are found over all campaigns and after a restart,
// those that reached nobody are not among them.
func called(t *testing.T, open Open) {
	s := open(t, store.Options{})
	leads := threeLeads(t, s)
	must(t, s.PutCampaign(bg, store.Campaign{Name: "other", Region: "RU"}, t0))
	twin := get(s.Push(bg, "other", []store.NewLead{{Phone: leads[0].Phone}}, "", t0))(t)[0].Lead
	call := func(id dialer.LeadID, when time.Time, d dialer.Disposition, rang bool) {
		l, a := place(t, s, get(s.Lead(bg, id))(t), when)
		if rang {
			a.Ringing = when.Add(time.Second)
		}
		end(t, s, l, a, when.Add(time.Minute), d, "")
	}
	call(leads[0].ID, at(-25*time.Hour), dialer.NoAnswer, true) // too long ago
	call(twin, at(-20*time.Hour), dialer.Busy, false)
	call(leads[0].ID, at(-3*time.Hour), dialer.Failed, true)
	call(leads[0].ID, at(-2*time.Hour), dialer.Failed, false) // reached nobody
	call(leads[1].ID, at(-time.Hour), dialer.NoAnswer, true)
	place(t, s, get(s.Lead(bg, twin))(t), at(-time.Minute)) // is up
	want := []time.Time{at(-time.Minute), at(-3 * time.Hour), at(-20 * time.Hour)}
	if got := get(s.Called(bg, leads[0].Phone, t0))(t); !slices.EqualFunc(got, want, time.Time.Equal) {
		t.Errorf("got %v, want %v", got, want)
	}
	for _, l := range get(s.Due(bg, "c", t0, 9))(t).Leads {
		n := map[dialer.LeadID]int{leads[0].ID: 3, leads[1].ID: 1}[l.ID]
		if len(l.Called) != n {
			t.Errorf("lead %d: %v", l.ID, l.Called)
		}
	}
	latest := []time.Time{at(-time.Minute), at(-time.Hour), at(-2 * time.Hour)}
	if got := get(s.PlacedSince(bg, at(-150*time.Minute), 9))(t); !slices.EqualFunc(got, latest, time.Time.Equal) {
		t.Errorf("placed since: %v", got)
	}
	if got := get(s.PlacedSince(bg, at(-48*time.Hour), 2))(t); len(got) != 2 {
		t.Errorf("at most two: %v", got)
	}
}

// outside: calls to numbers that are no lead's count like any other, and are
// remembered for a day.
func outside(t *testing.T, open Open) {
	s := open(t, store.Options{})
	leads := threeLeads(t, s)
	const stranger = "+79990000000"
	for _, at := range []time.Time{at(-30 * time.Hour), at(-25 * time.Hour), at(-20 * time.Hour), at(-time.Minute)} {
		must(t, s.PlaceOutside(bg, stranger, at))
		must(t, s.PlaceOutside(bg, leads[0].Phone, at))
	}
	want := []time.Time{at(-time.Minute), at(-20 * time.Hour)}
	if got := get(s.Called(bg, stranger, t0))(t); !slices.EqualFunc(got, want, time.Time.Equal) {
		t.Errorf("got %v, want %v", got, want)
	}
	l, _ := place(t, s, get(s.Lead(bg, leads[0].ID))(t), at(-time.Second))
	want = append([]time.Time{at(-time.Second)}, want...)
	if got := get(s.Called(bg, l.Phone, t0))(t); !slices.EqualFunc(got, want, time.Time.Equal) {
		t.Errorf("with a call as a lead: %v, want %v", got, want)
	}
	latest := []time.Time{at(-time.Second), at(-time.Minute), at(-time.Minute)}
	if got := get(s.PlacedSince(bg, at(-time.Hour), 9))(t); !slices.EqualFunc(got, latest, time.Time.Equal) {
		t.Errorf("placed since: %v", got)
	}
	if got := get(s.PlacedSince(bg, at(-time.Hour), 1))(t); !slices.EqualFunc(got, latest[:1], time.Time.Equal) {
		t.Errorf("the latest: %v", got)
	}
	if get(s.Barred(bg, stranger))(t) {
		t.Error("barred although no list names it")
	}
	get(s.AddDNC(bg, store.Entry{Phone: stranger, AddedAt: t0}))(t)
	if !get(s.Barred(bg, stranger))(t) {
		t.Error("not barred although the list names it")
	}
}

// forbidden: numbers that may not be called become no leads, with a reason.
func forbidden(t *testing.T, open Open) {
	s := open(t, store.Options{Forbidden: func(e164 string) error {
		if strings.HasPrefix(e164, "+7") {
			return nil
		}
		return errors.New("calls to +375 are not allowed")
	}})
	r := importText(t, s, "phone\n89161234501\n+375291234567\n")
	if r.Accepted != 1 || r.Reasons[store.RejectForbidden] != 1 {
		t.Errorf("%+v", r)
	}
	got := get(s.Push(bg, "c", []store.NewLead{{Phone: "+375291234568"}, {Phone: "+79161234568"}}, "", t0))(t)
	if got[0].Status != store.PushInvalid || got[0].Reason != "phone: calls to +375 are not allowed" || got[1].Status != store.PushAccepted {
		t.Errorf("%+v", got)
	}
}
