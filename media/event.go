package media

import "time"

// EventKind says what happened in a session.
type EventKind uint8

// Kinds of events.
const (
	FirstPacket EventKind = iota + 1 // the first valid packet of the far end came
	Digit                            // a key was pressed
	PlayDone                         // a Play ended; Cut: stopped before its end
	Dead                             // no packet for Options.DeadAfter; once per session
	SpeechBegan                      // the far end has begun to speak, Duration ago
	SpeechEnded                      // the far end has been quiet for 400 ms after speaking for Duration
	DigitsSent                       // the last digit of SendDigits has left
)

// String returns the kind's name for logs.
func (k EventKind) String() string {
	switch k {
	case FirstPacket:
		return "first_packet"
	case Digit:
		return "digit"
	case PlayDone:
		return "play_done"
	case Dead:
		return "dead"
	case SpeechBegan:
		return "speech_began"
	case SpeechEnded:
		return "speech_ended"
	case DigitsSent:
		return "digits_sent"
	}
	return "unknown"
}

// PlayID names one call of Session.Play within its session; 0 is none.
type PlayID uint32

// Event is something that happened in a session.
type Event struct {
	Kind     EventKind
	At       time.Time
	Digit    byte          // Digit: one of 0-9 * # A-D
	Duration time.Duration // Digit: how long the key had been held when it was reported; Speech…: how long it has lasted
	Level    float64       // Speech…: of its loudest 20 ms, in decibels below full scale (negative)
	Play     PlayID        // PlayDone: which
	Cut      bool          // PlayDone: it was stopped before its end
}
