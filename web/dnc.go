package web

import (
	"context"
	"net/http"
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
	many(a, a.describe(opListDNC, http.MethodGet, "/api/v1/dnc", "do not call", "Numbers that are never called, in their order"),
		func(ctx context.Context, in *dncPage) ([]DNCEntry, error) {
			return a.c.DNC.ListDNC(ctx, in.After, in.Limit)
		})
	one(a, a.describe(opAddDNC, http.MethodPost, "/api/v1/dnc", "do not call", "Never call a number again"),
		func(ctx context.Context, in *dncAdd) (DNCEntry, error) {
			e, err := a.c.DNC.AddDNC(ctx, in.Body.Phone, in.Body.Reason)
			if err == nil {
				a.record(ctx, "a number was added to the do-not-call list", "phone", maskPhone(e.Phone))
			}
			return e, err
		})
	none(a, a.describe(opRemoveDNC, http.MethodDelete, "/api/v1/dnc/{phone}", "do not call", "A number may be called again"),
		func(ctx context.Context, in *dncRemove) error {
			err := a.c.DNC.RemoveDNC(ctx, in.Phone)
			if err == nil {
				a.record(ctx, "a number was removed from the do-not-call list", "phone", maskPhone(in.Phone))
			}
			return err
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
