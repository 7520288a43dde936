package report

import (
	"cmp"
	"maps"
	"slices"
)

// Report is what labelled calls tell of hearing.
type Report struct {
	Fair       Part         `json:"random"` // calls drawn by lot: they stand for all calls
	Chosen     Part         `json:"chosen"` // calls that were chosen for doubt or by name: harder than all calls are
	Thresholds []Suggestion `json:"thresholds"`
}

// Part is what some of the calls tell.
type Part struct {
	Calls    int     `json:"calls"`
	Parties  Parties `json:"parties"`
	Words    Words   `json:"words"`
	Engine   []Group `json:"engine"`
	Trunk    []Group `json:"trunk"`
	Scenario []Group `json:"scenario"`
}

// Group is the calls that have something in common.
type Group struct {
	Name    string  `json:"name"`
	Calls   int     `json:"calls"`
	Parties Parties `json:"parties"` // of an engine of words: none
	Words   Words   `json:"words"`
}

// unknownEngine names the engine of questions of which no word was heard in the
// whole call.
const unknownEngine = "(no word heard)"

// Make judges calls.
func Make(calls []Call) Report {
	var fair, chosen []Call
	for _, c := range calls {
		if c.Sample == Random {
			fair = append(fair, c)
		} else {
			chosen = append(chosen, c)
		}
	}
	return Report{Fair: part(fair), Chosen: part(chosen), Thresholds: suggestions(fair)}
}

func part(calls []Call) Part {
	return Part{Calls: len(calls), Parties: partiesOf(calls), Words: wordsOf(calls),
		Engine:   groups(byEngine(calls)),
		Trunk:    groups(split(calls, func(c Call) string { return c.Trunk })),
		Scenario: groups(split(calls, func(c Call) string { return c.Scenario })),
	}
}

func split(calls []Call, name func(Call) string) map[string][]Call {
	out := map[string][]Call{}
	for _, c := range calls {
		out[name(c)] = append(out[name(c)], c)
	}
	return out
}

// byEngine gives each engine the calls in which it heard, with its words alone.
// Where nothing was heard of a question, it was listened to by the engine that
// heard another one of the call.
func byEngine(calls []Call) map[string][]Call {
	out := map[string][]Call{}
	for _, c := range calls {
		usual := unknownEngine
		if i := slices.IndexFunc(c.Words, func(w Word) bool { return w.Engine != "" }); i >= 0 {
			usual = c.Words[i].Engine
		}
		own := map[string][]Word{}
		for _, w := range c.Words {
			engine := cmp.Or(w.Engine, usual)
			own[engine] = append(own[engine], w)
		}
		for engine, words := range own {
			out[engine] = append(out[engine], Call{Trunk: c.Trunk, Scenario: c.Scenario, Sample: c.Sample, Words: words})
		}
	}
	return out
}

func groups(parts map[string][]Call) []Group {
	out := []Group{}
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		calls := parts[name]
		out = append(out, Group{name, len(calls), partiesOf(calls), wordsOf(calls)})
	}
	return out
}
