package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dozvon/dialer"
	"dozvon/store"
)

func campaigns(t *testing.T, open Open) {
	s := open(t, store.Options{})
	_, err := s.Campaign(bg, "c")
	wantErr(t, err, store.ErrNotFound)
	wantErr(t, s.PutCampaign(bg, store.Campaign{}, t0), store.ErrWrongUse)
	must(t, s.PutCampaign(bg, store.Campaign{Name: "c", Hash: "1", Region: "RU", Zone: "Asia/Omsk", Recent: true}, t0))
	must(t, s.SaveCampaign(bg, dialer.CampaignChanged{Campaign: "c", State: dialer.CampaignPaused, Reason: dialer.PauseTrunk}, at(time.Hour)))
	must(t, s.PutCampaign(bg, store.Campaign{Name: "c", Hash: "2", State: dialer.CampaignDraft}, at(2*time.Hour)))
	want := store.Campaign{Name: "c", Hash: "2", State: dialer.CampaignPaused, Reason: dialer.PauseTrunk, CreatedAt: t0, UpdatedAt: at(2 * time.Hour)}
	if got := get(s.Campaign(bg, "c"))(t); got != want {
		t.Fatalf("got %+v, want %+v", got, want)
	}
	must(t, s.SaveCampaign(bg, dialer.CampaignChanged{Campaign: "d", State: dialer.CampaignRunning}, t0))
	if all := get(s.Campaigns(bg))(t); len(all) != 2 || all[1].State != dialer.CampaignRunning {
		t.Fatalf("%+v", all)
	}
}

// dueOrder compares Due with its definition over random leads.
func dueOrder(t *testing.T, open Open) {
	s := open(t, store.Options{})
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		round++
		campaign := fmt.Sprintf("c%d", round)
		must(t, s.PutCampaign(bg, store.Campaign{Name: campaign, Zone: "Europe/Moscow"}, t0))
		n := rapid.IntRange(0, 12).Draw(rt, "leads")
		fresh := make([]store.NewLead, n)
		for i := range fresh {
			fresh[i] = store.NewLead{Phone: fmt.Sprintf("+7916%07d", i), Promised: rapid.Bool().Draw(rt, "promised"),
				NextAt: at(time.Duration(rapid.IntRange(-3, 3).Draw(rt, "next")) * time.Minute)}
		}
		results, err := s.Push(bg, campaign, fresh, "", t0)
		must(t, err)
		var want []dialer.LeadID
		order := func(a, b int) int {
			if fresh[a].Promised != fresh[b].Promised {
				if fresh[a].Promised {
					return -1
				}
				return 1
			}
			return fresh[a].NextAt.Compare(fresh[b].NextAt)
		}
		index := make([]int, n)
		for i := range index {
			index[i] = i
		}
		slices.SortStableFunc(index, order)
		var next, promised time.Time
		for _, i := range index {
			if at := fresh[i].NextAt; !at.After(t0) {
				want = append(want, results[i].Lead)
			} else if next.IsZero() || at.Before(next) {
				next = at
			}
			if at := fresh[i].NextAt; fresh[i].Promised && at.After(t0) && promised.IsZero() {
				promised = at // they are in order
			}
		}
		limit := rapid.IntRange(1, 14).Draw(rt, "limit")
		due := get(s.Due(bg, campaign, t0, limit))(t)
		if got := ids(due.Leads); !slices.Equal(got, want[:min(limit, len(want))]) {
			rt.Fatalf("got %v of %v, limit %d", got, want, limit)
		}
		if due.More != (len(want) > limit) || !due.Next.Equal(next) || !due.NextPromised.Equal(promised) || due.Open != n {
			rt.Fatalf("more %v next %v promised %v open %d; want %v %v %v %d",
				due.More, due.Next, due.NextPromised, due.Open, len(want) > limit, next, promised, n)
		}
	})
}

func dueNextAndOpen(t *testing.T, open Open) {
	s := open(t, store.Options{})
	if due := get(s.Due(bg, "nobody", t0, 5))(t); len(due.Leads) != 0 || due.Open != 0 {
		t.Fatalf("an unknown campaign: %+v", due)
	}
	leads := threeLeads(t, s)
	l, a := place(t, s, leads[0], t0)
	due := get(s.Due(bg, "c", t0, 1))(t)
	if !slices.Equal(ids(due.Leads), []dialer.LeadID{leads[1].ID}) || !due.More || due.Open != 3 || !due.Next.IsZero() {
		t.Fatalf("%+v", due)
	}
	end(t, s, l, a, at(time.Minute), dialer.NoAnswer, "")
	if due := get(s.Due(bg, "c", at(time.Minute), 5))(t); len(due.Leads) != 2 || due.More || !due.Next.Equal(at(61*time.Minute)) {
		t.Fatalf("%+v", due)
	}
	l, a = place(t, s, leads[1], at(time.Minute))
	end(t, s, l, a, at(2*time.Minute), dialer.Answered, "yes")
	if due := get(s.Due(bg, "c", at(61*time.Minute), 5))(t); len(due.Leads) != 2 || due.Open != 2 {
		t.Fatalf("%+v", due)
	}
}

func recent(t *testing.T, open Open) {
	s := open(t, store.Options{})
	leads := threeLeads(t, s)
	call := func(l dialer.Lead, when time.Time, d dialer.Disposition, answered bool) {
		l, a := place(t, s, l, when)
		if answered {
			a.Answered = when.Add(time.Second)
		}
		end(t, s, l, a, when.Add(time.Minute), d, "")
	}
	call(leads[0], at(-40*24*time.Hour), dialer.Answered, true) // too long ago
	call(leads[0], at(-2*24*time.Hour), dialer.Answered, true)
	call(leads[0], at(-25*time.Hour), dialer.Machine, true) // nobody was met
	call(leads[0], at(-24*time.Hour), dialer.NoAnswer, false)
	call(leads[0], at(-2*time.Hour), dialer.Abandoned, true)
	if due := get(s.Due(bg, "c", t0, 5))(t); due.Leads[0].Recent != nil {
		t.Fatal("filled without being asked")
	}
	must(t, s.PutCampaign(bg, store.Campaign{Name: "c", Recent: true}, t0))
	want := []time.Time{at(-2*time.Hour + time.Second), at(-48*time.Hour + time.Second)}
	for _, l := range get(s.Due(bg, "c", t0, 5))(t).Leads {
		if l.ID == leads[0].ID && !slices.EqualFunc(l.Recent, want, time.Time.Equal) {
			t.Fatalf("got %v, want %v", l.Recent, want)
		}
		if l.ID != leads[0].ID && len(l.Recent) > 0 {
			t.Fatalf("calls of another phone: %v", l.Recent)
		}
	}
}

func attemptIDs(t *testing.T, open Open) {
	s := open(t, store.Options{})
	var mu sync.Mutex
	seen := map[dialer.AttemptID]bool{}
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() {
			first, err := s.NextAttemptID(bg, n+1)
			mu.Lock()
			defer mu.Unlock()
			for i := range dialer.AttemptID(n + 1) {
				if err != nil || first < 1 || seen[first+i] {
					t.Errorf("id %d twice, or %v", first+i, err)
				}
				seen[first+i] = true
			}
		})
	}
	wg.Wait()
	_, err := s.NextAttemptID(bg, 0)
	wantErr(t, err, store.ErrWrongUse)
}

func placeIsAllOrNothing(t *testing.T, open Open) {
	s := open(t, store.Options{})
	leads := threeLeads(t, s)
	place(t, s, leads[0], t0)
	id := get(s.NextAttemptID(bg, 2))(t)
	err := s.Place(bg, []dialer.Place{
		{Attempt: dialer.Attempt{ID: id, Number: 1, Placed: t0}, Lead: leads[1]},
		{Attempt: dialer.Attempt{ID: id + 1, Number: 1, Placed: t0}, Lead: leads[0]}, // is being dialled
	})
	var refused *store.RefusedError
	if !errors.As(err, &refused) || !slices.Equal(refused.Refused(), []dialer.LeadID{leads[0].ID}) || refused.States[0] != dialer.LeadDialing {
		t.Fatalf("%v", err)
	}
	if l := get(s.Lead(bg, leads[1].ID))(t); l.State != dialer.LeadReady {
		t.Fatalf("half of the batch was placed: %+v", l)
	}
	// An attempt id is never used twice, whatever the lead.
	if err := s.Place(bg, []dialer.Place{{Attempt: dialer.Attempt{ID: 1, Number: 1, Placed: t0}, Lead: leads[2]}}); err == nil {
		t.Fatal("the id of another attempt was taken")
	}
	if h := get(s.Attempts(bg, leads[1].ID))(t); len(h) != 0 {
		t.Fatalf("%+v", h)
	}
}

func placeSaveRoundTrip(t *testing.T, open Open) {
	s := open(t, store.Options{})
	lead := threeLeads(t, s)[0]
	wantLead := dialer.Lead{ID: lead.ID, Campaign: "c", Phone: "+79161234501", Zone: "Europe/Moscow", State: dialer.LeadReady, NextAt: t0,
		Columns: map[string]string{"phone": "89161234501", "name": "Иван"}}
	if !reflect.DeepEqual(lead, wantLead) {
		t.Fatalf("got %+v, want %+v", lead, wantLead)
	}
	l, a := place(t, s, lead, t0)
	l.Attempts, l.State, l.NextAt, l.Promised, l.Last = 1, dialer.LeadWaiting, at(2*time.Hour), true, dialer.Answered
	l.Answers = map[string]string{"talk": "later"}
	l.Progress = dialer.Progress{Rules: map[int]dialer.RuleProgress{1: {Day: 2, Count: 1, Date: "2026-03-02"}}, Date: "2026-03-02", Today: 1}
	a.State, a.Ringing, a.Answered, a.Ended = dialer.AttemptEnded, at(time.Second), at(2*time.Second), at(time.Minute)
	a.Result = dialer.Result{Cause: dialer.Cause{SIP: 200, Q850: 16, Text: "bye", Local: true}, Disposition: dialer.Answered,
		Verdict: dialer.VerdictHuman, Keys: "13#", Words: []string{"да", "позже"}, Operator: "sip:anna@pbx", Recording: "recordings/1.wav",
		Detail: "fine", Promise: at(2 * time.Hour), Answers: map[string]string{"talk": "later"}, Bridged: true,
		Heard: []dialer.Heard{{Verdict: dialer.VerdictHuman, Label: "x", Cause: "why", Confidence: 0.5, After: time.Second, Early: true, Beep: true}},
		Said: []dialer.Said{{Question: "talk", Label: "yes", Text: "да", Confidence: 0.83, Latency: 300 * time.Millisecond, Engine: "embedded", After: 7 * time.Second, Taken: true},
			{Question: "more", Nothing: true}}}
	must(t, s.Save(bg, []dialer.Save{{Lead: l, Attempt: &a}}))
	if got := get(s.Lead(bg, l.ID))(t); !reflect.DeepEqual(got, l) {
		t.Errorf("lead: got %+v, want %+v", got, l)
	}
	history := get(s.Attempts(bg, l.ID))(t)
	if len(history) != 1 || !reflect.DeepEqual(history[0], a) {
		t.Errorf("attempt: got %+v, want %+v", history, a)
	}
}

func progressNeverReopens(t *testing.T, open Open) {
	s := open(t, store.Options{})
	l, a := place(t, s, threeLeads(t, s)[0], t0)
	up := a
	up.State, up.Ringing = dialer.AttemptRinging, at(time.Second)
	must(t, s.SaveProgress(bg, []dialer.Attempt{up}))
	if h := get(s.Attempts(bg, l.ID))(t); h[0].State != dialer.AttemptRinging || !h[0].Ringing.Equal(up.Ringing) {
		t.Fatalf("%+v", h)
	}
	ended := up
	ended.State = dialer.AttemptEnded
	must(t, s.SaveProgress(bg, []dialer.Attempt{ended})) // only Save ends an attempt
	if r := get(s.OpenAttempts(bg))(t); len(r.Attempts) != 1 {
		t.Fatal("progress ended an attempt")
	}
	end(t, s, l, up, at(time.Minute), dialer.NoAnswer, "")
	up.State = dialer.AttemptTalking
	must(t, s.SaveProgress(bg, []dialer.Attempt{up}))
	if h := get(s.Attempts(bg, l.ID))(t); h[0].State != dialer.AttemptEnded {
		t.Fatal("a late progress reopened the attempt")
	}
}

func recordIsOneTransaction(t *testing.T, open Open) {
	s := open(t, store.Options{})
	leads := threeLeads(t, s)
	l, a := place(t, s, leads[0], t0)
	up := a
	up.State, up.Answered = dialer.AttemptAnswered, at(time.Second)
	ghost := leads[1]
	ghost.ID = 999
	wantErr(t, s.Record(bg, []dialer.Save{{Lead: ghost}}, []dialer.Attempt{up}), store.ErrNotFound)
	if h := get(s.Attempts(bg, l.ID))(t); h[0].State != dialer.AttemptPlaced {
		t.Fatal("half of the batch was recorded")
	}
	done := leads[2]
	done.State, done.List = dialer.LeadDone, "yes"
	must(t, s.Record(bg, []dialer.Save{{Lead: done}}, []dialer.Attempt{up}))
	if h := get(s.Attempts(bg, l.ID))(t); h[0].State != dialer.AttemptAnswered || !h[0].Answered.Equal(up.Answered) {
		t.Fatalf("%+v", h)
	}
	if got := get(s.Lead(bg, done.ID))(t); got.State != dialer.LeadDone {
		t.Fatalf("%+v", got)
	}
}

func recovery(t *testing.T, open Open) {
	s := open(t, store.Options{})
	leads := threeLeads(t, s)
	l0, a0 := place(t, s, leads[0], t0)
	l1, a1 := place(t, s, leads[2], t0)
	end(t, s, l0, a0, at(time.Minute), dialer.Busy, "")
	r := get(s.OpenAttempts(bg))(t)
	if len(r.Attempts) != 1 || len(r.Leads) != 1 || !reflect.DeepEqual(r.Attempts[0], a1) || !reflect.DeepEqual(r.Leads[0], l1) {
		t.Fatalf("got %+v, want %+v of %+v", r, a1, l1)
	}
}

func saveIsAllOrNothing(t *testing.T, open Open) {
	s := open(t, store.Options{})
	leads := threeLeads(t, s)
	done := leads[0]
	done.State, done.List = dialer.LeadDone, "yes"
	ghost := leads[1]
	ghost.ID = 999
	wantErr(t, s.Save(bg, []dialer.Save{{Lead: done}, {Lead: ghost}}), store.ErrNotFound)
	wantErr(t, s.Save(bg, []dialer.Save{{Lead: done, Attempt: &dialer.Attempt{ID: 77}}}), store.ErrNotFound)
	if l := get(s.Lead(bg, done.ID))(t); l.State != dialer.LeadReady {
		t.Fatalf("half of the batch was saved: %+v", l)
	}
}

func totals(t *testing.T, open Open) {
	s := open(t, store.Options{})
	_, err := s.Totals(bg, "c")
	wantErr(t, err, store.ErrNotFound)
	leads := threeLeads(t, s)
	importText(t, s, "phone,name\n12,кто-то\n")
	l, a := place(t, s, leads[0], t0)
	end(t, s, l, a, at(time.Minute), dialer.Answered, "yes")
	l, a = place(t, s, leads[1], t0)
	end(t, s, l, a, at(time.Minute), dialer.Busy, "")
	place(t, s, leads[2], t0)
	want := store.Totals{Leads: 3, Attempts: 2, Up: 1, Rejected: 1, Lists: map[string]int{"yes": 1},
		States:       map[dialer.LeadState]int{dialer.LeadDone: 1, dialer.LeadWaiting: 1, dialer.LeadDialing: 1},
		Dispositions: map[dialer.Disposition]int{dialer.Answered: 1, dialer.Busy: 1}}
	if got := get(s.Totals(bg, "c"))(t); !reflect.DeepEqual(got, want) || got.Open() != 2 {
		t.Fatalf("got %+v, want %+v", got, want)
	}
}

func pages(t *testing.T, open Open) {
	s := open(t, store.Options{})
	leads := threeLeads(t, s)
	must(t, s.PutCampaign(bg, store.Campaign{Name: "d", Zone: "Europe/Moscow"}, t0))
	res := get(s.Push(bg, "d", []store.NewLead{{Phone: "+79161234501", ExternalID: "x1", Partner: "p"}}, "", t0))(t)
	for i, c := range []struct {
		q    store.LeadQuery
		want []dialer.LeadID
	}{
		{store.LeadQuery{}, append(ids(leads), res[0].Lead)},
		{store.LeadQuery{Campaign: "c", Limit: 2}, ids(leads[:2])},
		{store.LeadQuery{Campaign: "c", Limit: 2, After: leads[1].ID}, ids(leads[2:])},
		{store.LeadQuery{Phone: "+79161234501"}, []dialer.LeadID{leads[0].ID, res[0].Lead}},
		{store.LeadQuery{Partner: "p"}, []dialer.LeadID{res[0].Lead}},
		{store.LeadQuery{State: dialer.LeadDone}, nil},
		{store.LeadQuery{Campaign: "nobody"}, nil},
	} {
		if got := ids(get(s.Leads(bg, c.q))(t)); !slices.Equal(got, c.want) {
			t.Errorf("%d: got %v, want %v", i, got, c.want)
		}
	}
	if l := get(s.LeadByExternalID(bg, "d", "x1"))(t); l.ID != res[0].Lead {
		t.Fatalf("%+v", l)
	}
	if p := get(s.LeadPartner(bg, res[0].Lead))(t); p != "p" {
		t.Fatal(p)
	}
	_, err := s.LeadByExternalID(bg, "c", "")
	wantErr(t, err, store.ErrNotFound)
	_, err = s.Lead(bg, 999)
	wantErr(t, err, store.ErrNotFound)
	_, err = s.LeadPartner(bg, 999)
	wantErr(t, err, store.ErrNotFound)
}

// concurrent drives one campaign from many goroutines: every lead is placed
// exactly once, whatever the grouping of commits.
func concurrent(t *testing.T, open Open) {
	s := open(t, store.Options{})
	must(t, s.PutCampaign(bg, store.Campaign{Name: "c", Zone: "Europe/Moscow"}, t0))
	var fresh []store.NewLead
	for i := range 60 {
		fresh = append(fresh, store.NewLead{Phone: fmt.Sprintf("+7916%07d", i)})
	}
	get(s.Push(bg, "c", fresh, "", t0))(t)
	leads := get(s.Leads(bg, store.LeadQuery{Campaign: "c"}))(t)
	won := make([]int, len(leads))
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i, l := range leads {
				id, err := s.NextAttemptID(bg, 1)
				if err == nil {
					err = s.Place(bg, []dialer.Place{{Attempt: dialer.Attempt{ID: id, Number: 1, Trunk: "main", Placed: t0}, Lead: l}})
				}
				var refused *store.RefusedError
				switch {
				case err == nil:
					mu.Lock()
					won[i]++
					mu.Unlock()
				case !errors.As(err, &refused):
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for i, n := range won {
		if n != 1 {
			t.Fatalf("lead %d was placed %d times", leads[i].ID, n)
		}
	}
	if total := get(s.Totals(bg, "c"))(t); total.Up != len(leads) {
		t.Fatalf("%+v", total)
	}
}
