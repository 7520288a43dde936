package crm

import (
	"context"
	"time"

	"dozvon/dialer"
)

// Kind is the kind of a delivery.
type Kind string

// Kinds of deliveries. Tasks leave as task.created events.
const (
	KindWebhook Kind = "webhook"
	KindSMS     Kind = "sms"
)

// State is the state of a delivery; the word is stored and shown.
//
//	pending → sent | waiting | dead;  waiting → sent | waiting | dead;  dead → pending (replay)
type State string

// Delivery states.
const (
	StatePending State = "pending"
	StateWaiting State = "waiting" // failed for now; tried again at NextAt
	StateSent    State = "sent"
	StateDead    State = "dead" // given up; listed, and replayed on request
)

// Lane names one sink: all deliveries that one Worker drains. Lanes never
// wait for each other: a CRM that is down does not hold text messages back.
type Lane struct {
	Kind     Kind
	Endpoint string // webhook: the endpoint's name; sms: empty
}

// Item is a row to be written to the outbox.
type Item struct {
	Key      string // idempotency key, unique together with Endpoint; adding a known one again does nothing
	Kind     Kind
	Endpoint string // see Lane
	Type     string // the event's type; sms for text messages
	Campaign string
	Lead     dialer.LeadID // 0: about no lead
	Body     []byte        // JSON
}

// Delivery is a row of the outbox.
type Delivery struct {
	ID        int64 // ascending in the order of writing
	Key       string
	Kind      Kind
	Endpoint  string
	Type      string
	Campaign  string
	Lead      dialer.LeadID
	Body      []byte
	Attempts  int // tries so far
	CreatedAt time.Time
	NextAt    time.Time // not before
	LastError string
	State     State
}

// Outbox is what a Worker needs of a store.
type Outbox interface {
	// Pending returns at most limit deliveries of a lane that may be sent at
	// now, oldest due first, and the moment when the next one falls due (zero:
	// none waits). Only the oldest delivery of each lead that is neither sent
	// nor dead is ever returned, so that order per lead holds; it is absent
	// while its NextAt lies ahead, and so are all that follow it.
	Pending(ctx context.Context, lane Lane, now time.Time, limit int) ([]Delivery, time.Time, error)
	// Add writes further rows; keys that are there already are skipped.
	Add(ctx context.Context, now time.Time, items []Item) error
	// MarkSent ends a delivery well.
	MarkSent(ctx context.Context, id int64, now time.Time) error
	// MarkRetry counts a failed try and sets the moment of the next.
	MarkRetry(ctx context.Context, id int64, next time.Time, why string) error
	// MarkDead counts a failed try and gives the delivery up.
	MarkDead(ctx context.Context, id int64, now time.Time, why string) error
}

// Switches remembers which endpoints are turned off (an endpoint that answers
// 410 turns itself off). Deliveries of an endpoint that is off stay pending.
type Switches interface {
	// EndpointsOff returns the names of endpoints that are off, with the reason.
	EndpointsOff(ctx context.Context) (map[string]string, error)
	// TurnOff records that an endpoint is off.
	TurnOff(ctx context.Context, endpoint, why string, now time.Time) error
}
