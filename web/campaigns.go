package web

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

type campaignInput struct {
	Campaign string `path:"name" maxLength:"100"`
}

func (a *api) campaignRoutes() {
	type campaigns struct {
		Body []CampaignStatus `nullable:"false"`
	}
	huma.Register(a.huma, a.describe(opListCampaigns, http.MethodGet, "/api/v1/campaigns", "campaigns", "Every campaign and how it stands"),
		func(ctx context.Context, _ *struct{}) (*campaigns, error) {
			list, err := a.c.Campaigns.Campaigns(ctx)
			if err != nil {
				return nil, a.fail(ctx, err)
			}
			out := campaigns{Body: make([]CampaignStatus, len(list))}
			for i, s := range list {
				out.Body[i] = s.whole()
			}
			return &out, nil
		})
	huma.Register(a.huma, a.describe(opGetCampaign, http.MethodGet, "/api/v1/campaigns/{name}", "campaigns", "One campaign and how it stands"),
		func(ctx context.Context, in *campaignInput) (*struct{ Body CampaignStatus }, error) {
			s, err := a.c.Campaigns.Campaign(ctx, in.Campaign)
			if err != nil {
				return nil, a.fail(ctx, err)
			}
			return &struct{ Body CampaignStatus }{s.whole()}, nil
		})
	a.steer(opPause, "pause", "No new calls; calls that are up go on", a.c.Campaigns.Pause)
	a.steer(opResume, "resume", "Call again after a pause", a.c.Campaigns.Resume)
	a.steer(opDrain, "drain", "No new calls; finish with the calls that are up", a.c.Campaigns.Drain)
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
	huma.Register(a.huma, op, func(ctx context.Context, in *campaignInput) (*struct{ Body CampaignStatus }, error) {
		if err := do(ctx, in.Campaign); err != nil {
			return nil, a.fail(ctx, err)
		}
		a.c.Log.Info("a campaign was steered", "campaign", in.Campaign, "step", verb, "token", caller(ctx).name, "request", requestID(ctx))
		s, err := a.c.Campaigns.Campaign(ctx, in.Campaign)
		if err != nil {
			return nil, a.fail(ctx, err)
		}
		return &struct{ Body CampaignStatus }{s.whole()}, nil
	})
}
