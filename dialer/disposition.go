package dialer

import "time"

// Disposition is the business result of one attempt. It is derived from the
// network's Cause, from what was heard, and from what the scenario did; it is
// neither of those. The word itself is stored and shown.
type Disposition string

// The dispositions of the contract.
const (
	Answered    Disposition = "answered"    // a person (or an undetected machine) answered and the scenario ran
	Machine     Disposition = "machine"     // voicemail or another answering machine
	NoAnswer    Disposition = "no_answer"   // rang, nobody picked up
	Busy        Disposition = "busy"        // engaged
	Declined    Disposition = "declined"    // the person refused the call
	Unreachable Disposition = "unreachable" // switched off, out of coverage, carrier announcement
	Invalid     Disposition = "invalid"     // the number does not exist
	Congestion  Disposition = "congestion"  // the network could not carry the call
	Fax         Disposition = "fax"         // a fax or modem answered
	Silent      Disposition = "silent"      // answered, and no media ever came
	Abandoned   Disposition = "abandoned"   // a person answered and no operator came
	Failed      Disposition = "failed"      // our side: trunk, configuration, media
	Interrupted Disposition = "interrupted" // a crash of ours cut the attempt
)

// Dispositions lists every disposition in the order in which reports show them.
func Dispositions() []Disposition {
	return []Disposition{Answered, Machine, NoAnswer, Busy, Declined, Unreachable, Invalid,
		Congestion, Fax, Silent, Abandoned, Failed, Interrupted}
}

// Known reports whether d is one of the contract's dispositions.
func (d Disposition) Known() bool {
	for _, k := range Dispositions() {
		if d == k {
			return true
		}
	}
	return false
}

// Verdict is what the listener decided about who or what answered.
type Verdict string

// Verdicts. An empty verdict means that nothing listened.
const (
	VerdictHuman        Verdict = "human"
	VerdictMachine      Verdict = "machine"
	VerdictAnnouncement Verdict = "announcement"
	VerdictFax          Verdict = "fax"
	VerdictSilence      Verdict = "silence"
	VerdictTone         Verdict = "tone"   // of the network: busy, congestion, …
	VerdictUnsure       Verdict = "unsure" // something was heard, not enough to tell
	VerdictUnknown      Verdict = "unknown"
)

// Cause is what the network said about the end of a call: a SIP status code
// (RFC 3261), a Q.850 cause from a Reason header (RFC 3326), or a failure of
// our own transport. Zero fields mean "not said".
type Cause struct {
	SIP    int    // final SIP status of the INVITE, 0 if none came
	Q850   int    // ITU-T Q.850 cause, 0 if none was given
	Text   string // short reason in the network's or our words, cleaned, for people
	Local  bool   // our side ended it (CANCEL, BYE) rather than the far end
	Failed TrunkFailure
	// RetryAfter is how long the far end asked to be left alone (RFC 3261
	// section 20.33); 0: it did not say.
	RetryAfter time.Duration `json:",omitempty"`
	// NeverLeft says that our side failed, or withdrew, the call before its
	// INVITE left: it counts neither against the lead nor for the trunk.
	NeverLeft bool `json:",omitempty"`
}

// TrunkFailure says that an attempt certainly never reached the callee
// because the trunk itself did not work. The engine does not count such an
// attempt against the lead.
type TrunkFailure string

// Trunk failures; the empty value means that the trunk worked.
const (
	TrunkOK          TrunkFailure = ""
	TrunkUnreachable TrunkFailure = "unreachable" // transport refused, name not found, no response at all
	TrunkRejected    TrunkFailure = "rejected"    // credentials refused (401/403/407 after an answer to the challenge)
	TrunkUnavailable TrunkFailure = "unavailable" // 503 from the trunk itself
)
