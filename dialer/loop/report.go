package loop

import (
	"time"

	"dozvon/dialer"
)

// Snapshot is how everything stands at one moment.
type Snapshot struct {
	Now time.Time // on the campaign clock
	Up  int       // calls up
	dialer.Status
}

// Report is what one turn of the loop changed. It is valid during the call of
// Observe only.
type Report struct {
	Now       time.Time
	Up        int // calls up after the turn
	Placed    []dialer.Attempt
	Progress  []dialer.Attempt
	Saved     []dialer.Save // ended attempts and changed leads, committed
	Campaigns []dialer.CampaignChanged
}

func (r *Report) empty() bool {
	return len(r.Placed)+len(r.Progress)+len(r.Saved)+len(r.Campaigns) == 0
}

func (r *Report) reset() {
	clear(r.Placed)
	clear(r.Progress)
	clear(r.Saved)
	*r = Report{Placed: r.Placed[:0], Progress: r.Progress[:0], Saved: r.Saved[:0], Campaigns: r.Campaigns[:0]}
}

// Tally is a change of the totals, as progress displays add them up.
type Tally struct {
	Placed, Ended int
	Lists         map[string]int
	Dispositions  map[dialer.Disposition]int
}

// Tallies returns the changes of the totals by campaign.
func (r Report) Tallies() map[string]Tally {
	all := map[string]Tally{}
	at := func(name string) Tally {
		t, ok := all[name]
		if !ok {
			t = Tally{Lists: map[string]int{}, Dispositions: map[dialer.Disposition]int{}}
		}
		return t
	}
	for _, a := range r.Placed {
		t := at(a.Campaign)
		t.Placed++
		all[a.Campaign] = t
	}
	for _, s := range r.Saved {
		t := at(s.Lead.Campaign)
		if s.Attempt != nil {
			t.Ended++
			t.Dispositions[s.Attempt.Result.Disposition]++
		}
		if s.Lead.State == dialer.LeadDone {
			t.Lists[s.Lead.List]++
		}
		all[s.Lead.Campaign] = t
	}
	return all
}
