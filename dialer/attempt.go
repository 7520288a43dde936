package dialer

import "time"

// AttemptID identifies one call placed for a lead. It is unique within a
// database and is never used for a second INVITE.
type AttemptID int64

// AttemptState is the state of an attempt; the word is stored and shown.
//
//	placed → ringing | early → answered → screening → talking → ended
//
// Any state may go straight to ended.
type AttemptState string

// Attempt states.
const (
	AttemptPlaced    AttemptState = "placed"
	AttemptRinging   AttemptState = "ringing"
	AttemptEarly     AttemptState = "early"
	AttemptAnswered  AttemptState = "answered"
	AttemptScreening AttemptState = "screening" // deciding who or what answered
	AttemptTalking   AttemptState = "talking"
	AttemptEnded     AttemptState = "ended"
)

// Attempt is one call placed for a lead.
type Attempt struct {
	ID       AttemptID
	Lead     LeadID
	Campaign string
	Phone    string // E.164
	Number   int    // 1-based ordinal among the lead's attempts
	Trunk    string // name of the trunk
	State    AttemptState
	Placed   time.Time
	Ringing  time.Time // zero where it did not happen
	Answered time.Time
	Ended    time.Time
	Result   Result // valid once ended
}

// Result is everything that is known when an attempt has ended. The caller
// (the thin shell that performs calls) fills the network's part and the
// scenario session's part; the engine derives what follows for the lead.
type Result struct {
	Cause       Cause
	Disposition Disposition
	Verdict     Verdict
	Heard       []Heard  // the listener's verdicts, in order
	Keys        string   // keys pressed, in order, as 0-9*#A-D
	Words       []string // labels recognised, in order
	Said        []Said   // what was heard of each question, in order
	Operator    string   // address of the operator bridged to, if any
	Recording   string   // path of the recording relative to the output folder, if any
	Detail      string   // for failed calls: what happened and what to do, for people
	Quality     Quality  // of the sound, as far as it was measured
	CallerID    string   // the number shown to the person called; empty: the trunk's own

	// The scenario session's decision; all empty when the scenario did not run.
	List    string            // ends the lead on this list
	Promise time.Time         // call back at this moment (if List is empty)
	Answers map[string]string // gathered answers
	Effects []Effect          // texts, tasks to send, in order
	Bridged bool              // an operator and the person talked
}
