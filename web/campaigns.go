package web

import (
	"context"
	"net/http"
)

type campaignInput struct {
	Campaign string `path:"name" maxLength:"100"`
}

func (a *api) campaignRoutes() {
	many(a, a.describe(opListCampaigns, http.MethodGet, "/api/v1/campaigns", "campaigns", "Every campaign and how it stands"),
		func(ctx context.Context, _ *struct{}) ([]CampaignStatus, error) {
			list, err := a.c.Campaigns.Campaigns(ctx)
			out := make([]CampaignStatus, len(list))
			for i, s := range list {
				out[i] = s.whole()
			}
			return out, err
		})
	one(a, a.describe(opGetCampaign, http.MethodGet, "/api/v1/campaigns/{name}", "campaigns", "One campaign and how it stands"), a.campaign)
	a.steer(opPause, "pause", "No new calls; calls that are up go on", a.c.Campaigns.Pause)
	a.steer(opResume, "resume", "Call again after a pause", a.c.Campaigns.Resume)
	a.steer(opDrain, "drain", "No new calls; finish with the calls that are up", a.c.Campaigns.Drain)
}

func (a *api) campaign(ctx context.Context, in *campaignInput) (CampaignStatus, error) {
	s, err := a.c.Campaigns.Campaign(ctx, in.Campaign)
	return s.whole(), err
}

// whole replaces missing counts by empty ones, so that clients find objects.
func (s CampaignStatus) whole() CampaignStatus {
	s.Leads, s.Lists, s.Calls = nonNil(s.Leads), nonNil(s.Lists), nonNil(s.Calls)
	return s
}

// steer registers a step of a campaign. The step is asked for, and its effect
// is seen in the campaign's state.
func (a *api) steer(id operation, verb, summary string, do func(context.Context, string) error) {
	op := a.describe(id, http.MethodPost, "/api/v1/campaigns/{name}/"+verb, "campaigns", summary)
	op.DefaultStatus = http.StatusAccepted
	one(a, op, func(ctx context.Context, in *campaignInput) (CampaignStatus, error) {
		if err := do(ctx, in.Campaign); err != nil {
			return CampaignStatus{}, err
		}
		a.record(ctx, "a campaign was steered", "campaign", in.Campaign, "step", verb)
		return a.campaign(ctx, in)
	})
}
