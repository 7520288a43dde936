package phonesim

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dozvon/dialer"
)

var ctx = context.Background()

func due(g *Ledger, now time.Time, limit int) (ids []dialer.LeadID, d dialer.Due) {
	d, err := g.Due(ctx, "c", now, limit)
	if err != nil {
		panic(err)
	}
	for _, l := range d.Leads {
		ids = append(ids, l.ID)
	}
	return ids, d
}

func TestDueComesPromisedFirstAndByTime(t *testing.T) {
	lead := func(id dialer.LeadID, in time.Duration, promised bool) dialer.Lead {
		return dialer.Lead{ID: id, Campaign: "c", NextAt: noon.Add(in), Promised: promised}
	}
	g := NewLedger(lead(1, -time.Hour, false), lead(2, -2*time.Hour, false), lead(3, -time.Minute, true),
		lead(4, -time.Second, true), lead(5, time.Hour, true), lead(6, time.Minute, false),
		dialer.Lead{ID: 7, Campaign: "other"}, dialer.Lead{ID: 8, Campaign: "c", State: dialer.LeadDone})
	ids, d := due(g, noon, 3)
	if !slices.Equal(ids, []dialer.LeadID{3, 4, 2}) || !d.More || d.Open != 6 {
		t.Errorf("due %v, more %v, open %d", ids, d.More, d.Open)
	}
	if !d.Next.Equal(noon.Add(time.Minute)) || !d.NextPromised.Equal(noon.Add(time.Hour)) {
		t.Errorf("next %v, promised %v", d.Next, d.NextPromised)
	}
	if ids, d = due(g, noon.Add(2*time.Hour), 99); !slices.Equal(ids, []dialer.LeadID{3, 4, 5, 2, 1, 6}) || d.More || !d.Next.IsZero() {
		t.Errorf("later: due %v, more %v, next %v", ids, d.More, d.Next)
	}
}

func TestLedgerIsStrict(t *testing.T) {
	g := NewLedger(dialer.Lead{ID: 1, Campaign: "c", Phone: "+7"})
	first, _ := g.NextAttemptID(ctx, 10)
	if second, _ := g.NextAttemptID(ctx, 1); second != first+10 {
		t.Errorf("blocks from %d and %d", first, second)
	}
	place := func(id dialer.AttemptID, lead dialer.LeadID) error {
		return g.Place(ctx, []dialer.Place{{Attempt: dialer.Attempt{ID: id, Lead: lead, Phone: "+7"}, Lead: dialer.Lead{ID: lead, Campaign: "c", State: dialer.LeadDialing, Phone: "+7"}}})
	}
	end := func(id dialer.AttemptID, s dialer.LeadState) error {
		return g.Save(ctx, []dialer.Save{{Lead: dialer.Lead{ID: 1, Campaign: "c", Phone: "+7", State: s, List: "x"}, Attempt: &dialer.Attempt{ID: id, Lead: 1, Phone: "+7", State: dialer.AttemptEnded, Answered: noon}}})
	}
	for i, step := range []struct {
		do func() error
		ok bool
	}{
		{func() error { return place(first+50, 1) }, false}, // an id nobody reserved
		{func() error { return place(first, 9) }, false},    // no such lead
		{func() error { return place(first, 1) }, true},
		{func() error { return place(first+1, 1) }, false}, // dialing
		{func() error { return end(first+1, dialer.LeadWaiting) }, false},
		{func() error { return end(first, dialer.LeadWaiting) }, true},
		{func() error { return end(first, dialer.LeadWaiting) }, false},
		{func() error { return place(first, 1) }, false}, // the id is used
		{func() error { return place(first+1, 1) }, true},
		{func() error { return end(first+1, dialer.LeadDone) }, true},
		{func() error { return g.Save(ctx, []dialer.Save{{Lead: dialer.Lead{ID: 1, Campaign: "c"}}}) }, false},
		{func() error { return g.Save(ctx, []dialer.Save{{Lead: dialer.Lead{ID: 9}}}) }, false},
	} {
		if err := step.do(); (err == nil) != step.ok {
			t.Errorf("step %d: %v", i, err)
		}
	}
	if _, d := due(g, noon, 1); d.Open != 0 {
		t.Errorf("%d open", d.Open)
	}
	if g.Add(dialer.Lead{ID: 1}) {
		t.Error("a lead was added twice")
	}
}

func TestAnsweredCallsCountForEveryLeadOfThePhone(t *testing.T) {
	g := NewLedger(dialer.Lead{ID: 1, Campaign: "c", Phone: "+7"}, dialer.Lead{ID: 2, Campaign: "c", Phone: "+7"})
	id, _ := g.NextAttemptID(ctx, 1)
	l := g.Lead(1)
	l.State = dialer.LeadDialing
	a := dialer.Attempt{ID: id, Lead: 1, Phone: "+7", State: dialer.AttemptPlaced}
	if err := g.Place(ctx, []dialer.Place{{Attempt: a, Lead: l}}); err != nil {
		t.Fatal(err)
	}
	if r, _ := g.OpenAttempts(ctx); len(r.Attempts) != 1 || r.Leads[0].ID != 1 {
		t.Errorf("open %+v", r)
	}
	a.State, a.Answered, l.State = dialer.AttemptEnded, noon, dialer.LeadDone
	if err := g.Save(ctx, []dialer.Save{{Lead: l, Attempt: &a}}); err != nil {
		t.Fatal(err)
	}
	if _, d := due(g, noon, 9); len(d.Leads) != 1 || len(d.Leads[0].Recent) != 1 || !d.Leads[0].Recent[0].Equal(noon) {
		t.Errorf("due %+v", d.Leads)
	}
}

func TestHeapSorts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.SliceOf(rapid.IntRange(-50, 50)).Draw(t, "in")
		h := heap[int]{less: func(a, b *int) bool { return *a < *b }}
		for _, v := range in {
			h.push(v)
		}
		var out []int
		for h.len() > 0 {
			out = append(out, h.pop())
		}
		slices.Sort(in)
		if fmt.Sprint(in) != fmt.Sprint(out) {
			t.Fatalf("%v became %v", in, out)
		}
	})
}
