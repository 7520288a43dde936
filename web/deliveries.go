package web

import (
	"context"
	"net/http"
)

type deadPage struct {
	After int64 `query:"after" minimum:"0" doc:"The last id of the page before"`
	Limit int   `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

type replayInput struct {
	Body struct {
		IDs []int64 `json:"ids" nullable:"true" required:"false" maxItems:"10000" doc:"Dead deliveries; none means all of them"`
	}
}

// Replayed is the answer to a replay.
type Replayed struct {
	Replayed int `json:"replayed" doc:"How many are on their way again"`
}

type endpointInput struct {
	Name string `path:"name" maxLength:"200"`
}

func (a *api) deliveryRoutes() {
	many(a, a.describe(opListDead, http.MethodGet, "/api/v1/deliveries/dead", "deliveries", "Events and texts that were given up, by id"),
		func(ctx context.Context, in *deadPage) ([]DeadDelivery, error) {
			return a.c.Deliveries.Dead(ctx, in.After, in.Limit)
		})
	one(a, a.describe(opReplay, http.MethodPost, "/api/v1/deliveries/replay", "deliveries", "Send dead deliveries again"),
		func(ctx context.Context, in *replayInput) (Replayed, error) {
			n, err := a.c.Deliveries.Replay(ctx, in.Body.IDs)
			if err == nil {
				a.record(ctx, "dead deliveries are sent again", "count", n)
			}
			return Replayed{n}, err
		})
	many(a, a.describe(opListOff, http.MethodGet, "/api/v1/endpoints/off", "deliveries", "Webhook endpoints that are turned off; their events are kept"),
		func(ctx context.Context, _ *struct{}) ([]OffEndpoint, error) {
			return a.c.Deliveries.EndpointsOff(ctx)
		})
	none(a, a.describe(opTurnOn, http.MethodPost, "/api/v1/endpoints/{name}/on", "deliveries", "Turn an endpoint on again and send what was kept for it"),
		func(ctx context.Context, in *endpointInput) error {
			err := a.c.Deliveries.TurnOn(ctx, in.Name)
			if err == nil {
				a.record(ctx, "an endpoint was turned on", "endpoint", in.Name)
			}
			return err
		})
}
