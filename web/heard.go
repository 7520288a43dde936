package web

import (
	"time"

	"dozvon/dialer"
)

// HeardView is one thing that was heard of who or what is at the far end.
type HeardView struct {
	Verdict    string  `json:"verdict" doc:"human, machine, announcement, fax, tone, silence or unsure"`
	Label      string  `json:"label,omitempty" doc:"Which announcement or tone"`
	Cause      string  `json:"cause,omitempty" doc:"What decided, in words"`
	Confidence float64 `json:"confidence" doc:"0 to 1"`
	AfterMS    int64   `json:"after_ms" doc:"Since the answer; early: since the first sound"`
	Early      bool    `json:"early,omitempty" doc:"Decided before the answer"`
	Beep       bool    `json:"beep,omitempty" doc:"A machine's beep had just ended"`
	Text       string  `json:"text" doc:"All of it in one sentence"`
}

func viewHeard(all []dialer.Heard) []HeardView {
	out := make([]HeardView, len(all))
	for i, h := range all {
		out[i] = HeardView{string(h.Verdict), h.Label, h.Cause, h.Confidence, h.After.Milliseconds(), h.Early, h.Beep, h.String()}
	}
	return out
}

// SaidView is what a recogniser heard of a question.
type SaidView struct {
	Question   string  `json:"question" doc:"The name under which the answer is kept"`
	Label      string  `json:"label,omitempty" doc:"Which answer it was taken for; none of them if left out"`
	Text       string  `json:"text,omitempty" doc:"The words, as far as they are known"`
	Confidence float64 `json:"confidence" doc:"0 to 1"`
	LatencyMS  int64   `json:"latency_ms" doc:"From the end of the word to the result"`
	Engine     string  `json:"engine,omitempty"`
	AfterMS    int64   `json:"after_ms" doc:"Since the answer"`
	Taken      bool    `json:"taken" doc:"It became the question's answer"`
	Nothing    bool    `json:"nothing,omitempty" doc:"No word was heard until the question was over"`
}

func viewSaid(all []dialer.Said) []SaidView {
	out := make([]SaidView, len(all))
	for i, s := range all {
		out[i] = SaidView{s.Question, s.Label, s.Text, s.Confidence, s.Latency.Milliseconds(), s.Engine, s.After.Milliseconds(), s.Taken, s.Nothing}
	}
	return out
}

// LastCall is what came of a lead's last call, and why it was taken for that.
type LastCall struct {
	Attempt     dialer.AttemptID `json:"attempt"`
	EndedAt     time.Time        `json:"ended_at,omitzero"`
	Disposition string           `json:"disposition,omitempty"`
	Heard       []HeardView      `json:"heard,omitempty" doc:"What was heard of the far end, in order"`
}

// LastOf shows the last of a lead's calls; nil: there was none.
func LastOf(calls []dialer.Attempt) *LastCall {
	if len(calls) == 0 {
		return nil
	}
	a := calls[len(calls)-1]
	return &LastCall{a.ID, a.Ended, string(a.Result.Disposition), viewHeard(a.Result.Heard)}
}
