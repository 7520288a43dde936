package spoken

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"dozvon/hearing/corpus"
)

// rule says what must become of those who say a word: the rules of the
// scenarios' own pages, written down here once more and by hand.
type rule struct {
	list    string // "": they are called again, and say yes or no then
	refuses bool   // nobody who says it may be given to an operator
	words   []string
	share   int // of the people, in a hundred
}

var (
	agrees   = []string{"да", "да", "да", "конечно", "хорошо", "да конечно"}
	declines = []string{"нет", "нет", "нет", "нет спасибо"}
)

var rules = map[string][]rule{
	"lead-verification": {
		{list: "connected", words: agrees, share: 35},
		{list: "rejected", refuses: true, words: declines, share: 40},
		{words: []string{"позже", "потом", "потом", "завтра"}, share: 25},
	},
	"cold-base": {
		{list: "interested", words: agrees, share: 35},
		{list: "not_interested", refuses: true, words: declines, share: 45},
		{list: "mailing", words: []string{"потом"}, share: 20},
	},
	"meeting-reminder": {
		{list: "confirmed", words: agrees, share: 50},
		// Who says no here wants another day: an operator finds one.
		{list: "rescheduled", words: append(slices.Clone(declines), "позже"), share: 50},
	},
}

// scenarioNames are the scenarios in the order in which people are dealt out.
var scenarioNames = []string{"lead-verification", "cold-base", "meeting-reminder"}

// person is a simulated subscriber.
type person struct {
	phone, scenario string
	says            []string // in one call after the other
	list            string   // where they must end
	refuses         bool

	greets string // what they say when they pick up; "": nothing
	barges bool   // they answer while the question is still being asked
	over   float64
	pauses []time.Duration // before each answer of a call
	level  float64         // of their voice, dB below full scale
	snr    float64         // dB
	loss   float64
	burst  float64
}

// people makes n of them.
func people(n int, seed uint64) []person {
	out := make([]person, n)
	for i := range out {
		out[i] = newPerson(i, corpus.Rand(seed, fmt.Sprintf("person/%d", i)))
	}
	return out
}

func newPerson(i int, r *rand.Rand) person {
	p := person{phone: fmt.Sprintf("+7999%07d", 1000000+i), scenario: scenarioNames[i%len(scenarioNames)]}
	first := p.choose(r)
	p.says = []string{first.words[r.IntN(len(first.words))]}
	p.list, p.refuses = first.list, first.refuses
	if first.list == "" {
		then := rules[p.scenario][r.IntN(2)]
		p.says = append(p.says, then.words[r.IntN(len(then.words))])
		p.list, p.refuses = then.list, then.refuses
	}
	switch r.IntN(5) {
	case 0:
		p.greets = "да"
	case 1:
		p.greets = "здравствуйте"
	}
	p.barges, p.over = r.IntN(6) == 0, 0.3+0.6*r.Float64()
	for range mostAnswers {
		p.pauses = append(p.pauses, time.Duration(r.IntN(1500))*time.Millisecond)
	}
	p.level, p.snr = -30+14*r.Float64(), 15+15*r.Float64()
	p.loss = []float64{0, 0, 0.01, 0.02, 0.05}[r.IntN(5)]
	if p.loss > 0.02 {
		p.burst = 3
	}
	return p
}

func (p *person) choose(r *rand.Rand) rule {
	at := r.IntN(100)
	for _, rule := range rules[p.scenario] {
		if at -= rule.share; at < 0 {
			return rule
		}
	}
	panic("spoken: the shares of " + p.scenario + " are less than a hundred")
}
