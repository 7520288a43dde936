package scenarios

import (
	"time"

	"dozvon/dialer"
)

// Event is an input of a session.
type Event interface{ event() }

// Events of a session.
type (
	// Answered says that the person (or what was taken for one) picked up.
	Answered struct{}
	// Key is a key that the person pressed: 0-9, *, #, A-D.
	Key struct{ Digit byte }
	// Word is an answer that a recogniser heard.
	Word struct {
		Label      string  // a label of the last Listen; empty: something else was said
		Text       string  // the words themselves, as far as they are known
		Confidence float64 // 0..1
	}
	// Voice says that the person has begun to speak; what they say is not known
	// yet, and may never be.
	Voice struct{}
	// Heard is a verdict on who or what is at the far end. It may come before
	// Answered: Early says so.
	Heard struct {
		dialer.Heard
		Means dialer.Disposition // the miss that an announcement of one's own is; may be empty
	}
	// Asked says that of a Play with a Lead the rest has begun: the question.
	Asked struct{ ID int }
	// PlayDone says that a Play has been heard to its end.
	PlayDone struct{ ID int }
	// Timer says that a SetTimer has run out.
	Timer struct{ ID int }
	// Bridged says that an operator and the person hear each other.
	Bridged struct{ Operator string }
	// BridgeEnded says that a Bridge is over. If the person ended it, either
	// this or HungUp, or both in any order, may be sent.
	BridgeEnded struct {
		Outcome  BridgeOutcome
		Operator string // who took the call, if anyone did
	}
	// Recorded ends a Record. File is relative to the folder of recordings;
	// empty: nothing was said, or it could not be kept.
	Recorded struct {
		ID   int
		File string
	}
	// HungUp says that the person's call is over, in whatever state.
	HungUp struct{}
)

func (Answered) event()    {}
func (Asked) event()       {}
func (Key) event()         {}
func (Word) event()        {}
func (Voice) event()       {}
func (Heard) event()       {}
func (PlayDone) event()    {}
func (Timer) event()       {}
func (Bridged) event()     {}
func (BridgeEnded) event() {}
func (Recorded) event()    {}
func (HungUp) event()      {}

// BridgeOutcome is how a bridge ended.
type BridgeOutcome string

// Outcomes of a bridge.
const (
	BridgeNobody          BridgeOutcome = "nobody" // no operator took the call
	BridgeEndedByOperator BridgeOutcome = "ended_by_operator"
	BridgeEndedByPerson   BridgeOutcome = "ended_by_person"
)

// Action is an output of a session; actions are performed in order.
type Action interface{ action() }

// Actions of a session.
type (
	// Play plays prompts one after the other without a gap; it replaces what
	// plays. PlayDone with its ID follows unless it is stopped or replaced.
	Play struct {
		ID      int
		Prompts []Prompt
		Lead    int    // so many of them come before a question: Asked is to follow when they are over
		Barge   bool   // a key of the Listen that is on may cut it: the session then sends StopPlay
		Step    string // the step of the scenario it belongs to, for people and tests
	}
	// StopPlay silences the robot.
	StopPlay struct{}
	// Listen asks for keys and words until StopListen or the next Listen.
	// Keys come as they are, known or not; Words are the phrases of each label.
	Listen struct {
		Question string              // the name under which the answer is kept
		Keys     map[byte]string     // key → label
		Words    map[string][]string // label → phrases; phrases.Number, NumberRange and Time stand for whole families
		Sure     map[string]float64  // label → the confidence below which a word does not count
		Voice    bool                // Voice is wanted too
	}
	// StopListen ends Listen.
	StopListen struct {
		Answered bool // the event just handled was taken for the answer
	}
	// ListenAnew asks for verdicts as if the call had been answered just now:
	// what is heard from now on may be somebody else.
	ListenAnew struct{}
	// Record records what the person says until they have been silent for
	// Silence, or have said nothing for Wait, or StopRecord. Recorded follows;
	// when the person hangs up, before HungUp.
	Record struct {
		ID                 int
		Name               string // of the answer: letters, digits, _ and -
		Max, Wait, Silence time.Duration
	}
	// StopRecord ends a Record at once.
	StopRecord struct{}
	// SetTimer asks for a Timer event; a later SetTimer does not replace it.
	SetTimer struct {
		ID    int
		After time.Duration
	}
	// Bridge connects the person with an operator; BridgeEnded follows.
	Bridge struct {
		Group     string
		Music     string        // audio file relative to the scenario's folder, looped to the person meanwhile; may be empty
		Whisper   []Prompt      // said to the operator before the legs join
		Ring      time.Duration // nobody within that long: BridgeNobody
		Mode      BridgeMode
		AcceptKey string // the operator must press it to take the call; may be empty
	}
	// HangUp ends the person's call.
	HangUp struct{}
	// Finish is the last action of a session; there is exactly one.
	Finish struct{ Outcome Outcome }
)

func (Play) action()       {}
func (StopPlay) action()   {}
func (Listen) action()     {}
func (StopListen) action() {}
func (ListenAnew) action() {}
func (Record) action()     {}
func (StopRecord) action() {}
func (SetTimer) action()   {}
func (Bridge) action()     {}
func (HangUp) action()     {}
func (Finish) action()     {}

// BridgeMode is the order in which the operators of a group are rung.
type BridgeMode string

// Modes of a bridge.
const (
	BridgeInOrder BridgeMode = "in_order"
	BridgeAll     BridgeMode = "all"
)

// Outcome is what a call came to. With neither List nor Promise the person
// left undecided, and the retry plan's rule for "answered" decides.
type Outcome struct {
	List      string            // ends the lead on this list
	Promise   time.Time         // call back at this moment (if List is empty)
	Answers   map[string]string // what was gathered, by name
	Effects   []dialer.Effect   // texts and tasks in order, not rendered: see Scenario.Render
	Abandoned bool              // the person was to be connected and no operator took the call
	// Disposition is what the call was by what was heard of it, where that is no
	// person: machine, fax, busy …; empty otherwise.
	Disposition dialer.Disposition
}

// Prompt is one thing to be heard: a recorded file, or a sentence to speak.
type Prompt struct {
	File     string // recorded file, relative to the scenario's folder
	Text     string // or words to speak, with numbers already put into words
	Language string // of Text
}
