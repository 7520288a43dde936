package letters

import (
	"fmt"
	"slices"
	"strings"
)

// Most is how many pronunciations of one phrase are returned at most.
const Most = 8

// Russian returns how a phrase of Russian words sounds, the likeliest way first:
// phones without the silence around them. Words are run together as in one
// breath; where the phrase has a comma, and once between two words without one,
// there is also the way with a Pause between them. Words of which neither text
// nor lexicon knows the stress come in several ways.
//
// It fails for a phrase without letters, longer than MaxPhrase, or with anything
// but Russian letters, saying what to write instead.
func Russian(phrase string) ([][]string, error) {
	if n := len([]rune(phrase)); n > MaxPhrase {
		return nil, fmt.Errorf("a phrase of %d letters is longer than %d: name the words that matter", n, MaxPhrase)
	}
	chunks := split(phrase)
	spoken := make([][]word, len(chunks))
	for i, c := range chunks {
		ways, err := wordWays(c, len(chunks) == 1)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", phrase, err)
		}
		spoken[i] = ways
	}
	var out [][]string
	for _, pauses := range pausings(chunks) {
		for _, words := range product(spoken) {
			if phones := join(words, pauses); slices.ContainsFunc(phones, func(p string) bool { return p != Pause }) {
				out = appendNew(out, phones)
			}
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%q has no letters to say: write words", phrase)
	}
	return out[:min(len(out), Most)], nil
}

// wordWays returns the spellings by which one word is read: stressed vowels as
// capitals, silent letters gone where the whole word decides it. An empty word
// has none.
func wordWays(c chunk, alone bool) ([]word, error) {
	text := c.text
	w, alien := read(text)
	switch {
	case alien >= '0' && alien <= '9':
		return nil, fmt.Errorf("%q is a figure: write it as a word («семь»)", text)
	case alien != 0:
		return nil, fmt.Errorf("%q is no Russian letter: write the word as it is said, in Russian letters", string(alien))
	case w == "":
		return nil, nil
	}
	if c.tail && !alone {
		return []word{w}, nil
	}
	if !w.hasStress() {
		if known := lexicon[w.plain()]; known != nil {
			return known, nil
		}
	}
	var out []word
	for _, s := range stresses(w, alone) {
		out = append(out, respell(s)...)
	}
	return out, nil
}

// stresses returns a word with every stress it may have.
func stresses(w word, alone bool) []word {
	n := w.vowels()
	switch {
	case w.hasStress() || n == 0:
		return []word{w}
	case clitics[w.plain()] && !alone:
		return []word{w}
	}
	var out []word
	for i := range n {
		out = append(out, w.stress(i))
	}
	if n > 2 { // the edges are the least likely
		out = append(out[1:], out[0])
	}
	return out[:min(len(out), Most)]
}

// clitics lean on the next word: they have no stress, and their last consonant
// sounds as inside a word.
var clitics = func() map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields("а б без безо бы в во де для до ж же за и из изо к ко ли меж на над не ни о об обо от ото перед передо по под пред при с со то у через чтоб чтобы") {
		set[w] = true
	}
	return set
}()

// leaning are words that keep their stress, but end as inside a word.
var leaning = map[string]bool{"как": true, "так": true, "лишь": true, "уж": true, "ведь": true, "нет": true}

// pausings returns where silence may lie between the words: nowhere, at the
// marks of punctuation, between two words.
func pausings(chunks []chunk) [][]bool {
	none := make([]bool, len(chunks))
	out := [][]bool{none}
	marks := make([]bool, len(chunks))
	for i := range chunks[:max(len(chunks)-1, 0)] {
		marks[i] = chunks[i].apart || len(chunks) == 2 && !clitics[strings.ToLower(chunks[0].text)]
	}
	if slices.Contains(marks, true) {
		out = append(out, marks)
	}
	return out
}

// product returns the ways to say all words, the first ways of each first.
func product(spoken [][]word) [][]word {
	out := [][]word{nil}
	for _, ways := range spoken {
		if len(ways) == 0 {
			ways = []word{""}
		}
		var next [][]word
		for _, way := range ways {
			for _, head := range out {
				next = append(next, append(slices.Clip(head), way))
			}
		}
		out = next[:min(len(next), Most)]
	}
	return out
}

// join runs words together, with a pause behind those that pauses names, and
// returns their phones.
func join(words []word, pauses []bool) []string {
	run := []sound{{name: Pause}}
	for i, w := range words {
		run = append(run, wordSounds(w)...)
		if pauses[i] {
			run = append(run, sound{name: Pause})
		}
	}
	run = append(run, sound{name: Pause})
	reduce(run)
	assimilate(run)
	out := make([]string, 0, len(run)-2)
	for _, s := range run[1 : len(run)-1] {
		out = append(out, s.name)
	}
	return out
}

func wordSounds(w word) []sound {
	out := sounds(w)
	if len(out) == 0 {
		return nil
	}
	end := &out[len(out)-1]
	end.last = !end.vowel
	end.clitic = clitics[w.plain()] || leaning[w.plain()]
	out[0].mute = w.vowels() == 0
	return out
}

func appendNew(all [][]string, one []string) [][]string {
	for _, old := range all {
		if slices.Equal(old, one) {
			return all
		}
	}
	return append(all, one)
}
