package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"dozvon/calls"
	"dozvon/dialer"
	"dozvon/web"
)

// Calls lists the calls that are up, oldest first.
func (s service) Calls(context.Context) ([]web.CallUp, error) {
	up := s.caller.Up()
	slices.SortFunc(up, func(a, b calls.Up) int { return cmp.Compare(a.Attempt, b.Attempt) })
	out := make([]web.CallUp, len(up))
	for i, u := range up {
		out[i] = web.CallUp{Attempt: u.Attempt, Lead: u.Lead, Campaign: u.Campaign, Phone: u.Phone, State: u.State, Since: u.Since,
			Operator: u.Operator, Held: u.Held, Transfer: u.Transfer, Supervisor: u.Supervisor, Mode: string(u.Mode)}
	}
	return out, nil
}

// Supervise calls a supervisor into a call.
func (s service) Supervise(_ context.Context, id dialer.AttemptID, address, mode string) error {
	return callError(id, s.caller.Supervise(id, address, calls.Mode(mode)))
}

// SetMode changes who hears the supervisor of a call.
func (s service) SetMode(_ context.Context, id dialer.AttemptID, mode string) error {
	return callError(id, s.caller.SetMode(id, calls.Mode(mode)))
}

// Leave takes the supervisor out of a call.
func (s service) Leave(_ context.Context, id dialer.AttemptID) error {
	return callError(id, s.caller.Leave(id))
}

// Transfer hands the person of a call to another operator.
func (s service) Transfer(_ context.Context, id dialer.AttemptID, address string) error {
	return callError(id, s.caller.Transfer(id, address))
}

// HangUp ends a call.
func (s service) HangUp(_ context.Context, id dialer.AttemptID) error {
	if !slices.ContainsFunc(s.caller.Up(), func(u calls.Up) bool { return u.Attempt == id }) {
		return callError(id, calls.ErrNoCall)
	}
	s.caller.HangUp(id, "a supervisor hung up")
	return nil
}

// callError gives the errors of steering a call the kinds that the API
// answers by.
func callError(id dialer.AttemptID, err error) error {
	for _, k := range []struct{ is, kind error }{
		{calls.ErrNoCall, web.ErrNotFound}, {calls.ErrState, web.ErrConflict}, {calls.ErrAddress, web.ErrInvalid},
	} {
		if errors.Is(err, k.is) {
			return fmt.Errorf("%w: call %d: %w; GET /api/v1/calls lists the calls that are up", k.kind, id, err)
		}
	}
	return err
}
