package hearing

import "time"

// Kind is who or what was heard.
type Kind string

// Kinds of verdicts.
const (
	Human        Kind = "human"
	Machine      Kind = "machine"      // voicemail, or another machine that talks
	Announcement Kind = "announcement" // a known announcement of the network; Label says which
	Fax          Kind = "fax"          // a fax or a modem
	Tone         Kind = "tone"         // a tone of the network; Label says which
	Silence      Kind = "silence"      // nothing at all within the time given
	Unsure       Kind = "unsure"       // something, but not enough to tell
)

// Labels of announcements: what they mean for a call.
const (
	LabelOff     = "off"     // switched off or out of coverage
	LabelInvalid = "invalid" // no such number
	LabelBusy    = "busy"    // speaks to somebody else
	LabelMachine = "machine" // a greeting of a voicemail
)

// Verdict is what the listener has decided, and why.
type Verdict struct {
	Kind       Kind
	Label      string        // of an announcement or a tone: "off", "busy", "ringback" …
	Cause      string        // what decided, for people: "3.1 s of speech without a pause"
	Confidence float64       // 0..1
	At         time.Duration // on the listener's time, from its first frame of this phase
	Early      bool          // decided before the answer
	// Beep says that a machine's beep has ended at At: what is said now is
	// recorded.
	Beep bool
}
