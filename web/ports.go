package web

import (
	"context"
	"errors"
	"iter"
	"time"

	"dozvon/dialer"
)

// Errors that ports return for a request that can't be carried out. Wrap them
// with what was asked and what to do; the text is shown to the caller.
var (
	ErrNotFound = errors.New("not found")
	ErrConflict = errors.New("conflict") // the present state does not allow it
	ErrInvalid  = errors.New("invalid")  // the request makes no sense
)

// NewLead is one lead of a push, cleaned and within limits. The phone is as it
// came: whoever takes the push reads it.
type NewLead struct {
	Phone      string
	ExternalID string
	Zone       string    // IANA time zone, may be empty
	NotBefore  time.Time // first call not before; zero: at once
	Partner    string    // whose lead it is; set from the token if that is a partner's
	Columns    map[string]string
}

// PushRequest is a push of leads into a campaign.
type PushRequest struct {
	Campaign string
	Leads    []NewLead
	// Key is the caller's Idempotency-Key made unique to its token, or empty.
	// A key seen before with the same leads gives the answers of the first
	// time; with other leads it is ErrConflict.
	Key string
}

// PushStatus is the fate of one pushed lead.
type PushStatus string

// Fates of a pushed lead.
const (
	PushAccepted   PushStatus = "accepted"
	PushDuplicate  PushStatus = "duplicate"
	PushSuppressed PushStatus = "suppressed"
	PushInvalid    PushStatus = "invalid"
)

// PushResult is the answer for one pushed lead.
type PushResult struct {
	Status PushStatus
	ID     dialer.LeadID // of the new lead, or of the one it duplicates; 0 if there is none
	Reason string        // for every status but accepted
}

// Leads takes and shows leads.
type Leads interface {
	// Push takes leads; the answers are in the order of the request.
	Push(ctx context.Context, r PushRequest) ([]PushResult, error)
	// Lead returns a lead, or ErrNotFound.
	Lead(ctx context.Context, id dialer.LeadID) (dialer.Lead, error)
	// Partner returns whose lead it is, empty for nobody's, or ErrNotFound.
	Partner(ctx context.Context, id dialer.LeadID) (string, error)
	// Attempts returns the calls of a lead, oldest first.
	Attempts(ctx context.Context, id dialer.LeadID) ([]dialer.Attempt, error)
	// Explain says why a lead is, or is not, called now.
	Explain(ctx context.Context, id dialer.LeadID) (Explanation, error)
}

// Explanation says why a lead is, or is not, called now.
type Explanation struct {
	CallableNow bool      `json:"callable_now" doc:"True if the next free line would call this lead"`
	Summary     string    `json:"summary" doc:"The answer in one sentence"`
	NextAt      time.Time `json:"next_at,omitzero" doc:"The earliest moment of the next call, if one is planned"`
	Reasons     []Reason  `json:"reasons" nullable:"false" doc:"Every check and its result, in the order in which they are made"`
	LastCall    *LastCall `json:"last_call,omitempty" doc:"What came of its last call, and why it was taken for that"`
}

// Reason is one check of an explanation.
type Reason struct {
	Check string    `json:"check" doc:"What was checked: state, campaign, window, policy, retry, line, …"`
	OK    bool      `json:"ok" doc:"True if this check lets the call pass"`
	Text  string    `json:"text" doc:"What was found"`
	Until time.Time `json:"until,omitzero" doc:"When the check will let the call pass, if known"`
}

// CampaignStatus is a campaign as it stands.
type CampaignStatus struct {
	Name     string               `json:"name"`
	Scenario string               `json:"scenario" doc:"Name of its scenario"`
	State    dialer.CampaignState `json:"state"`
	Reason   dialer.PauseReason   `json:"reason,omitempty" doc:"Why it is paused"`
	Leads    map[string]int       `json:"leads" doc:"Leads by state"`
	Lists    map[string]int       `json:"lists" doc:"Finished leads by list"`
	Calls    map[string]int       `json:"calls" doc:"Ended calls by disposition"`
	CallsUp  int                  `json:"calls_up" doc:"Calls up now"`
	Lines    int                  `json:"lines" doc:"At most this many calls up at once"`
	ASR      float64              `json:"asr" doc:"Answered calls as a share of ended calls"`
	Held     []Reason             `json:"held,omitempty" doc:"Why none of its leads is called now; empty if nothing holds them all back"`
	Abandon  float64              `json:"abandon_rate" doc:"Abandoned calls as a share of answered calls"`
}

// Campaigns shows and steers campaigns. An unknown name is ErrNotFound, a step
// that the present state does not allow is ErrConflict.
type Campaigns interface {
	Campaigns(ctx context.Context) ([]CampaignStatus, error)
	Campaign(ctx context.Context, name string) (CampaignStatus, error)
	Pause(ctx context.Context, name string) error
	Resume(ctx context.Context, name string) error
	Drain(ctx context.Context, name string) error
}

// Calls shows and steers the calls that are up. A call that is over, or never
// was, is ErrNotFound; an order that its state does not allow is ErrConflict;
// an address that may not be called is ErrInvalid.
type Calls interface {
	Calls(ctx context.Context) ([]CallUp, error)
	// Supervise calls a supervisor into a call; mode is listen, whisper or barge.
	Supervise(ctx context.Context, id dialer.AttemptID, address, mode string) error
	SetMode(ctx context.Context, id dialer.AttemptID, mode string) error
	Leave(ctx context.Context, id dialer.AttemptID) error
	Transfer(ctx context.Context, id dialer.AttemptID, address string) error
	HangUp(ctx context.Context, id dialer.AttemptID) error
}

// ListCount is a list with its size.
type ListCount struct {
	List  string `json:"list"`
	Leads int    `json:"leads"`
}

// Lists shows where leads ended.
type Lists interface {
	// Lists returns every list of a campaign with its size, counting only the
	// partner's leads if partner is not empty.
	Lists(ctx context.Context, campaign, partner string) ([]ListCount, error)
	// List streams the leads that ended on a list, by id, after the names of
	// the columns that they have. Breaking off the loop frees what it holds.
	// Only the partner's leads if partner is not empty.
	List(ctx context.Context, campaign, list, partner string) (columns []string, leads iter.Seq2[dialer.Lead, error], err error)
}

// DNCEntry is a number that must not be called.
type DNCEntry struct {
	Phone   string    `json:"phone" doc:"E.164"`
	Reason  string    `json:"reason"`
	AddedAt time.Time `json:"added_at,omitzero"`
}

// DNC keeps the numbers that must not be called.
type DNC interface {
	// AddDNC adds a number and suppresses its leads; it returns the number in
	// E.164, or ErrInvalid. Adding it again does nothing.
	AddDNC(ctx context.Context, phone, reason string) (DNCEntry, error)
	// RemoveDNC removes a number; ErrNotFound if it is not there.
	RemoveDNC(ctx context.Context, phone string) error
	// ListDNC returns at most limit numbers greater than after, in their order.
	ListDNC(ctx context.Context, after string, limit int) ([]DNCEntry, error)
}

// DeadDelivery is a delivery that was given up.
type DeadDelivery struct {
	ID        int64         `json:"id"`
	Key       string        `json:"key"`
	Kind      string        `json:"kind"`
	Type      string        `json:"type"`
	Endpoint  string        `json:"endpoint,omitempty"`
	Campaign  string        `json:"campaign"`
	Lead      dialer.LeadID `json:"lead,omitempty"`
	Attempts  int           `json:"attempts"`
	CreatedAt time.Time     `json:"created_at,omitzero"`
	Error     string        `json:"error" doc:"What the last try met"`
}

// Deliveries shows and replays dead letters.
type Deliveries interface {
	// Dead returns at most limit dead deliveries with ids greater than after.
	Dead(ctx context.Context, after int64, limit int) ([]DeadDelivery, error)
	// Replay makes dead deliveries pending again and returns how many; no ids
	// means all of them.
	Replay(ctx context.Context, ids []int64) (int, error)
	// EndpointsOff returns the webhook endpoints that are turned off.
	EndpointsOff(ctx context.Context) ([]OffEndpoint, error)
	// TurnOn turns an endpoint on again and sends what was kept for it;
	// ErrNotFound if it is not off.
	TurnOn(ctx context.Context, endpoint string) error
}

// OffEndpoint is a webhook endpoint that is turned off.
type OffEndpoint struct {
	Name  string    `json:"name"`
	Why   string    `json:"why"`
	Since time.Time `json:"since,omitzero"`
}

// Check is one part of readiness.
type Check struct {
	Name string `json:"name"` // store, trunk:main, …
	OK   bool   `json:"ok"`
	Text string `json:"text,omitempty"` // what is wrong and what to do
}

// Readiness says whether the service can do its work: the store takes
// writes, a trunk is up.
type Readiness interface {
	Ready(ctx context.Context) []Check
}
