package dialer

import "time"

// CampaignState is the state of a campaign; the word is stored and shown.
//
//	draft → scheduled → running ⇄ paused → draining → finished
type CampaignState string

// Campaign states.
const (
	CampaignDraft     CampaignState = "draft"
	CampaignScheduled CampaignState = "scheduled"
	CampaignRunning   CampaignState = "running"
	CampaignPaused    CampaignState = "paused"
	CampaignDraining  CampaignState = "draining" // no new calls; calls up finish
	CampaignFinished  CampaignState = "finished"
)

// PauseReason says why a campaign is paused.
type PauseReason string

// Pause reasons.
const (
	PauseNone       PauseReason = ""
	PauseUser       PauseReason = "user"
	PauseWindow     PauseReason = "window"
	PauseTrunk      PauseReason = "trunk"
	PauseAbandonCap PauseReason = "abandon_cap"
)

// Campaign is the plan by which the leads of one base are called.
type Campaign struct {
	Name     string
	Retry    RetryPlan
	Window   Window
	Policy   Policy
	Lines    int      // at most this many calls up at once; 0: the trunks' own limits only
	Trunks   []string // names of the trunks it may use, in order of preference
	Resident bool     // true: never finishes by itself, leads keep coming (service); false: finishes with its last lead
	// AbandonCap pauses the campaign when abandoned ÷ answered calls exceeds
	// it (0.03 is the safe harbour of the US TSR); 0 turns it off.
	AbandonCap float64
	// Again says, by list, after how long its leads may be called again; the
	// date goes into the answer AnswerCallAgain.
	Again map[string]time.Duration
	// Ceiling is the program's; the engine puts its own here (see SetCeiling).
	Ceiling Ceiling
}

// TrunkLimits are the limits of one trunk, shared by every campaign on it.
type TrunkLimits struct {
	Name  string
	Lines int     // calls up at once; at least 1
	CPS   float64 // calls per second; 0: no limit
}

// RetryPlan says what follows when an attempt did not end the lead.
//
// A rule owns a set of dispositions. Its days are plan days: day k+1 starts
// on the calendar day (in the lead's zone) after the one on which day k's
// attempts were used up. A plan day whose attempts do not fit into the
// calling window goes on on the next calendar day, and no calendar day ever
// sees more attempts than the plan day's quota. A disposition that no rule
// owns ends the lead on the list Else names, or on a list named like the
// disposition itself.
type RetryPlan struct {
	Total  int // cap of counted attempts per lead over all rules, promised calls included; 0: 10
	PerDay int // cap per calendar day over all rules; 0: no cap
	Rules  []RetryRule
	Else   string // list for dispositions that no rule owns; empty: the disposition's own name
	Spent  string // list when Total is reached; empty: the Finish of the rule that owns the last disposition, or Else
}

// RetryRule is the plan for a set of dispositions.
type RetryRule struct {
	On     []Disposition
	InARow bool       // only misses of this rule in a row, on one calendar day, count; another disposition or a new day starts anew
	Days   []RetryDay // at least one
	Finish string     // the list after the last miss of the last day
	Then   []Effect   // effects at that moment
}

// RetryDay is one day of a rule.
type RetryDay struct {
	Attempts int           // misses of this day, the first one included
	Every    time.Duration // pause between them
	Then     []Effect      // effects when the day's attempts are used up (not sent when the rule finishes: see RetryRule.Then)
}

// Window is when people may be called, in their own time zone.
type Window struct {
	Days     [7]bool         // by time.Weekday
	Spans    []Span          // on each of those days; must be sorted and disjoint
	Weekend  []Span          // if set: the spans of Saturday, Sunday and Holidays instead
	Holidays map[string]bool // YYYY-MM-DD, closed, or with Weekend spans if those are set
	Default  string          // IANA zone for leads without one
}

// Span is a part of a day in minutes from midnight: From inclusive, To exclusive.
type Span struct{ From, To int }

// Policy is a pack of lawful limits applied on top of the campaign's window.
// It can only narrow what the window allows.
type Policy struct {
	Name   string // "", "ru-collection", …
	Source string // the law and its date, for people
	Hours  *Window
	// Caps on answered calls to one phone; 0: no cap. Days and weeks and
	// months are calendar ones in the lead's zone.
	PerDay, PerWeek, PerMonth int
	// AbandonCap is the lawful share of answered calls that no operator took;
	// 0: the law names none.
	AbandonCap float64
}
