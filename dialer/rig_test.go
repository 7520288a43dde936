package dialer

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"
)

// rig drives an engine by hand: tests answer its fetches with the leads they
// name and read the commands of the last event.
type rig struct {
	*Engine
	t       testing.TB
	at      time.Time
	out     []Command
	fetched []string // campaigns whose Fetch awaits its answer
	nextID  AttemptID
}

func newRig(t testing.TB, trunk TrunkLimits, campaigns ...Campaign) *rig {
	r := &rig{Engine: New(), t: t, at: wednesday, nextID: 100}
	r.send(SetTrunk{trunk})
	for _, c := range campaigns {
		r.send(AddCampaign{c})
	}
	return r
}

// send gives the engine an event and keeps what it wants. Ids are granted at once.
func (r *rig) send(ev Event) {
	r.t.Helper()
	r.out = nil
	r.take(r.Handle(r.at, ev))
}

func (r *rig) take(commands []Command) {
	for _, c := range commands {
		r.out = append(r.out, c)
		switch c := c.(type) {
		case Fetch:
			r.fetched = append(r.fetched, c.Campaign)
		case Reserve:
			r.nextID += AttemptID(c.N)
			r.take(r.Handle(r.at, Reserved{First: r.nextID - AttemptID(c.N), N: c.N}))
		}
	}
}

// due answers the outstanding fetch of a campaign; other campaigns get nothing.
func (r *rig) due(campaign string, leads ...Lead) {
	r.t.Helper()
	r.answer(Due{Campaign: campaign, Leads: leads, Open: max(len(leads), 1)})
}

// answer answers every outstanding fetch, the named ones with these answers.
// Later fetches of the same round are told that there is nothing more.
func (r *rig) answer(dues ...Due) {
	r.t.Helper()
	r.out = nil
	for range 20 {
		if len(r.fetched) == 0 {
			return
		}
		name := r.fetched[0]
		r.fetched = r.fetched[1:]
		d := Due{Campaign: name, Open: 1}
		if i := slices.IndexFunc(dues, func(d Due) bool { return d.Campaign == name }); i >= 0 {
			d = dues[i]
			dues = slices.Delete(dues, i, i+1)
		}
		r.take(r.Handle(r.at, d))
	}
	r.t.Fatal("the engine fetches without end")
}

func (r *rig) pass(d time.Duration) { r.at = r.at.Add(d) }

func (r *rig) end(id AttemptID, res Result) {
	r.t.Helper()
	r.send(Ended{Attempt: id, At: r.at, Result: res})
}

func (r *rig) ids() []AttemptID { return slices.Sorted(maps.Keys(r.flights)) }

func (r *rig) state(campaign string) CampaignState { return r.campaigns[campaign].state }

// placed names the leads of the last event's Place commands.
func (r *rig) placed() string {
	s := ""
	for _, p := range of[Place](r.out) {
		s += fmt.Sprint(p.Lead.ID, " ")
	}
	return s
}

// of returns the commands of one kind.
func of[T Command](commands []Command) []T {
	var found []T
	for _, c := range commands {
		if v, ok := c.(T); ok {
			found = append(found, v)
		}
	}
	return found
}

func plainCampaign(name string) Campaign {
	return Campaign{Name: name, Window: workdays(hours(10, 20)...), Retry: RetryPlan{Rules: []RetryRule{
		{On: misses, Days: []RetryDay{{Attempts: 3, Every: time.Hour}}, Finish: "no_answer"}}}}
}

func ready(id LeadID) Lead {
	return Lead{ID: id, Phone: fmt.Sprintf("+7900%07d", id), State: LeadReady}
}

func promised(id LeadID, t time.Time) Lead {
	l := ready(id)
	l.State, l.Promised, l.NextAt = LeadWaiting, true, t
	return l
}
