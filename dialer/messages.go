package dialer

import "time"

// Event is an input of the engine.
type Event interface{ event() }

// Wake says that time has passed; the loop sends it at the moment a Wake
// command named, and whenever the store may hold new due leads (a push).
type Wake struct{ Campaign string } // empty: all campaigns

// Tick says that the moment a WakeAt command named has come. Unlike Wake it
// says nothing about the store, so that the engine need not ask again for what
// it knows.
type Tick struct{}

// Reserved answers a Reserve command: N consecutive attempt ids from First on
// are the engine's to use.
type Reserved struct {
	First AttemptID
	N     int
}

// Due answers a Fetch command.
type Due struct {
	Campaign string
	Leads    []Lead    // due at now, promised ones first, then by NextAt
	More     bool      // the store holds further due leads beyond the limit
	Next     time.Time // the earliest NextAt after now among ready and waiting leads; zero if none
	Open     int       // leads of the campaign that are not final (dialing included)
	// NextPromised is the earliest promised NextAt after now; zero if none. It
	// lets the engine keep a slow trunk's next token for it.
	NextPromised time.Time
}

// Progressed reports a state change of an attempt that is up.
type Progressed struct {
	Attempt AttemptID
	State   AttemptState
	At      time.Time
}

// Ended reports the end of an attempt.
type Ended struct {
	Attempt AttemptID
	At      time.Time
	Result  Result
}

// Refused says that the store would not commit these Places, because their
// leads may no longer be called (a number that joined the do-not-call list a
// moment ago). Nobody was called, and nothing of these attempts is recorded.
type Refused struct{ Attempts []AttemptID }

// Brake stops new calls, or lets them go on: the machine is at its limit and
// the calls that are up come first. It changes no campaign's state.
type Brake struct {
	On  bool
	Why string // for people, as in Explain
}

// Recovered hands the engine the attempts that a crash left open, with their
// leads. It comes before any other event of their campaign.
type Recovered struct {
	Attempts []Attempt
	Leads    []Lead // Leads[i] belongs to Attempts[i]
}

// Control events.
type (
	// AddCampaign adds a campaign, or replaces the plan of one by name.
	AddCampaign struct{ Campaign Campaign }
	// SetTrunk adds a trunk or changes its limits.
	SetTrunk struct{ Trunk TrunkLimits }
	// TrunkState takes a trunk out of service or puts it back.
	TrunkState struct {
		Trunk string
		Up    bool
		Why   TrunkFailure
		Text  string // what was found and what to do, for people
		// Health says that a check found it, not a person. Such news takes a
		// trunk down and puts back what it has taken down. It ends a back-off
		// only where the trunk was not to be reached, with one call that tries
		// it: who answers OPTIONS may still refuse calls, and who asked to be
		// left alone (Cause.RetryAfter) is.
		Health bool
	}
	// SetCeiling sets the limits that no campaign exceeds, from now on. Placed
	// are the calls of the last hour that the engine does not know of: those of
	// an earlier run.
	SetCeiling struct {
		Ceiling Ceiling
		Placed  []time.Time
	}
	// Pause stops new calls; calls up go on. An empty Campaign means all.
	Pause struct {
		Campaign string
		Reason   PauseReason
	}
	// Resume undoes Pause.
	Resume struct{ Campaign string }
	// Drain places no further calls and finishes when the calls up are over.
	Drain struct{ Campaign string }
	// Stop ends every call at once and finishes.
	Stop struct{ Campaign string }
)

func (Brake) event()       {}
func (Wake) event()        {}
func (Tick) event()        {}
func (Reserved) event()    {}
func (Due) event()         {}
func (Progressed) event()  {}
func (Ended) event()       {}
func (Refused) event()     {}
func (Recovered) event()   {}
func (AddCampaign) event() {}
func (SetTrunk) event()    {}
func (TrunkState) event()  {}
func (SetCeiling) event()  {}
func (Pause) event()       {}
func (Resume) event()      {}
func (Drain) event()       {}
func (Stop) event()        {}

// Command is an output of the engine; the loop performs it in order.
type Command interface{ command() }

// Fetch asks the store for due leads of one campaign; the answer is Due.
type Fetch struct {
	Campaign string
	Limit    int
}

// Reserve asks for N attempt ids; the answer is Reserved.
type Reserve struct{ N int }

// Place asks for a call. The loop commits the attempt (and its lead as
// dialing) first, in one transaction with the other Places of the batch, and
// only then hands it to the caller.
type Place struct {
	Attempt Attempt
	Lead    Lead
}

// Save commits a lead, the attempt that changed it if any, and what leaves
// for other systems, in one transaction.
type Save struct {
	Lead    Lead
	Attempt *Attempt
	Effects []Effect
	Notices []Notice
}

// Notice is an outgoing event to be written to the outbox with a Save.
type Notice struct {
	Type    NoticeType
	Promise time.Time // lead.promised
}

// SaveProgress records a state change of an attempt that is up. It may be
// written lazily: losing it in a crash loses no decision.
type SaveProgress struct{ Attempt Attempt }

// HangUp ends the call of an attempt: CANCEL or BYE, as its dialog needs.
type HangUp struct {
	Attempt AttemptID
	Why     string
}

// WakeAt asks for a Tick event at that moment. A later WakeAt replaces it; a
// zero At withdraws it. Real says that the wait is for the outside world (a
// trunk's back-off), so that a clock that jumps must not skip it.
type WakeAt struct {
	At   time.Time
	Real bool
}

// CampaignChanged records a campaign's new state.
type CampaignChanged struct {
	Campaign string
	State    CampaignState
	Reason   PauseReason
	Notices  []Notice // to be written to the outbox in the same transaction
}

func (Fetch) command()           {}
func (Reserve) command()         {}
func (Place) command()           {}
func (Save) command()            {}
func (SaveProgress) command()    {}
func (HangUp) command()          {}
func (WakeAt) command()          {}
func (CampaignChanged) command() {}
