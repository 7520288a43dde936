package report

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"dozvon/hearing"
)

// How often what counts may be wrong: usually, and where a wrong yes costs.
const (
	Limit  = 0.02
	Strict = 0.005
)

// Case is one thing that was heard with a confidence, and whether to count it
// would have been a fault.
type Case struct {
	Confidence float64
	Wrong      bool
}

// Threshold is how sure an engine must be so that what counts is hardly ever
// wrong.
type Threshold struct {
	Limit  float64 `json:"limit"`  // the share of wrong ones that was asked for
	Sure   int     `json:"sure"`   // in percent, as scenarios have it; 0: none does
	Wrong  Share   `json:"wrong"`  // of those that would count
	Kept   Share   `json:"kept"`   // of the right ones, those that would count
	Enough bool    `json:"enough"` // the whole interval of Wrong is within the limit
	Needed int     `json:"needed"` // so many that count, without a fault, would be enough
}

// Suggest returns the least threshold at which no more than limit of what counts
// is wrong with 95 % certainty; if there are too few cases to be certain, the
// least at which no more of these cases are. It is never below what was heard:
// of that the cases tell nothing.
func Suggest(cases []Case, limit float64) Threshold {
	var right, wrong [102]int // cases that count at a percentage
	for _, c := range cases {
		for percent := 1; percent <= 100 && c.Confidence >= float64(percent)/100; percent++ {
			if c.Wrong {
				wrong[percent]++
			} else {
				right[percent]++
			}
		}
	}
	rights, least := 0, 1.0
	for _, c := range cases {
		least = min(least, c.Confidence)
		if !c.Wrong {
			rights++
		}
	}
	t := Threshold{Limit: limit, Wrong: ShareOf(0, 0), Kept: ShareOf(0, rights), Needed: needed(limit)}
	for percent := 100; percent >= max(1, int(100*least)); percent-- {
		s := ShareOf(wrong[percent], right[percent]+wrong[percent])
		if s.All == 0 || s.Value() > limit || t.Enough && s.High > limit {
			continue
		}
		t.Sure, t.Wrong, t.Kept, t.Enough = percent, s, ShareOf(right[percent], rights), s.High <= limit
	}
	return t
}

// needed is how many cases without a fault bring Wilson's upper bound down to a
// limit: z²/(n+z²) ≤ limit.
func needed(limit float64) int { return int(math.Ceil(z * z * (1 - limit) / limit)) }

// Suggestion is a threshold for something.
type Suggestion struct {
	What   string    `json:"what"`             // "answers", or "machines"
	Engine string    `json:"engine,omitempty"` // of answers
	Calls  int       `json:"calls"`            // that it rests on
	Usual  Threshold `json:"usual"`
	Strict Threshold `json:"strict"`
}

// What suggestions are for.
const (
	ForAnswers  = "answers"  // sure of an answer: wrong is an answer that was not said
	ForMachines = "machines" // sure of hear: wrong is a person taken for a machine
)

// suggestions are for each engine, since their confidences mean different
// things, and for the listener.
func suggestions(calls []Call) []Suggestion {
	out := []Suggestion{}
	engines := byEngine(calls)
	for _, name := range slices.Sorted(maps.Keys(engines)) {
		var cases []Case
		for _, c := range engines[name] {
			for _, w := range c.Words {
				if w.Label != "" {
					cases = append(cases, Case{w.Confidence, w.Label != w.Truth})
				}
			}
		}
		if len(cases) > 0 {
			out = append(out, suggestion(ForAnswers, name, len(engines[name]), cases))
		}
	}
	var cases []Case
	for _, c := range calls {
		if c.Heard == hearing.Machine {
			cases = append(cases, Case{c.Confidence, c.Truth == hearing.Human})
		}
	}
	if len(cases) > 0 {
		out = append(out, suggestion(ForMachines, "", len(cases), cases))
	}
	slices.SortStableFunc(out, func(a, b Suggestion) int { return cmp.Compare(a.What, b.What) })
	return out
}

func suggestion(what, engine string, calls int, cases []Case) Suggestion {
	return Suggestion{what, engine, calls, Suggest(cases, Limit), Suggest(cases, Strict)}
}
