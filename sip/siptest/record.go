package siptest

import "time"

// Party says which side ended a call.
type Party string

// Sides of a call.
const (
	Caller Party = "caller" // the dialer under test
	Callee Party = "callee" // the simulated subscriber or operator
	Closed Party = "server" // the simulator was closed, or its time for a call ran out
)

// CallRecord is what the far end saw of one call attempt: everything that
// came with one Call-ID. Times are zero for what did not happen.
type CallRecord struct {
	CallID   string
	Number   string // user part of the called URI
	From     string // user part of the caller's address
	Profile  string // name, or else kind, of the profile played
	Operator bool   // the number belongs to an operator
	Nth      int    // which call to this number it was, from 1; 0: never admitted

	Invites    int // transmissions of INVITE outside a dialog, retransmissions included
	Distinct   int // different INVITEs by branch and CSeq
	Challenges int // INVITEs answered with 401 or 407; each allows one INVITE more
	Reinvites  int // INVITEs inside the dialog

	InviteAt   time.Time
	RingingAt  time.Time // 180 sent
	EarlyAt    time.Time // 183 sent
	AnsweredAt time.Time // first 200 sent
	RefusedAt  time.Time // final answer other than 2xx sent
	AckAt      time.Time // first ACK of the final answer
	CancelAt   time.Time
	ByeAt      time.Time // first BYE, of either side
	EndedAt    time.Time

	Answers int    // transmissions of the 200
	Code    int    // final status code sent to the INVITE
	By      Party  // who ended the call
	KeysIn  string // keys heard from the caller
	KeysOut string // keys pressed by the subscriber

	Heard         time.Duration // voice heard: frames above the level of speech
	HeardPerson   time.Duration // of which the tone of a simulated person (VoicePersonHz)
	HeardOperator time.Duration // of which the tone of a simulated operator (VoiceOperatorHz)
	PacketsIn     uint64
	PacketsOut    uint64

	Err string // what the caller did wrong, such as "no ACK came for the 200"
}

// Answered says whether the far end sent a 200.
func (r CallRecord) Answered() bool { return !r.AnsweredAt.IsZero() }

// Ended says whether the call is over.
func (r CallRecord) Ended() bool { return !r.EndedAt.IsZero() }

// ReleasedAt is when the line of the number was free again: BYE, CANCEL or a
// refusal, whichever came first; zero while the call is up.
func (r CallRecord) ReleasedAt() time.Time {
	at := r.EndedAt
	for _, t := range []time.Time{r.ByeAt, r.CancelAt, r.RefusedAt} {
		if !t.IsZero() && (at.IsZero() || t.Before(at)) {
			at = t
		}
	}
	return at
}

// Acked says whether an ACK for the final answer was seen.
func (r CallRecord) Acked() bool { return !r.AckAt.IsZero() }

// Extra returns how many INVITEs came beyond the first and those that a
// challenge asked for. A dialer that keeps its promise has none.
func (r CallRecord) Extra() int { return max(0, r.Distinct-1-r.Challenges) }
