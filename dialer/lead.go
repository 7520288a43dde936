package dialer

import "time"

// LeadID identifies a lead within one database.
type LeadID int64

// LeadState is the state of a lead; the word is stored and shown.
//
//	ready    → dialing | waiting | suppressed | done
//	dialing  → waiting | ready | done
//	waiting  → dialing | waiting | suppressed | done
//	done, suppressed: final
type LeadState string

// Lead states.
const (
	LeadReady      LeadState = "ready"      // may be called as soon as window and line allow
	LeadDialing    LeadState = "dialing"    // an attempt is open
	LeadWaiting    LeadState = "waiting"    // until NextAt
	LeadDone       LeadState = "done"       // ended on a list
	LeadSuppressed LeadState = "suppressed" // do-not-call; never dialled
)

// Lead is one person of a campaign, as the engine and the scenario see it.
// Values of Columns come from bases and APIs: they are data, never trusted.
type Lead struct {
	ID         LeadID
	Campaign   string            // name of the campaign that owns it
	ExternalID string            // the CRM's id, may be empty
	Phone      string            // E.164 with the plus sign
	Zone       string            // IANA time zone of the person
	Columns    map[string]string // the base's columns by scenario variable name
	State      LeadState
	NextAt     time.Time // when ready or waiting: not before this moment
	Promised   bool      // NextAt was promised to the person: to be kept to the minute
	List       string    // the list it ended on, once done
	Last       Disposition
	Answers    map[string]string
	Attempts   int // counted attempts so far (trunk failures are not counted)
	Progress   Progress
	FirstCall  time.Time // zero if never called
	LastCall   time.Time
	Recent     []time.Time // starts of answered calls to this phone in the last 31 days, newest first (for lawful caps)
	Called     []time.Time // starts of all calls to this phone in the last 24 hours, newest first (for the ceiling)
}

// Progress is where a lead stands in its retry plan. It is stored with the
// lead as JSON. Counters are kept per rule, by the rule's index in the plan.
type Progress struct {
	Rules map[int]RuleProgress `json:"rules,omitempty"`
	Date  string               `json:"date,omitempty"`  // last calling date, YYYY-MM-DD in the lead's zone
	Today int                  `json:"today,omitempty"` // attempts on Date
	Tries int                  `json:"tries,omitempty"` // attempts of every kind so far, those that a trunk failed included
	Fails int                  `json:"fails,omitempty"` // rounds in a row that every trunk failed
	// Unsent are the calls in a row that our side failed before they left.
	Unsent int `json:"unsent,omitempty"`
}

// RuleProgress counts the misses of one rule.
type RuleProgress struct {
	Day   int    `json:"day"`   // 1-based index into the rule's days
	Count int    `json:"count"` // misses counted on that plan day
	Date  string `json:"date"`  // date of the last miss, in the lead's zone
	Today int    `json:"today"` // misses of this rule on Date
}

// Final reports whether the lead will never be dialled again.
func (s LeadState) Final() bool { return s == LeadDone || s == LeadSuppressed }
