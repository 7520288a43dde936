package report

import (
	"time"

	"dozvon/hearing"
)

// Sample is how a call came to be labelled.
type Sample string

// Samples. Only Random ones stand for all calls: rates and thresholds rest on
// them alone.
const (
	Random Sample = "random" // drawn by lot
	Unsure Sample = "unsure" // one of those of which the engines were least sure
	Named  Sample = "named"  // picked by hand
)

// What a person may really have said, besides an answer's label.
const (
	Other   = "other"   // something that is none of the answers, or somebody else
	Silence = "nothing" // not a word
)

// Call is a call of which the truth is known.
type Call struct {
	Trunk, Scenario string
	Sample          Sample
	Truth           hearing.Kind  // who answered
	Heard           hearing.Kind  // who was heard; empty: nobody listened
	Confidence      float64       // of Heard, 0..1
	After           time.Duration // from the answer to Heard
	Early           bool          // heard before the answer, or nobody knows when: After means nothing
	Words           []Word
}

// Word is one thing heard of a question, or that nothing was.
type Word struct {
	Engine     string // empty: not known, as with Nothing
	Label      string // the answer it was taken for; empty: none
	Confidence float64
	Latency    time.Duration // from the end of the word to the result
	Taken      bool          // it became the answer
	Nothing    bool          // no word was heard until the question was over
	Truth      string        // what was said: a label, Other or Silence
}

// answered reports whether one of the answers was really said.
func (w Word) answered() bool { return w.Truth != Other && w.Truth != Silence }

// Candidate is a recorded call that may be labelled.
type Candidate struct {
	ID    int64
	Doubt float64 // 1: the engines were not sure at all
	Label Sample  // of the label it has; empty: none
}
