package dialer

// table is a state machine as data: what each event makes of each state. An
// event that is absent from a state's row is refused and changes nothing.
type table[S, E ~string] map[S]map[E]S

func (m table[S, E]) on(s S, e E) (S, bool) {
	next, ok := m[s][e]
	if !ok {
		return s, false
	}
	return next, true
}

// LeadEvent is what can happen to a lead.
type LeadEvent string

// Events of a lead.
const (
	LeadPlaced     LeadEvent = "placed"     // an attempt was committed
	LeadPostponed  LeadEvent = "postponed"  // the plan, the window or a promise names a later moment
	LeadReturned   LeadEvent = "returned"   // the trunk failed, the person was never reached
	LeadListed     LeadEvent = "listed"     // it ended on a list
	LeadForbidden  LeadEvent = "forbidden"  // do-not-call
	LeadReimported LeadEvent = "reimported" // the same lead came again: no change
)

var leadTable = table[LeadState, LeadEvent]{
	LeadReady: {LeadPlaced: LeadDialing, LeadPostponed: LeadWaiting, LeadListed: LeadDone,
		LeadForbidden: LeadSuppressed, LeadReimported: LeadReady},
	LeadDialing: {LeadPostponed: LeadWaiting, LeadReturned: LeadReady, LeadListed: LeadDone,
		LeadReimported: LeadDialing},
	LeadWaiting: {LeadPlaced: LeadDialing, LeadPostponed: LeadWaiting, LeadListed: LeadDone,
		LeadForbidden: LeadSuppressed, LeadReimported: LeadWaiting},
	LeadDone:       {LeadReimported: LeadDone},
	LeadSuppressed: {LeadReimported: LeadSuppressed},
}

// On returns the state after an event, and false if the event is refused.
func (s LeadState) On(e LeadEvent) (LeadState, bool) { return leadTable.on(s, e) }

// attemptTable is keyed by the state that a report names: the report is the event.
var attemptTable = table[AttemptState, AttemptState]{
	AttemptPlaced: {AttemptRinging: AttemptRinging, AttemptEarly: AttemptEarly, AttemptAnswered: AttemptAnswered,
		AttemptScreening: AttemptScreening, AttemptTalking: AttemptTalking, AttemptEnded: AttemptEnded},
	AttemptRinging: {AttemptEarly: AttemptEarly, AttemptAnswered: AttemptAnswered,
		AttemptScreening: AttemptScreening, AttemptTalking: AttemptTalking, AttemptEnded: AttemptEnded},
	AttemptEarly: {AttemptAnswered: AttemptAnswered,
		AttemptScreening: AttemptScreening, AttemptTalking: AttemptTalking, AttemptEnded: AttemptEnded},
	AttemptAnswered:  {AttemptScreening: AttemptScreening, AttemptTalking: AttemptTalking, AttemptEnded: AttemptEnded},
	AttemptScreening: {AttemptTalking: AttemptTalking, AttemptEnded: AttemptEnded},
	AttemptTalking:   {AttemptEnded: AttemptEnded},
	AttemptEnded:     {},
}

// On returns the state after a report, and false if the report is late or
// repeated and changes nothing.
func (s AttemptState) On(report AttemptState) (AttemptState, bool) { return attemptTable.on(s, report) }

// CampaignEvent is what can happen to a campaign.
type CampaignEvent string

// Events of a campaign.
const (
	CampaignPlanned   CampaignEvent = "planned"   // a start time was set
	CampaignStarted   CampaignEvent = "started"   // added to an engine
	CampaignHeld      CampaignEvent = "held"      // paused, for whatever reason
	CampaignResumed   CampaignEvent = "resumed"   // the reason is gone
	CampaignDrained   CampaignEvent = "drained"   // no new calls (a stop ends the calls up besides)
	CampaignQuiet     CampaignEvent = "quiet"     // the last call up is over
	CampaignExhausted CampaignEvent = "exhausted" // no lead is left and no call is up
)

var campaignTable = table[CampaignState, CampaignEvent]{
	CampaignDraft:     {CampaignPlanned: CampaignScheduled, CampaignStarted: CampaignRunning},
	CampaignScheduled: {CampaignPlanned: CampaignScheduled, CampaignStarted: CampaignRunning},
	CampaignRunning: {CampaignStarted: CampaignRunning, CampaignHeld: CampaignPaused,
		CampaignDrained: CampaignDraining, CampaignExhausted: CampaignFinished},
	CampaignPaused: {CampaignStarted: CampaignPaused, CampaignHeld: CampaignPaused, CampaignResumed: CampaignRunning,
		CampaignDrained: CampaignDraining, CampaignExhausted: CampaignFinished},
	CampaignDraining: {CampaignStarted: CampaignDraining, CampaignDrained: CampaignDraining, CampaignQuiet: CampaignFinished},
	CampaignFinished: {CampaignStarted: CampaignRunning},
}

// On returns the state after an event, and false if the event is refused.
func (s CampaignState) On(e CampaignEvent) (CampaignState, bool) { return campaignTable.on(s, e) }

// TrunkCondition is the state of a trunk; the word is shown.
type TrunkCondition string

// Trunk conditions.
const (
	TrunkUp      TrunkCondition = "up"
	TrunkDown    TrunkCondition = "down"    // failed; rests until its back-off ends
	TrunkProbing TrunkCondition = "probing" // one call tries whether it works again
	TrunkOut     TrunkCondition = "out"     // credentials refused, or taken out: until told up
)

// TrunkEvent is what can happen to a trunk.
type TrunkEvent string

// Events of a trunk.
const (
	TrunkFailing  TrunkEvent = "failing"  // a call found it broken
	TrunkRefusing TrunkEvent = "refusing" // it refused our credentials
	TrunkWorking  TrunkEvent = "working"  // a call got through to somebody's network
	TrunkRested   TrunkEvent = "rested"   // its back-off is over
	TrunkToldUp   TrunkEvent = "told_up"
	TrunkToldDown TrunkEvent = "told_down"
)

var trunkTable = table[TrunkCondition, TrunkEvent]{
	TrunkUp: {TrunkFailing: TrunkDown, TrunkRefusing: TrunkOut, TrunkWorking: TrunkUp,
		TrunkToldUp: TrunkUp, TrunkToldDown: TrunkOut},
	TrunkDown: {TrunkRefusing: TrunkOut, TrunkRested: TrunkProbing, TrunkToldUp: TrunkUp, TrunkToldDown: TrunkOut},
	TrunkProbing: {TrunkFailing: TrunkDown, TrunkRefusing: TrunkOut, TrunkWorking: TrunkUp,
		TrunkToldUp: TrunkUp, TrunkToldDown: TrunkOut},
	TrunkOut: {TrunkToldUp: TrunkUp, TrunkToldDown: TrunkOut},
}

// On returns the condition after an event, and false if the event is refused.
func (c TrunkCondition) On(e TrunkEvent) (TrunkCondition, bool) { return trunkTable.on(c, e) }
