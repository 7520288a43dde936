package phonesim_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"dozvon/dialer"
	"dozvon/dialer/loop"
	"dozvon/dialer/phonesim"
)

// monday is 10:00 in Moscow on a working day.
var monday = at("2025-09-01T10:00:00+03:00")

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

func weekdays(from, to int) dialer.Window {
	return dialer.Window{Days: [7]bool{1: true, 2: true, 3: true, 4: true, 5: true},
		Spans: []dialer.Span{{From: from * 60, To: to * 60}}, Default: "Europe/Moscow"}
}

// world is a campaign on virtual time.
type world struct {
	*phonesim.Network
	ledger *phonesim.Ledger
	loop   *loop.Loop
}

func newWorld(start time.Time, book phonesim.Book, talk phonesim.Talk, leads []dialer.Lead, trunk dialer.TrunkLimits, campaigns ...dialer.Campaign) *world {
	w := &world{Network: phonesim.NewNetwork(start, book), ledger: phonesim.NewLedger(leads...)}
	w.Talk = talk
	w.loop = loop.New(loop.Config{Engine: dialer.New(), Ledger: w.ledger, Caller: w, Clock: w})
	w.Attach(w.loop.Post)
	w.loop.Post(dialer.SetTrunk{Trunk: trunk})
	for _, c := range campaigns {
		w.loop.Post(dialer.AddCampaign{Campaign: c})
	}
	return w
}

func (w *world) run(t testing.TB) {
	t.Helper()
	if err := w.loop.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func people(campaign string, n int) []dialer.Lead {
	leads := make([]dialer.Lead, n)
	for i := range leads {
		leads[i] = dialer.Lead{ID: dialer.LeadID(i + 1), Campaign: campaign,
			Phone: fmt.Sprintf("+7900%07d", i), Zone: "Europe/Moscow"}
	}
	return leads
}

func coldBase() dialer.RetryPlan {
	return dialer.RetryPlan{
		Total: 12,
		Rules: []dialer.RetryRule{
			{On: []dialer.Disposition{dialer.Unreachable, dialer.Invalid}, InARow: true,
				Days: []dialer.RetryDay{{Attempts: 3, Every: 2 * time.Hour}}, Finish: "unavailable"},
			{On: []dialer.Disposition{dialer.NoAnswer, dialer.Busy, dialer.Declined},
				Days: []dialer.RetryDay{
					{Attempts: 3, Every: 2 * time.Hour, Then: []dialer.Effect{{Kind: dialer.EffectSMS, Name: "offer"}}},
					{Attempts: 2, Every: 3 * time.Hour}},
				Finish: "not_interested"},
		},
	}
}

func answersWith(key string) phonesim.Profile {
	return phonesim.Profile{Name: "presses " + key, Kind: phonesim.Answers, Ring: 8 * time.Second,
		Steps: []phonesim.Step{{Listen: 20 * time.Second}, {Press: key}, {Wait: 3 * time.Second}}}
}

// Section 3 at full size: 25,000 contacts in five days.
func TestColdBaseOf25000InFiveDays(t *testing.T) {
	book := phonesim.Book{Seed: 1, Mix: []phonesim.Share{
		{Weight: 38, Profile: phonesim.Profile{Kind: phonesim.SwitchedOff, Ring: 2 * time.Second}},
		{Weight: 20, Profile: phonesim.Profile{Kind: phonesim.RingsOut}},
		{Weight: 35, Profile: answersWith("3")},
		{Weight: 7, Profile: answersWith("1")},
	}}
	talk := phonesim.ByKey(map[string]dialer.Result{"1": {List: "interested"}, "3": {List: "mailing"}, "": {List: "mailing"}})
	w := newWorld(monday, book, talk, people("cold", 25000), dialer.TrunkLimits{Name: "t", Lines: 60, CPS: 5},
		dialer.Campaign{Name: "cold", Retry: coldBase(), Window: weekdays(10, 20)})
	began := time.Now()
	w.run(t)
	t.Logf("%d attempts in %v; ended %v; peak %d lines; %v", len(w.ledger.Attempts), time.Since(began), w.Now(), w.Peak, w.ledger.Lists("cold"))
	if w.Now().After(monday.AddDate(0, 0, 5)) {
		t.Errorf("ended %v, want within five days", w.Now())
	}
}
