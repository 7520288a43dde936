package phonesim_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dozvon/dialer"
	"dozvon/dialer/loop"
	"dozvon/dialer/phonesim"
)

// placed is a call as it left: the lead as it stood then.
type placed struct {
	dialer.Attempt
	lead dialer.Lead
}

// recorder is a caller that notes what leaves.
type recorder struct {
	*phonesim.Network
	calls []placed
}

func (r *recorder) Place(a dialer.Attempt, l dialer.Lead) {
	r.calls = append(r.calls, placed{a, l})
	r.Network.Place(a, l)
}

// town is a random set of campaigns, leads, people and trunks.
type town struct {
	campaigns map[string]dialer.Campaign
	trunks    map[string]dialer.TrunkLimits
	ledger    *phonesim.Ledger
	recorder  *recorder
}

var townZones = []string{"Europe/Moscow", "Asia/Vladivostok", "America/New_York", "", "no/zone"}

func drawTown(t *rapid.T) *town {
	start := at("2025-10-24T05:00:00Z").Add(time.Duration(rapid.IntRange(0, 3*86400).Draw(t, "start")) * time.Second)
	w := &town{campaigns: map[string]dialer.Campaign{}, trunks: map[string]dialer.TrunkLimits{}, ledger: phonesim.NewLedger()}
	book := phonesim.Book{Seed: rapid.Uint64().Draw(t, "seed"), Mix: []phonesim.Share{
		{Weight: 3, Profile: silent}, {Weight: 2, Profile: off}, {Weight: 1, Profile: machine}, {Weight: 1, Profile: noSuch},
		{Weight: 3, Profile: answersWith("1")}, {Weight: 6, Profile: answersWith("3")}, {Weight: 1, Profile: answersWith("")},
	}}
	w.recorder = &recorder{Network: phonesim.NewNetwork(start, book)}
	w.recorder.Talk = drawTalk(t)
	l := loop.New(loop.Config{Engine: dialer.New(), Ledger: w.ledger, Caller: w.recorder, Clock: w.recorder})
	w.recorder.Attach(l.Post)
	for i := range rapid.IntRange(1, 2).Draw(t, "trunks") {
		tr := dialer.TrunkLimits{Name: fmt.Sprint("t", i), Lines: rapid.IntRange(1, 6).Draw(t, "lines"),
			CPS: rapid.SampledFrom([]float64{0, 0.02, 0.1, 1, 120}).Draw(t, "cps")}
		w.trunks[tr.Name] = tr
		l.Post(dialer.SetTrunk{Trunk: tr})
	}
	id := dialer.LeadID(0)
	for i := range rapid.IntRange(1, 3).Draw(t, "campaigns") {
		c := drawCampaign(t, fmt.Sprint("c", i))
		w.campaigns[c.Name] = c
		for range rapid.IntRange(0, 25).Draw(t, "leads") {
			id++
			w.ledger.Add(dialer.Lead{ID: id, Campaign: c.Name, Zone: rapid.SampledFrom(townZones).Draw(t, "zone"),
				Phone: fmt.Sprintf("+7900%07d", rapid.IntRange(0, 40).Draw(t, "phone"))})
		}
		l.Post(dialer.AddCampaign{Campaign: c})
	}
	if err := l.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w
}

// drawTalk makes people who ask to be called later, some of them at night.
func drawTalk(t *rapid.T) phonesim.Talk {
	in := time.Duration(rapid.IntRange(0, 20*3600).Draw(t, "later")) * time.Second
	return func(c phonesim.Call) (time.Duration, dialer.Result) {
		took, r := phonesim.ByKey(map[string]dialer.Result{"1": {List: "yes"}, "3": {}})(c)
		if r.Keys == "3" && c.Attempt.Number < 4 {
			r.Promise = c.At.Add(took + in)
		}
		return took, r
	}
}

func drawCampaign(t *rapid.T, name string) dialer.Campaign {
	from := rapid.IntRange(0, 20).Draw(t, "from")
	w := weekdays(from, from+rapid.IntRange(1, 4).Draw(t, "long"))
	w.Days = [7]bool{true, true, true, true, true, true, rapid.Bool().Draw(t, "saturday")}
	p, err := dialer.PolicyByName(rapid.SampledFrom([]string{"", "", "us", "ru-collection"}).Draw(t, "policy"))
	if err != nil {
		t.Fatal(err)
	}
	c := dialer.Campaign{Name: name, Window: w, Policy: p, Retry: coldBase(), Lines: rapid.SampledFrom([]int{0, 0, 1, 3}).Draw(t, "campaign lines")}
	c.Retry.PerDay = rapid.IntRange(0, 3).Draw(t, "per day")
	if w.NextOpen(at("2025-10-24T05:00:00Z"), "").IsZero() || p.Hours != nil && (from < 9 || from > 19) {
		c.Policy = dialer.Policy{} // the two would never be open together
	}
	return c
}

func TestAnyTownKeepsEveryRule(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawTown(t)
		w.checkEnds(t)
		w.checkHours(t)
		w.checkLines(t)
		w.checkPace(t)
		w.checkCaps(t)
		w.checkPromises(t)
	})
}

// checkEnds: every lead ends on exactly one list, told once; every attempt
// ended once (the ledger itself refuses a second end).
func (w *town) checkEnds(t *rapid.T) {
	finished := map[dialer.LeadID]int{}
	for _, n := range w.ledger.Told {
		if n.Notice.Type == dialer.NoticeLeadFinished {
			finished[n.Lead]++
		}
	}
	for _, l := range w.ledger.Leads() {
		if l.State != dialer.LeadDone || l.List == "" || finished[l.ID] != 1 {
			t.Fatalf("lead %d: %s on %q, told %d times", l.ID, l.State, l.List, finished[l.ID])
		}
		if total := w.campaigns[l.Campaign].Retry.Total; l.Attempts > total || l.Attempts != len(w.ledger.Calls(l.ID)) {
			t.Fatalf("lead %d: %d attempts counted of %d, the total is %d", l.ID, l.Attempts, len(w.ledger.Calls(l.ID)), total)
		}
	}
	for _, a := range w.ledger.Attempts {
		if a.State != dialer.AttemptEnded {
			t.Fatalf("attempt %d is %s", a.ID, a.State)
		}
	}
}

// checkHours: no call outside window and law, in the person's own zone.
func (w *town) checkHours(t *rapid.T) {
	for _, p := range w.recorder.calls {
		c := w.campaigns[p.Campaign]
		zone := p.lead.Zone
		if dialer.Location(zone) == nil {
			zone = "Europe/Moscow"
		}
		if !c.Window.Open(p.Placed, zone) || c.Policy.Hours != nil && !c.Policy.Hours.Open(p.Placed, zone) {
			t.Fatalf("attempt %d in %s at %v", p.ID, zone, p.Placed)
		}
	}
}

// upAt counts the calls up just after a moment, of a trunk or a campaign.
func (w *town) upAt(m time.Time, of func(dialer.Attempt) bool) int {
	n := 0
	for _, p := range w.recorder.calls {
		if a := w.ledger.Attempts[p.ID]; of(a) && !a.Placed.After(m) && a.Ended.After(m) {
			n++
		}
	}
	return n
}

func onTrunk(name string) func(dialer.Attempt) bool {
	return func(a dialer.Attempt) bool { return a.Trunk == name }
}

// checkLines: at no call's start are more up than there are lines, and no phone
// is in two calls.
func (w *town) checkLines(t *rapid.T) {
	for _, p := range w.recorder.calls {
		if n := w.upAt(p.Placed, onTrunk(p.Trunk)); n > w.trunks[p.Trunk].Lines {
			t.Fatalf("%d calls on %s", n, p.Trunk)
		}
		lines := w.campaigns[p.Campaign].Lines
		if n := w.upAt(p.Placed, func(a dialer.Attempt) bool { return a.Campaign == p.Campaign }); lines > 0 && n > lines {
			t.Fatalf("%d calls of %s on %d lines", n, p.Campaign, lines)
		}
		if n := w.upAt(p.Placed, func(a dialer.Attempt) bool { return a.Phone == p.Phone }); n > 1 {
			t.Fatalf("%d calls at once to %s", n, p.Phone)
		}
	}
}

// checkPace: never more than rate × time + burst on a trunk.
func (w *town) checkPace(t *rapid.T) {
	last := map[string][]time.Time{}
	for _, p := range w.recorder.calls {
		cps := w.trunks[p.Trunk].CPS
		if cps == 0 {
			continue
		}
		before := last[p.Trunk]
		for i, first := range before {
			if n, limit := len(before)-i+1, p.Placed.Sub(first).Seconds()*cps+max(1, cps/10)+1e-6; float64(n) > limit {
				t.Fatalf("%d calls in %v on %s at %v a second", n, p.Placed.Sub(first), p.Trunk, cps)
			}
		}
		last[p.Trunk] = append(before, p.Placed)
	}
}

// checkCaps: answered calls to a phone before each call are below the policy's
// caps, calls to a lead a day within the plan's.
func (w *town) checkCaps(t *rapid.T) {
	for _, p := range w.recorder.calls {
		c := w.campaigns[p.Campaign]
		loc := dialer.Location(p.lead.Zone)
		if loc == nil {
			loc = dialer.Location("Europe/Moscow")
		}
		day, answered, today := p.Placed.In(loc).Format(time.DateOnly), 0, 0
		for _, a := range w.ledger.Attempts {
			if a.Phone == p.Phone && a.Answered.Before(p.Placed) && a.Answered.In(loc).Format(time.DateOnly) == day {
				answered++
			}
			if a.Lead == p.Lead && a.Placed.In(loc).Format(time.DateOnly) == day {
				today++
			}
		}
		if c.Policy.PerDay > 0 && answered >= c.Policy.PerDay {
			t.Fatalf("attempt %d is placed after %d answered calls that day", p.ID, answered)
		}
		if c.Retry.PerDay > 0 && today > c.Retry.PerDay {
			t.Fatalf("%d calls to lead %d on %s", today, p.Lead, day)
		}
	}
}

// checkPromises: a promised call leaves within a second of its moment, or all
// lines are in use, or the trunk's rate goes to calls that were promised too;
// and no other lead is called while one waits.
func (w *town) checkPromises(t *rapid.T) {
	for _, p := range w.recorder.calls {
		if !p.lead.Promised {
			continue
		}
		if p.Placed.Before(p.lead.NextAt) {
			t.Fatalf("attempt %d leaves %v before its promise", p.ID, p.lead.NextAt.Sub(p.Placed))
		}
		if w.campaigns[p.Campaign].Lines > 0 || p.Placed.Sub(p.lead.NextAt) <= time.Second {
			continue
		}
		for _, q := range w.recorder.calls {
			if !q.lead.Promised && !q.Placed.Before(p.lead.NextAt) && q.Placed.Before(p.Placed) {
				t.Fatalf("attempt %d of an ordinary lead leaves at %v while %d, placed at %v, waits for its promise of %v (made %v)",
					q.ID, q.Placed, p.ID, p.Placed, p.lead.NextAt, w.promisedAt(p))
			}
		}
		for name, trunk := range w.trunks {
			if w.busy(trunk, p.lead.NextAt.Add(time.Second), w.promisedAt(p)) {
				continue
			}
			t.Fatalf("attempt %d is %v late though %s was free", p.ID, p.Placed.Sub(p.lead.NextAt), name)
		}
	}
}

// promisedAt is when the promise was made that a call keeps.
func (w *town) promisedAt(p placed) (made time.Time) {
	for _, a := range w.ledger.Calls(p.Lead) {
		if a.ID < p.ID && !a.Result.Promise.IsZero() {
			made = a.Ended
		}
	}
	return made
}

// busy reports whether a trunk could not take a call at a moment: all lines in
// use, or its rate used up by calls that were promised too or that left before
// the promise was known.
func (w *town) busy(trunk dialer.TrunkLimits, m, known time.Time) bool {
	if w.upAt(m, onTrunk(trunk.Name)) >= trunk.Lines {
		return true
	}
	if trunk.CPS == 0 {
		return false
	}
	interval := time.Duration(float64(time.Second) / trunk.CPS)
	return slices.ContainsFunc(w.recorder.calls, func(q placed) bool {
		return q.Trunk == trunk.Name && (q.lead.Promised || !q.Placed.After(known)) && q.Placed.After(m.Add(-interval)) && !q.Placed.After(m)
	})
}
