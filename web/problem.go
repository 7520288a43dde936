package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// Errors leave as problem details (RFC 9457), with what to do in the detail.

// writeProblem answers a request outside of huma.
func writeProblem(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(problem(status, detail)) // the caller may be gone
}

func problem(status int, detail string) *huma.ErrorModel {
	return &huma.ErrorModel{Status: status, Title: http.StatusText(status), Detail: detail}
}

// fail turns a port's error into an answer. What is not meant for the caller
// goes to the log, and the caller gets the request's id to ask with.
func (a *api) fail(ctx context.Context, err error) error {
	switch {
	case errors.Is(err, ErrNotFound):
		return problem(http.StatusNotFound, err.Error())
	case errors.Is(err, ErrConflict):
		return problem(http.StatusConflict, err.Error())
	case errors.Is(err, ErrInvalid):
		return problem(http.StatusUnprocessableEntity, err.Error())
	case ctx.Err() != nil:
		return problem(http.StatusServiceUnavailable, "The request was cut off before it was done. Send it again.")
	}
	id := requestID(ctx)
	a.c.Log.Error("a request failed", "request", id, "error", err)
	return problem(http.StatusInternalServerError,
		"Something went wrong inside the service. Try again; if it stays, look for request "+id+" in the service's log.")
}
