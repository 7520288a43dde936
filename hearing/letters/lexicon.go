package letters

import (
	_ "embed"
	"slices"
	"strings"
)

//go:embed lexicon.txt
var lexiconText string

// lexicon holds the words whose stress or sound the rules cannot know: from
// their plain spelling to the ways they are said.
var lexicon = parseLexicon(lexiconText)

// parseLexicon reads lines of stressed words («перезвон+ите позв+оните»), and
// lines «word = way | way» for words that sound other than they are written: no
// rule respells those.
func parseLexicon(text string) map[string][]word {
	out := map[string][]word{}
	add := func(key string, ways ...word) {
		for _, w := range ways {
			if !slices.Contains(out[key], w) {
				out[key] = append(out[key], w)
			}
		}
	}
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		name, ways, special := strings.Cut(line, "=")
		if !special {
			for _, entry := range strings.Fields(line) {
				w := mustRead(entry)
				add(w.plain(), respell(w)...)
			}
			continue
		}
		for _, way := range strings.Split(ways, "|") {
			add(strings.TrimSpace(name), mustRead(strings.TrimSpace(way)))
		}
	}
	return out
}

// mustRead reads a word of the lexicon, which is part of the program: its stress
// must be known.
func mustRead(text string) word {
	w, alien := read(text)
	if !w.hasStress() && w.vowels() == 1 {
		w = w.stress(0)
	}
	if alien != 0 || w == "" || !w.hasStress() {
		panic("letters: the lexicon has " + text + " without its stress")
	}
	return w
}
