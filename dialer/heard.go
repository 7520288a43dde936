package dialer

import (
	"fmt"
	"slices"
	"time"
)

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
	Shown      bool          `json:",omitempty"` // not heard: the far end showed it, by a key or an answer
}

// Decided returns what Verdict came from: the last thing heard that says the
// same. It reports false where nothing was heard that did.
func (r *Result) Decided() (Heard, bool) {
	for _, h := range slices.Backward(r.Heard) {
		if h.Verdict == r.Verdict {
			return h, true
		}
	}
	return Heard{}, false
}

// early reports whether the verdict fell before the answer.
func (r *Result) early() bool {
	h, ok := r.Decided()
	return ok && h.Early
}

// String words a verdict for people: "machine, 90 %, 3.1 s after the answer:
// 3.1 s of speech without a pause".
func (h Heard) String() string {
	what := string(h.Verdict)
	if h.Label != "" {
		what += " " + h.Label
	}
	if h.Beep {
		what += ", its beep"
	}
	since := "after the answer"
	if h.Early {
		since = "after the first sound, before the answer"
	}
	s := fmt.Sprintf("%s, %.0f %%, %.1f s %s", what, 100*h.Confidence, h.After.Seconds(), since)
	if h.Cause != "" {
		s += ": " + h.Cause
	}
	return s
}
