package dialer

import (
	"context"
	"time"
)

// Ledger is what the loop needs of a store. It keeps none of the slices that it
// is given once it has returned: the loop uses their room again.
type Ledger interface {
	// Due returns at most limit leads of the campaign that are due at now.
	Due(ctx context.Context, campaign string, now time.Time, limit int) (Due, error)
	// NextAttemptID reserves n consecutive attempt ids and returns the first.
	NextAttemptID(ctx context.Context, n int) (AttemptID, error)
	// Place commits attempts with their leads as dialing, in one transaction.
	// If some of the leads may no longer be called, it commits nothing, and
	// its error is a Refusal; any other error says that the ledger failed.
	Place(ctx context.Context, places []Place) error
	// Save commits leads, attempts and outbox rows, in one transaction.
	Save(ctx context.Context, saves []Save) error
	// SaveProgress records states of attempts that are up.
	SaveProgress(ctx context.Context, attempts []Attempt) error
	// OpenAttempts returns the attempts that a crash left open, with their leads.
	OpenAttempts(ctx context.Context) (Recovered, error)
	// SaveCampaign records a campaign's state.
	SaveCampaign(ctx context.Context, c CampaignChanged, now time.Time) error
}

// Recorder is a Ledger that does Save and SaveProgress in one transaction, which
// saves a flush of the disk whenever both are due.
type Recorder interface {
	Record(ctx context.Context, saves []Save, attempts []Attempt) error
}

// Directory is a Ledger that knows of calls to others than leads. A loop whose
// ledger is none places no such call.
type Directory interface {
	// Called returns when a number was called in the 24 hours before now, be it
	// as a lead's or not, newest first.
	Called(ctx context.Context, number string, now time.Time) ([]time.Time, error)
	// Barred reports whether a number is on the do-not-call list.
	Barred(ctx context.Context, number string) (bool, error)
	// PlaceOutside records a call to a number that is no lead's.
	PlaceOutside(ctx context.Context, number string, now time.Time) error
}

// Refusal is an error of Ledger.Place that names the leads that may no longer
// be called, for errors.As. The rest of the batch may be placed without them.
type Refusal interface {
	error
	Refused() []LeadID
}

// Caller performs calls. Its methods must not block; what happens comes back
// as Progressed and Ended events through the loop's Post.
type Caller interface {
	// Place starts the call of a committed attempt. It is called exactly once
	// per attempt; exactly one Ended follows.
	Place(a Attempt, l Lead)
	// HangUp ends the call of an attempt, if it is still up.
	HangUp(id AttemptID, why string)
}
