package store

import (
	"time"

	"dozvon/dialer"
)

// Campaign is a stored campaign: what outlives a run of the program.
type Campaign struct {
	Name   string
	Hash   string // fingerprint of the scenario text the campaign was last run with
	Region string // default region of phone numbers, "RU" if empty
	Zone   string // IANA zone of leads that name none and whose number tells none
	Recent bool   // fill Lead.Recent in Due: the campaign's policy caps answered calls
	State  dialer.CampaignState
	Reason dialer.PauseReason

	CreatedAt, UpdatedAt time.Time // by the campaign's clock
}

// NewLead is a lead that another system pushes into a campaign.
type NewLead struct {
	ExternalID string            // the other system's id; unique within the campaign if given
	Phone      string            // as it came
	Zone       string            // IANA, "+03:00" or "МСК+2"; may be empty
	Columns    map[string]string // by scenario variable
	NextAt     time.Time         // not before this moment; zero: at once
	Promised   bool              // NextAt was promised to the person
	Partner    string            // whose lead it is, for the role partner
	Fault      string            // set by the caller that checked the columns: the lead is invalid for this reason
}

// PushStatus is the answer for one pushed lead; the word is part of the API.
type PushStatus string

// Push statuses.
const (
	PushAccepted   PushStatus = "accepted"
	PushDuplicate  PushStatus = "duplicate"  // known external id, or an open lead with this phone
	PushSuppressed PushStatus = "suppressed" // the phone is on the do-not-call list
	PushInvalid    PushStatus = "invalid"
)

// PushResult is the answer for one pushed lead.
type PushResult struct {
	Status     PushStatus    `json:"status"`
	Reason     string        `json:"reason,omitempty"`
	Lead       dialer.LeadID `json:"lead_id,omitempty"` // the new lead, or the one it duplicates
	ExternalID string        `json:"external_id,omitempty"`
}

// LeadQuery selects leads for pages of an API. Zero fields do not restrict.
type LeadQuery struct {
	Campaign string
	List     string
	State    dialer.LeadState
	Phone    string // E.164
	Partner  string
	After    dialer.LeadID // leads with a greater id
	Limit    int           // 100 if zero, at most 1000
}

// Entry is one number of the do-not-call list.
type Entry struct {
	Phone   string // E.164
	Reason  string
	Source  string // who or what added it
	AddedAt time.Time
}

// Token lets a caller of the API in. Its secret is never stored.
type Token struct {
	Name      string
	Role      string // admin | supervisor | operator | partner | crm
	Partner   string // for the role partner
	CreatedAt time.Time
}

// DeliveryState is the state of a delivery; the word is stored and shown.
//
//	pending → sent | waiting | dead;  waiting → sent | waiting | dead;  dead → pending (replay)
type DeliveryState string

// Delivery states.
const (
	DeliveryPending DeliveryState = "pending" // not tried yet
	DeliveryWaiting DeliveryState = "waiting" // failed, to be tried again at NextAt
	DeliverySent    DeliveryState = "sent"
	DeliveryDead    DeliveryState = "dead" // given up; can be replayed
)

// Kinds of deliveries.
const (
	KindWebhook = "webhook"
	KindSMS     = "sms"
	KindTask    = "task"
)

// OutboxItem is one thing to send, as the Encoder made it.
type OutboxItem struct {
	Kind     string        // KindWebhook, KindSMS, KindTask
	Type     string        // event type of the contract, e.g. "lead.finished"
	Campaign string        // filled by Save if empty
	LeadID   dialer.LeadID // filled by Save if zero; 0 otherwise means that it belongs to no lead
	Key      string        // idempotency key: unique with Endpoint, stable across retries
	Endpoint string        // where it goes, if there are several; may be empty
	Body     []byte
	At       time.Time // moment of the event; Save takes the attempt's end if zero
}

// Delivery is an item of the outbox with its fate so far.
type Delivery struct {
	ID        int64
	Key       string
	Kind      string
	Type      string
	Endpoint  string
	Campaign  string
	Lead      dialer.LeadID // 0: belongs to no lead
	Body      []byte
	Attempts  int // tries so far
	CreatedAt time.Time
	NextAt    time.Time // zero: at once
	LastError string
	State     DeliveryState
}

// Encoder turns decisions into what leaves for other systems. It must not
// block. An error fails the whole batch that it came with, results of calls
// included: return one only where to lose the lead's state is better than to
// lose the message, and otherwise let the message tell what is wrong.
type Encoder interface {
	// Encode is called once per save, before the transaction that commits both.
	Encode(save dialer.Save) ([]OutboxItem, error)
	// EncodeCampaign is called for a campaign's new state that comes with
	// notices, inside the transaction that commits both; it may be called again
	// if that fails. lists counts the campaign's final leads by list.
	EncodeCampaign(now time.Time, c dialer.CampaignChanged, lists map[string]int) ([]OutboxItem, error)
}

// Lane is one sink of deliveries. Lanes never wait for each other.
type Lane struct{ Kind, Endpoint string }

// Off says why an endpoint takes no deliveries. They stay in the outbox until
// it is turned on again.
type Off struct {
	Why   string
	Since time.Time
}

// OutboxStats counts deliveries by state.
type OutboxStats struct {
	Pending, Waiting, Sent, Dead int
	Oldest                       time.Time // creation of the oldest one not sent and not dead; zero if none
}

// Totals is what progress shows of a campaign.
type Totals struct {
	Leads        int                        // all
	States       map[dialer.LeadState]int   // leads by state
	Lists        map[string]int             // final leads by list
	Attempts     int                        // ended attempts
	Dispositions map[dialer.Disposition]int // ended attempts by disposition
	Up           int                        // attempts that have not ended
	Rejected     int                        // rows of bases that did not become leads
}

// Open counts the leads that are not final.
func (t Totals) Open() int {
	return t.States[dialer.LeadReady] + t.States[dialer.LeadWaiting] + t.States[dialer.LeadDialing]
}
