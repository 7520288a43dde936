package bench

import (
	"context"
	"fmt"
	"slices"
	"time"

	"dozvon/hearing"
	"dozvon/hearing/corpus"
)

// answersData says on what detectors of answering machines are judged.
const answersData = "the test half of corpus.Calls: sentences, synthetic voices and seeds that the development half does not share; " +
	"real voices among them are Asterisk's Russian and English prompts and the speaker of festvox-ru (development has the French and Italian prompts). " +
	"Pink, street and babble noise at 35, 25 and 15 dB, -30 to -16 dBFS, A-law, GSM in 15 %, loss of 1 or 3 % in two fifths of the calls"

// Decision is what a detector makes of a call: its last word on who answered.
type Decision struct {
	Kind  hearing.Kind // "": none came
	Label string
	Cause string
	At    time.Duration // from the first sample of the call
}

// Answer is a call with what a detector made of it.
type Answer struct {
	corpus.Call
	corpus.Rendered
	Decision
}

// HearAnswers renders the calls of the test half that keep wants, and has hear
// decide on each; hear is called from several goroutines. The sound itself is
// not kept.
func HearAnswers(ctx context.Context, r *Report, keep func(corpus.Call) bool, hear func(corpus.Call, corpus.Rendered) Decision) ([]Answer, error) {
	calls, err := corpus.Calls(corpus.Test)
	if err != nil {
		return nil, err
	}
	calls = slices.DeleteFunc(calls, func(c corpus.Call) bool { return !keep(c) })
	return Each(ctx, r, len(calls), func(i int) (Answer, error) {
		sound, err := calls[i].Render()
		if err != nil {
			return Answer{}, fmt.Errorf("%s: %w", calls[i].Name, err)
		}
		a := Answer{Call: calls[i], Rendered: sound, Decision: hear(calls[i], sound)}
		a.PCM, a.Filled = nil, nil
		return a, nil
	})
}

// Talks reports whether a person or a machine speaks in the call, and nothing
// but the sound tells which.
func Talks(c corpus.Call) bool {
	return slices.Contains([]corpus.Class{corpus.Person, corpus.Business, corpus.Voicemail, corpus.Carrier, corpus.Menu}, c.Class)
}

// Tally is how well people and machines were told apart. Announcements count
// as machines, whatever they were recognised as.
type Tally struct {
	Kept, People    int // people who answer shortly, as hearing.md has them
	Found, Machines int
	Business, Firms int   // people who answer for a business, beside the demand
	All, Short      Times // from where the far end begins, of all and of people
	Matrix          Confusion
	Sources         Confusion // by class and by what made the sound
}

// Count tallies answers of calls in which somebody talks.
func Count(title string, answers []Answer) *Tally {
	t := &Tally{
		Matrix: Confusion{Title: title}, Sources: Confusion{Title: title + ", by what made the sound"},
		All:   Times{Title: title + ": decision after the far end begins to sound"},
		Short: Times{Title: title + ": the same, of people who answer shortly"},
	}
	for _, a := range answers {
		if !Talks(a.Call) {
			continue
		}
		heard := string(a.Kind)
		if heard == "" {
			heard = "nothing"
		}
		t.Matrix.Add(string(a.Class), heard)
		t.Sources.Add(string(a.Class)+", "+a.Source, heard)
		t.count(a)
		if a.Class != corpus.Business && a.Kind != "" {
			t.All.Add(a.At - a.Start)
		}
	}
	t.Sources.Sort()
	return t
}

func (t *Tally) count(a Answer) {
	human := a.Kind == hearing.Human
	machine := a.Kind == hearing.Machine || a.Kind == hearing.Announcement || a.Kind == hearing.Tone
	switch a.Class {
	case corpus.Person:
		t.People++
		t.Kept += one(human)
		if a.Kind != "" {
			t.Short.Add(a.At - a.Start)
		}
	case corpus.Business:
		t.Firms++
		t.Business += one(human)
	default:
		t.Machines++
		t.Found += one(machine)
	}
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// asteriskBar runs Asterisk's published rules on the calls that dozvon's own
// listener is judged on.
func asteriskBar() Bar {
	return Bar{
		Name:  "asterisk",
		Title: "The default rules of Asterisk's detector, on the same calls",
		Data:  answersData,
		Needs: corpus.CallPackages(),
		Takes: 30 * time.Second,
		Run: func(ctx context.Context, r *Report) error {
			answers, err := HearAnswers(ctx, r, Talks, func(_ corpus.Call, s corpus.Rendered) Decision {
				return asteriskDecides(AsteriskDefaults(), s)
			})
			if err != nil {
				return err
			}
			t := Count("Asterisk's default rules", answers)
			r.Show("Asterisk's default rules: humans kept", "%s", share(t.Kept, t.People))
			r.Show("Asterisk's default rules: machines found", "%s", share(t.Found, t.Machines))
			r.Show("Asterisk's default rules: people who answer for a business kept", "%s", share(t.Business, t.Firms))
			r.Show("Asterisk's default rules: decision", "%s", t.All.Brief())
			r.Show("Asterisk's default rules: decision on humans", "%s", t.Short.Brief())
			r.Confuse(&t.Matrix)
			r.Confuse(&t.Sources)
			r.Time(&t.All)
			r.Note("The rules are a re-statement of the documented defaults of app_amd (initial_silence 2500, greeting 1500, " +
				"after_greeting_silence 800, total_analysis_time 5000, min_word_length 100, maximum_word_length 5000, " +
				"between_words_silence 50, maximum_number_of_words 2, silence_threshold 256), not Asterisk itself; " +
				"it is given every frame of 20 ms. What it is not sure of counts as neither kept nor found.")
			return nil
		},
	}
}

func asteriskDecides(rules AsteriskRules, s corpus.Rendered) Decision {
	a := Asterisk{Rules: rules}
	for f := range s.Frames() {
		if kind, cause := a.Hear(f); kind != "" {
			return Decision{Kind: kind, Cause: cause, At: a.heard}
		}
	}
	return Decision{}
}
