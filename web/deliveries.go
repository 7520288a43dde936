package web

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
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

type replayOutput struct {
	Body struct {
		Replayed int `json:"replayed" doc:"How many are on their way again"`
	}
}

func (a *api) deliveryRoutes() {
	type page struct {
		Body []DeadDelivery `nullable:"false"`
	}
	huma.Register(a.huma, a.describe(opListDead, http.MethodGet, "/api/v1/deliveries/dead", "deliveries", "Events and texts that were given up, by id"),
		func(ctx context.Context, in *deadPage) (*page, error) {
			list, err := a.c.Deliveries.Dead(ctx, in.After, in.Limit)
			if err != nil {
				return nil, a.fail(ctx, err)
			}
			if list == nil {
				list = []DeadDelivery{}
			}
			return &page{Body: list}, nil
		})
	huma.Register(a.huma, a.describe(opReplay, http.MethodPost, "/api/v1/deliveries/replay", "deliveries", "Send dead deliveries again"),
		func(ctx context.Context, in *replayInput) (*replayOutput, error) {
			n, err := a.c.Deliveries.Replay(ctx, in.Body.IDs)
			if err != nil {
				return nil, a.fail(ctx, err)
			}
			a.c.Log.Info("dead deliveries are sent again", "count", n, "token", caller(ctx).name, "request", requestID(ctx))
			out := &replayOutput{}
			out.Body.Replayed = n
			return out, nil
		})
	a.endpointRoutes()
}

type endpointInput struct {
	Name string `path:"name" maxLength:"200"`
}

func (a *api) endpointRoutes() {
	type endpoints struct {
		Body []OffEndpoint `nullable:"false"`
	}
	huma.Register(a.huma, a.describe(opListOff, http.MethodGet, "/api/v1/endpoints/off", "deliveries", "Webhook endpoints that are turned off; their events are kept"),
		func(ctx context.Context, _ *struct{}) (*endpoints, error) {
			list, err := a.c.Deliveries.EndpointsOff(ctx)
			if err != nil {
				return nil, a.fail(ctx, err)
			}
			if list == nil {
				list = []OffEndpoint{}
			}
			return &endpoints{Body: list}, nil
		})
	on := a.describe(opTurnOn, http.MethodPost, "/api/v1/endpoints/{name}/on", "deliveries", "Turn an endpoint on again and send what was kept for it")
	on.DefaultStatus = http.StatusNoContent
	huma.Register(a.huma, on, func(ctx context.Context, in *endpointInput) (*struct{}, error) {
		if err := a.c.Deliveries.TurnOn(ctx, in.Name); err != nil {
			return nil, a.fail(ctx, err)
		}
		a.c.Log.Info("an endpoint was turned on", "endpoint", in.Name, "token", caller(ctx).name, "request", requestID(ctx))
		return nil, nil
	})
}
