package dialer

import "time"

// Heard is one verdict of the listener on a call, with its reason: what
// Result.Verdict came from.
type Heard struct {
	Verdict    Verdict
	Label      string        `json:",omitempty"` // which announcement or tone
	Cause      string        // for people: "3.1 s of speech without a pause"
	Confidence float64       // 0..1
	After      time.Duration // since the answer; before the answer, since the first sound
	Early      bool          `json:",omitempty"` // decided before the answer
	Beep       bool          `json:",omitempty"` // a machine's beep had just ended
}
