package app

import (
	"maps"
	"slices"
	"time"

	"dozvon/dialer"
	"dozvon/dialer/loop"
)

// standing is what a progress display shows: arithmetic only, no printing.
type standing struct {
	Started   time.Time // wall clock
	Campaigns []*campaignStanding
	ups       map[int]int // calls up by source of reports
}

// campaignStanding is how one campaign stands.
type campaignStanding struct {
	Name    string         `json:"campaign"`
	Total   int            `json:"leads"`
	Done    int            `json:"done"`
	Calls   int            `json:"calls"`
	Lists   map[string]int `json:"lists"`
	State   string         `json:"state"`
	Reason  string         `json:"reason,omitempty"`
	atStart int            // leads that were done before this run
}

func newStanding(now time.Time) *standing { return &standing{Started: now, ups: map[int]int{}} }

// up is the number of calls that are up.
func (s *standing) up() int {
	n := 0
	for _, v := range s.ups {
		n += v
	}
	return n
}

// add starts watching a campaign as the store has it.
func (s *standing) add(name string, total, done, calls int, lists map[string]int) {
	c := &campaignStanding{Name: name, Total: total, Done: done, atStart: done, Calls: calls, Lists: map[string]int{}}
	maps.Copy(c.Lists, lists)
	s.Campaigns = append(s.Campaigns, c)
}

// apply adds up one turn of a loop; each loop is a source of its own.
func (s *standing) apply(source int, r loop.Report) {
	s.ups[source] = r.Up
	tallies := r.Tallies()
	for _, c := range s.Campaigns {
		t := tallies[c.Name]
		c.Calls += t.Ended
		for list, n := range t.Lists {
			c.Lists[list] += n
			c.Done += n
		}
	}
	for _, changed := range r.Campaigns {
		for _, c := range s.Campaigns {
			if c.Name == changed.Campaign {
				c.State, c.Reason = string(changed.State), string(changed.Reason)
			}
		}
	}
}

// sums returns leads, leads done and leads done in this run.
func (s *standing) sums() (total, done, here int) {
	for _, c := range s.Campaigns {
		total += c.Total
		done += c.Done
		here += c.Done - c.atStart
	}
	return total, done, here
}

// left estimates the time until the last lead is done, from this run's own
// speed; false before there is one.
func (s *standing) left(now time.Time) (time.Duration, bool) {
	total, done, here := s.sums()
	if here == 0 || done >= total {
		return 0, done >= total && total > 0
	}
	each := now.Sub(s.Started) / time.Duration(here)
	return (each * time.Duration(total-done)).Round(time.Second), true
}

// names returns the lists of a campaign, in order.
func (c *campaignStanding) names() []string { return slices.Sorted(maps.Keys(c.Lists)) }

// paused says why a campaign is paused, "" if it is not.
func (c *campaignStanding) paused() string {
	if c.State != string(dialer.CampaignPaused) {
		return ""
	}
	return c.Reason
}
