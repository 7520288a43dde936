package dialer

import "time"

// Status is how the engine's campaigns and trunks stand.
type Status struct {
	Campaigns []CampaignStatus // in the order in which they were added
	Trunks    []TrunkStatus
	Brake     Brake
	Full      time.Time // the ceiling of calls an hour is reached until then; zero: it isn't
}

// CampaignStatus is how one campaign stands. Counters start with the engine.
type CampaignStatus struct {
	Name         string
	State        CampaignState
	Reason       PauseReason
	Resident     bool
	Up           int // calls up
	Placed       int // calls placed, those that a trunk failed included
	Open         int // leads that are not final, as last reported by the store
	Persons      int // calls that a person answered, abandoned ones included
	Abandoned    int
	Lists        map[string]int
	Dispositions map[Disposition]int
	Next         time.Time // nothing is due before; zero: unknown
	Stalled      time.Time // calls fail on our side before they leave: the next one not before; zero: they don't
	StalledWhy   string    // what happened and what to do, for people
}

// TrunkStatus is how one trunk stands.
type TrunkStatus struct {
	TrunkLimits
	State TrunkCondition
	Why   TrunkFailure
	Text  string    // what was found, for people; may be empty
	Up    int       // calls up
	Until time.Time // when it is down: the next probe; zero: not by itself
}
