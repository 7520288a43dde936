package keywords

import (
	"errors"
	"fmt"
)

// Word is something that may be said.
type Word struct {
	Label  string     // what it means to the scenario
	Text   string     // how it is written, for people
	Phones [][]string // each way to say it
	// Filler is a word that means nothing here («алло»): it is listened for so
	// that it is not taken for another.
	Filler bool
}

// Limits of a grammar.
const (
	maxWords  = 2000
	maxPhones = 120 // of one word
)

// Grammar is a set of words made ready for the search. It never changes and is
// shared by all calls that listen for the same.
type Grammar struct {
	model *Model
	words []Word
	ways  []way
	most  int // states of the longest way
}

// way is one pronunciation as a chain of states.
type way struct {
	word   int
	length int // phones without pauses
	least  int // frames that it takes
	states []state
	steps  []step // the states as the search reads them
}

// step is a state as sums to be made: 0 where something may be, barred where it
// may not.
type step struct {
	phone int32
	last  int32 // the state may last
	skip  int32 // the state before may be left out
}

// arrange fills steps.
func (w *way) arrange() {
	w.steps = make([]step, len(w.states))
	for i, s := range w.states {
		st := step{phone: int32(s.phone), last: barred, skip: barred}
		if s.stay {
			st.last = 0
		}
		if i > 1 && w.states[i-1].skip {
			st.skip = 0
		}
		w.steps[i] = st
		if !s.skip {
			w.least++
		}
	}
}

// state is a piece of a phone.
type state struct {
	phone int16
	stay  bool // the state may last
	skip  bool // the state may be left out: a pause
}

// Compile makes a grammar of words. A word with a phone that the model does
// not know is an error: it could never be heard.
func Compile(m *Model, words []Word) (*Grammar, error) {
	if len(words) > maxWords {
		return nil, fmt.Errorf("%d words to listen for; at most %d", len(words), maxWords)
	}
	g := &Grammar{model: m, words: append(append([]Word(nil), words...), m.hums()...)}
	for i, w := range g.words {
		if len(w.Phones) == 0 {
			return nil, fmt.Errorf("%q: no pronunciation", w.Text)
		}
		for _, phones := range w.Phones {
			c, err := m.chain(phones)
			if err != nil {
				return nil, fmt.Errorf("%q: %w", w.Text, err)
			}
			c.word = i
			g.ways = append(g.ways, c)
			g.most = max(g.most, len(c.states))
		}
	}
	return g, nil
}

// hums are the sounds that notes, hums and hisses pass for: each a filler of
// one phone, so that a word needs more than one to be heard.
func (m *Model) hums() (words []Word) {
	for _, p := range []string{"u", "uu", "oo", "ii", "yy", "m", "n", "l", "v", "z", "zh", "s", "sh", "f", "h"} {
		if m.Knows(p) {
			words = append(words, Word{Text: p, Phones: [][]string{{p}}, Filler: true})
		}
	}
	return words
}

var errEmpty = errors.New("an empty pronunciation")

// chain spells phones out in states: a pause on either side that may be left
// out, and Search.Least states for each phone, the last of which may last.
func (m *Model) chain(phones []string) (way, error) {
	if len(phones) > maxPhones {
		return way{}, fmt.Errorf("%d phones; at most %d", len(phones), maxPhones)
	}
	pause := state{phone: int16(m.index[Pause]), stay: true, skip: true}
	w := way{states: []state{pause}}
	for _, p := range phones {
		i, ok := m.index[p]
		if !ok {
			return way{}, fmt.Errorf("phone %q is unknown to the model", p)
		}
		if p == Pause {
			w.states = append(w.states, pause)
			continue
		}
		w.length++
		for k := range m.head.Search.Least {
			w.states = append(w.states, state{phone: int16(i), stay: k+1 == m.head.Search.Least})
		}
	}
	if w.length == 0 {
		return way{}, errEmpty
	}
	w.states = append(w.states, pause)
	w.arrange()
	return w, nil
}
