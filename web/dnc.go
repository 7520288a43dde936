package web

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// dncPage asks for a page of numbers.
type dncPage struct {
	After string `query:"after" maxLength:"40" doc:"The last number of the page before"`
	Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

type dncAdd struct {
	Body struct {
		Phone  string `json:"phone" minLength:"1" maxLength:"40" doc:"In any usual form"`
		Reason string `json:"reason,omitempty" maxLength:"500" doc:"Why, for those who ask later"`
	}
}

type dncRemove struct {
	Phone string `path:"phone" maxLength:"40"`
}

func (a *api) dncRoutes() {
	type page struct {
		Body []DNCEntry `nullable:"false"`
	}
	huma.Register(a.huma, a.describe(opListDNC, http.MethodGet, "/api/v1/dnc", "do not call", "Numbers that are never called, in their order"),
		func(ctx context.Context, in *dncPage) (*page, error) {
			list, err := a.c.DNC.ListDNC(ctx, in.After, in.Limit)
			if err != nil {
				return nil, a.fail(ctx, err)
			}
			if list == nil {
				list = []DNCEntry{}
			}
			return &page{Body: list}, nil
		})
	huma.Register(a.huma, a.describe(opAddDNC, http.MethodPost, "/api/v1/dnc", "do not call", "Never call a number again"),
		func(ctx context.Context, in *dncAdd) (*struct{ Body DNCEntry }, error) {
			e, err := a.c.DNC.AddDNC(ctx, in.Body.Phone, in.Body.Reason)
			if err != nil {
				return nil, a.fail(ctx, err)
			}
			a.c.Log.Info("a number was added to the do-not-call list", "phone", maskPhone(e.Phone), "token", caller(ctx).name, "request", requestID(ctx))
			return &struct{ Body DNCEntry }{e}, nil
		})
	remove := a.describe(opRemoveDNC, http.MethodDelete, "/api/v1/dnc/{phone}", "do not call", "A number may be called again")
	remove.DefaultStatus = http.StatusNoContent
	huma.Register(a.huma, remove, func(ctx context.Context, in *dncRemove) (*struct{}, error) {
		if err := a.c.DNC.RemoveDNC(ctx, in.Phone); err != nil {
			return nil, a.fail(ctx, err)
		}
		a.c.Log.Info("a number was removed from the do-not-call list", "phone", maskPhone(in.Phone), "token", caller(ctx).name, "request", requestID(ctx))
		return nil, nil
	})
}

// maskPhone keeps the last four digits of a number.
func maskPhone(s string) string {
	b := []byte(s)
	for i := 0; i < len(b)-4; i++ {
		if b[i] != '+' {
			b[i] = '*'
		}
	}
	return string(b)
}
