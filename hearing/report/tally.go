package report

import (
	"time"

	"dozvon/hearing"
)

// Truths are who can have answered.
func Truths() []hearing.Kind {
	return []hearing.Kind{hearing.Human, hearing.Machine, hearing.Announcement, hearing.Fax, hearing.Tone, hearing.Silence}
}

// Parties is how well it was heard who answered.
type Parties struct {
	Calls        int                                   `json:"calls"`  // in which somebody listened
	Matrix       map[hearing.Kind]map[hearing.Kind]int `json:"matrix"` // truth → heard → calls
	HumanKept    Share                                 `json:"human_kept"`
	MachineFound Share                                 `json:"machine_found"`
	Decided      Times                                 `json:"decided"` // after the answer
}

func partiesOf(calls []Call) Parties {
	p := Parties{Matrix: map[hearing.Kind]map[hearing.Kind]int{}}
	var times []time.Duration
	humans, kept, machines, found := 0, 0, 0, 0
	for _, c := range calls {
		if c.Heard == "" || c.Truth == "" {
			continue
		}
		p.Calls++
		if p.Matrix[c.Truth] == nil {
			p.Matrix[c.Truth] = map[hearing.Kind]int{}
		}
		p.Matrix[c.Truth][c.Heard]++
		if !c.Early {
			times = append(times, c.After)
		}
		switch c.Truth {
		case hearing.Human:
			humans++
			if c.Heard == hearing.Human || c.Heard == hearing.Unsure {
				kept++
			}
		case hearing.Machine:
			machines++
			if c.Heard == hearing.Machine {
				found++
			}
		}
	}
	p.HumanKept, p.MachineFound, p.Decided = ShareOf(kept, humans), ShareOf(found, machines), timesOf(times)
	return p
}

// Words is how well it was heard what was said, utterance by utterance.
type Words struct {
	All          int   `json:"all"`
	Accuracy     Share `json:"accuracy"`      // of answers really said: taken for what they were
	Mistaken     Share `json:"mistaken"`      // of answers really said: taken for another one
	FalseRejects Share `json:"false_rejects"` // of answers really said: not taken
	FalseAccepts Share `json:"false_accepts"` // of the rest, where nothing or something else was said: taken for an answer
	TakenWrongly Share `json:"taken_wrongly"` // of all that was taken: not said
	Delay        Times `json:"delay"`         // from the end of the word to the result that was taken
}

func wordsOf(calls []Call) Words {
	var right, mistaken, missed, falsely, still int
	var times []time.Duration
	for _, c := range calls {
		for _, w := range c.Words {
			if w.Taken {
				times = append(times, w.Latency)
			}
			switch {
			case !w.answered() && w.Taken:
				falsely++
			case !w.answered():
				still++
			case !w.Taken:
				missed++
			case w.Label == w.Truth:
				right++
			default:
				mistaken++
			}
		}
	}
	said, taken := right+mistaken+missed, right+mistaken+falsely
	return Words{All: said + falsely + still, Accuracy: ShareOf(right, said), Mistaken: ShareOf(mistaken, said), FalseRejects: ShareOf(missed, said),
		FalseAccepts: ShareOf(falsely, falsely+still), TakenWrongly: ShareOf(mistaken+falsely, taken), Delay: timesOf(times)}
}
