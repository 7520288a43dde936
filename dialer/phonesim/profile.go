// Package phonesim describes simulated people and plays them on virtual time.
//
// A Profile is what one simulated subscriber does when called. The same
// profiles are played at call level here (virtual time, no network) and on
// the wire by sip/siptest; one table of cases runs against both, so that the
// simulators can't drift. It must never know SIP or RTP.
package phonesim

import "time"

// Kind is what the far end of a call turns out to be.
type Kind string

// Kinds of far ends.
const (
	Answers      Kind = "answers"      // picks up after Ring and carries out Steps
	RingsOut     Kind = "rings_out"    // 180 and nothing more until the caller gives up
	Busy         Kind = "busy"         // 486
	Declines     Kind = "declines"     // 603 after Ring
	SwitchedOff  Kind = "switched_off" // 480 (with Reason Q.850 20)
	Unknown      Kind = "unknown"      // 404 (with Reason Q.850 1)
	Congested    Kind = "congested"    // 503 with Reason Q.850 34, from beyond the trunk
	Announcement Kind = "announcement" // 183, an announcement in early media, then 480
	Voicemail    Kind = "voicemail"    // answers, plays a greeting and a beep, records
	Fax          Kind = "fax"          // answers with a CED tone
	Mute         Kind = "mute"         // answers and never sends a packet
	FalseAnswer  Kind = "false_answer" // answers, and there is a busy tone
)

// Labels are what an announcement can be about: the number is switched off,
// does not exist, speaks to somebody else, or has a voicemail that speaks
// before the answer.
func Labels() []string { return []string{"off", "invalid", "busy", "machine"} }

// Profile is what one subscriber does during one call.
type Profile struct {
	Name  string
	Kind  Kind
	Ring  time.Duration // from INVITE to the final answer (ring_out: ignored)
	Early bool          // 183 with ring-back tone in early media instead of a bare 180
	Music bool          // the same with music
	Label string        // of an announcement, one of Labels; empty: one that nobody knows, after its three tones
	Steps []Step        // after the answer, in order; afterwards the person stays on the line
	Code  int           // overrides the SIP status of a refusal; 0: the kind's own
	// Behind is a sound like Step.Speak's that goes on after the answer while
	// the person plays nothing else: the room they are in.
	Behind string
	// Loss is the share of the 20 ms pieces of sound, both ways, that never
	// arrive. Burst is how many in a row are lost on average; 0: each by itself.
	Loss, Burst float64
}

// Step is one act of a person who answered. Exactly one of its fields is set.
type Step struct {
	Wait   time.Duration // do nothing for that long
	Listen time.Duration // wait until that much voice has been heard
	Hush   time.Duration // wait until the far end, having spoken, has been silent for that long
	Press  string        // press these keys, RFC 4733
	Info   string        // press these keys, SIP INFO
	Speak  string        // play this audio file, or a name known to the simulator
	HangUp bool          // hang up
}

// Book decides who answers which number. Successive calls to a number take
// its profiles in turn; the last one stays.
type Book struct {
	Numbers map[string][]Profile // by E.164 or by the user part of the called URI
	Mix     []Share              // for numbers that are not listed, drawn by seed and number; empty: Default
	Default Profile
	Seed    uint64
}

// Share is one part of a mix.
type Share struct {
	Weight  int
	Profile Profile
}
