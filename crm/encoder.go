package crm

import (
	"log/slog"
	"time"

	"dozvon/dialer"
)

// Render fills the templates of an effect with a lead's columns and answers.
type Render func(e dialer.Effect, lead dialer.Lead, answers map[string]string) (dialer.Effect, error)

// Subscription is an endpoint as the Encoder sees it: who wants which types.
type Subscription struct {
	Endpoint string
	Types    []string // empty: every type
}

// Encoder turns decisions into rows of the outbox. Rows are made only for
// sinks that exist. It is safe for concurrent use once built.
type Encoder struct {
	Database string // unique per database; goes into the keys, so that two databases never share one
	Webhooks []Subscription
	SMS      bool   // a sink for text messages exists
	Render   Render // nil: effects are taken as they are
	Log      *slog.Logger
}

// Encode returns the rows that leave with a Save, in their order: events of
// the attempt first, then texts and tasks. now is the campaign's time.
func (e *Encoder) Encode(now time.Time, s dialer.Save) []Item {
	return e.encode(now, s)
}
