package web

import (
	"context"
	"net/http"
	"time"

	"dozvon/dialer"
)

// CallUp is a call that is up, as clients see it.
type CallUp struct {
	Attempt    dialer.AttemptID    `json:"attempt" doc:"By which the call is steered"`
	Lead       dialer.LeadID       `json:"lead"`
	Campaign   string              `json:"campaign"`
	Phone      string              `json:"phone" doc:"E.164; masked for operators"`
	State      dialer.AttemptState `json:"state"`
	Since      time.Time           `json:"since,omitzero" doc:"Since when it is in this state"`
	Operator   string              `json:"operator,omitempty" doc:"Who talks with the person"`
	Held       bool                `json:"held" doc:"The person hears music: the operator holds, or a transfer is under way"`
	Transfer   string              `json:"transfer,omitempty" doc:"Who is being called to take over"`
	Supervisor string              `json:"supervisor,omitempty" doc:"Who listens in"`
	Mode       string              `json:"mode,omitempty" enum:"listen,whisper,barge" doc:"Of the supervisor"`
}

type callInput struct {
	Attempt int64 `path:"attempt" minimum:"1"`
}

type superviseInput struct {
	Attempt int64 `path:"attempt" minimum:"1"`
	Body    struct {
		Address string `json:"address" minLength:"1" maxLength:"255" doc:"The supervisor's: an account registered here, or a SIP address of a group of operators"`
		Mode    string `json:"mode" enum:"listen,whisper,barge" doc:"listen: heard by nobody; whisper: by the operator only; barge: by both"`
	}
}

type modeInput struct {
	Attempt int64 `path:"attempt" minimum:"1"`
	Body    struct {
		Mode string `json:"mode" enum:"listen,whisper,barge"`
	}
}

type transferInput struct {
	Attempt int64 `path:"attempt" minimum:"1"`
	Body    struct {
		Address string `json:"address" minLength:"1" maxLength:"255" doc:"An operator's address or account, or a number if the configuration allows transfers to numbers"`
	}
}

func (a *api) callRoutes() {
	const call = "/api/v1/calls/{attempt}"
	many(a, a.describe(opListCalls, http.MethodGet, "/api/v1/calls", "calls", "The calls that are up, oldest first"), a.callsUp)
	a.orderCall(opHangUp, http.MethodPost, call+"/hangup", "Hang a call up; its lead's retry rule says what follows", "hang up", a.c.Calls.HangUp)
	a.orderCall(opLeave, http.MethodDelete, call+"/supervise", "Take the supervisor out; the call goes on", "leave", a.c.Calls.Leave)
	op := a.describe(opSupervise, http.MethodPost, call+"/supervise", "calls", "Call a supervisor into a talk with an operator")
	op.Description = "The supervisor's phone rings; from its answer on they hear both sides. One supervisor at a time is in a call. A whisper is in no recording, a barge is on the right channel."
	none(a, op, func(ctx context.Context, in *superviseInput) error {
		err := a.c.Calls.Supervise(ctx, dialer.AttemptID(in.Attempt), in.Body.Address, in.Body.Mode)
		return a.ordered(ctx, err, in.Attempt, in.Body.Mode)
	})
	none(a, a.describe(opSetMode, http.MethodPatch, call+"/supervise", "calls", "Change who hears the supervisor"),
		func(ctx context.Context, in *modeInput) error {
			err := a.c.Calls.SetMode(ctx, dialer.AttemptID(in.Attempt), in.Body.Mode)
			return a.ordered(ctx, err, in.Attempt, in.Body.Mode)
		})
	op = a.describe(opTransfer, http.MethodPost, call+"/transfer", "calls", "Hand the person to another operator")
	op.Description = "The person hears music while the other phone rings, and is back with the first operator if nobody answers. How it goes is seen in the list of calls."
	none(a, op, func(ctx context.Context, in *transferInput) error {
		err := a.c.Calls.Transfer(ctx, dialer.AttemptID(in.Attempt), in.Body.Address)
		return a.ordered(ctx, err, in.Attempt, "transfer")
	})
}

// callsUp lists the calls; operators see whom they may call back, not whom
// others talk with.
func (a *api) callsUp(ctx context.Context, _ *struct{}) ([]CallUp, error) {
	list, err := a.c.Calls.Calls(ctx)
	if caller(ctx).role == RoleOperator {
		for i := range list {
			list[i].Phone = maskPhone(list[i].Phone)
		}
	}
	return list, err
}

// orderCall registers an order that needs nothing but the call.
func (a *api) orderCall(id operation, method, path, summary, what string, do func(context.Context, dialer.AttemptID) error) {
	none(a, a.describe(id, method, path, "calls", summary), func(ctx context.Context, in *callInput) error {
		return a.ordered(ctx, do(ctx, dialer.AttemptID(in.Attempt)), in.Attempt, what)
	})
}

// ordered notes an order that was carried out, and returns its error.
func (a *api) ordered(ctx context.Context, err error, attempt int64, what string) error {
	if err == nil {
		a.record(ctx, "a call was steered", "attempt", attempt, "order", what)
	}
	return err
}
