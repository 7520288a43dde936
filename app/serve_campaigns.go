package app

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"dozvon/dialer"
	"dozvon/store"
	"dozvon/web"
)

// plan is a campaign as the engine was told of it.
func (s *station) plan(p plan) dialer.Campaign {
	c := p.scenario.Campaign(p.name)
	c.Lines, c.Trunks, c.Resident = p.lines, p.trunks, p.resident
	c.Ceiling = ceiling(s.cfg)
	return c
}

// Campaigns lists every campaign as it stands.
func (s service) Campaigns(ctx context.Context) ([]web.CampaignStatus, error) {
	out := []web.CampaignStatus{}
	status := s.loop.Snapshot(ctx).Status
	for _, name := range slices.Sorted(maps.Keys(s.plans)) {
		c, err := s.status(ctx, name, status)
		if err != nil {
			return nil, webError(err)
		}
		out = append(out, c)
	}
	return out, nil
}

// Campaign returns one campaign as it stands.
func (s service) Campaign(ctx context.Context, name string) (web.CampaignStatus, error) {
	if _, ok := s.plans[name]; !ok {
		return web.CampaignStatus{}, fmt.Errorf("%w: there is no campaign %q; GET /api/v1/campaigns lists them", web.ErrNotFound, name)
	}
	c, err := s.status(ctx, name, s.loop.Snapshot(ctx).Status)
	return c, webError(err)
}

// status joins what the store counts with what the engine knows.
func (s service) status(ctx context.Context, name string, now dialer.Status) (web.CampaignStatus, error) {
	p := s.plans[name]
	t, err := s.db.Totals(ctx, name)
	if err != nil {
		return web.CampaignStatus{}, err
	}
	c := web.CampaignStatus{Name: name, Scenario: p.scenario.Name, Lines: s.lines(p),
		Leads: map[string]int{}, Lists: t.Lists, Calls: map[string]int{}}
	for state, n := range t.States {
		c.Leads[string(state)] = n
	}
	for d, n := range t.Dispositions {
		c.Calls[string(d)] = n
	}
	answered, abandoned := t.Dispositions[dialer.Answered], t.Dispositions[dialer.Abandoned]
	c.ASR = share(answered+abandoned+t.Dispositions[dialer.Machine], t.Attempts) / 100
	c.Abandon = share(abandoned, answered+abandoned) / 100
	for _, st := range now.Campaigns {
		if st.Name == name {
			c.State, c.Reason, c.CallsUp = st.State, st.Reason, st.Up
		}
	}
	c.Held = explain(now.Explain(s.plan(p))).Reasons
	return c, nil
}

// lines is how many calls of a campaign can be up at once: what its trunks
// carry, or fewer if it has a limit of its own.
func (s *station) lines(p plan) int {
	n := 0
	for _, t := range s.cfg.Trunks {
		if slices.Contains(p.trunks, t.Name) {
			n += t.Lines
		}
	}
	if p.lines > 0 {
		n = min(n, p.lines)
	}
	return n
}

// Pause stops new calls of a campaign.
func (s service) Pause(ctx context.Context, name string) error {
	return s.steer(ctx, name, pausedByUser, dialer.Pause{Campaign: name, Reason: dialer.PauseUser}, dialer.CampaignRunning, dialer.CampaignPaused)
}

// Resume lets a campaign call again.
func (s service) Resume(ctx context.Context, name string) error {
	return s.steer(ctx, name, resumedByUser, dialer.Resume{Campaign: name}, dialer.CampaignPaused, dialer.CampaignRunning)
}

// What a user last said of a campaign. It is kept apart from the campaign's
// state, as a stop of the service changes that.
const (
	pausedByUser  = "paused"
	resumedByUser = "resumed"
)

// wordOf names the setting that holds a user's last word.
func wordOf(campaign string) string { return "campaign:" + campaign }

// held reports whether a campaign begins paused: by a user's last word, or by
// the configuration if no user has said anything yet.
func held(ctx context.Context, db *store.Store, name string, configured bool) (bool, error) {
	word, said, err := db.Setting(ctx, wordOf(name))
	if err != nil || !said {
		return configured, err
	}
	return word == pausedByUser, nil
}

// Drain ends a campaign with the calls that are up.
func (s service) Drain(ctx context.Context, name string) error {
	return s.steer(ctx, name, "", dialer.Drain{Campaign: name}, dialer.CampaignRunning, dialer.CampaignPaused, dialer.CampaignDraining)
}

// steer posts an event if the campaign's state is one of from. A word is kept
// for the next start.
func (s service) steer(ctx context.Context, name, word string, ev dialer.Event, from ...dialer.CampaignState) error {
	c, err := s.Campaign(ctx, name)
	if err != nil {
		return err
	}
	if !slices.Contains(from, c.State) {
		return fmt.Errorf("%w: the campaign %s is %s", web.ErrConflict, name, c.State)
	}
	if word != "" {
		if err := s.db.SetSetting(ctx, wordOf(name), word); err != nil {
			return webError(err)
		}
	}
	s.loop.Post(ev)
	return nil
}

// Ready says whether the service can do its work.
func (s service) Ready(ctx context.Context) []web.Check {
	checks := []web.Check{{Name: "store", OK: true}}
	if err := s.db.SetSetting(ctx, "ready", "yes"); err != nil {
		checks[0] = web.Check{Name: "store", Text: err.Error()}
	}
	for _, t := range s.loop.Snapshot(ctx).Trunks {
		up := t.State == dialer.TrunkUp || t.State == dialer.TrunkProbing
		c := web.Check{Name: "trunk:" + t.Name, OK: up}
		if !up {
			c.Text = "the trunk is " + string(t.State) + " (" + string(t.Why) + ")"
			if t.Text != "" {
				c.Text += ": " + t.Text
			}
		}
		checks = append(checks, c)
	}
	return checks
}
