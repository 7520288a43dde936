package dialer

import (
	"fmt"
	"time"
)

// Said is what a recogniser made of something that a person said to a
// question, or that it heard nothing until the question was over.
type Said struct {
	Question   string        // the name under which the answer is kept
	Label      string        `json:",omitempty"` // which answer it was taken for; empty: none of them
	Text       string        `json:",omitempty"` // the words, as far as they are known
	Confidence float64       // 0..1
	Latency    time.Duration // from the end of the word to the result
	Engine     string        `json:",omitempty"` // for people: "embedded"; empty with Nothing
	After      time.Duration // since the answer
	Taken      bool          `json:",omitempty"` // it became the question's answer
	Nothing    bool          `json:",omitempty"` // no word was heard until the question was over
}

// String words it for people: "confirm: yes, 83 %, by embedded 7.2 s after the
// answer, taken".
func (s Said) String() string {
	if s.Nothing {
		return fmt.Sprintf("%s: no word until %.1f s after the answer", s.Question, s.After.Seconds())
	}
	what := s.Label
	if what == "" {
		what = "none of the answers"
	}
	if s.Text != "" && s.Text != what {
		what += " (" + s.Text + ")"
	}
	taken := "not taken"
	if s.Taken {
		taken = "taken"
	}
	return fmt.Sprintf("%s: %s, %.0f %%, by %s %.1f s after the answer, %s", s.Question, what, 100*s.Confidence, s.Engine, s.After.Seconds(), taken)
}
