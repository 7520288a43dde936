package letters

import (
	"strings"
	"unicode"
)

// MaxPhrase is the longest phrase that is read, in letters: no answer is longer.
const MaxPhrase = 120

const acute = '\u0301'

// A word is written in small letters, its stressed vowel as a capital. A word
// without a capital is unstressed, or its stress is unknown.
type word string

func isVowel(r rune) bool { return strings.ContainsRune("аеёиоуыэюя", unicode.ToLower(r)) }

// softens says whether a letter makes the consonant before it soft.
func softens(r rune) bool { return strings.ContainsRune("яёюиье", unicode.ToLower(r)) }

func (w word) plain() string { return strings.ToLower(string(w)) }

func (w word) vowels() int {
	n := 0
	for _, r := range w {
		if isVowel(r) {
			n++
		}
	}
	return n
}

func (w word) hasStress() bool { return strings.IndexFunc(string(w), unicode.IsUpper) >= 0 }

// stress returns the word with its n-th vowel (from 0) stressed.
func (w word) stress(n int) word {
	runes := []rune(w.plain())
	for i, r := range runes {
		if !isVowel(r) {
			continue
		}
		if n == 0 {
			runes[i] = unicode.ToUpper(r)
		}
		n--
	}
	return word(runes)
}

// read takes a word as people write it: '+' before the stressed vowel or an
// acute behind it, capitals that mean nothing. It fails for letters that are not
// Russian, with the letter.
func read(text string) (w word, alien rune) {
	var out []rune
	mark := false
	for _, r := range strings.ToLower(text) {
		switch {
		case r == '+':
			mark = true
			continue
		case r == acute:
			if n := len(out); n > 0 && isVowel(out[n-1]) {
				out[n-1] = unicode.ToUpper(out[n-1])
			}
			continue
		case r >= 'а' && r <= 'я' || r == 'ё':
		default:
			return "", r
		}
		if mark && isVowel(r) {
			r = unicode.ToUpper(r)
		}
		mark = false
		out = append(out, r)
	}
	return oneStress(out), 0
}

// oneStress keeps the first mark of several, and stresses ё where nothing else
// is.
func oneStress(runes []rune) word {
	seen := false
	for i, r := range runes {
		if unicode.IsUpper(r) {
			if seen {
				runes[i] = unicode.ToLower(r)
			}
			seen = true
		}
	}
	for i, r := range runes {
		if !seen && r == 'ё' {
			runes[i], seen = 'Ё', true
		}
	}
	return word(runes)
}

// chunk is a word of a phrase, and whether a mark of punctuation follows it.
type chunk struct {
	text  string
	apart bool
	tail  bool // a particle behind a hyphen, which has no stress: «кто-то»
}

// particles lean on the word before their hyphen.
var particles = map[string]bool{"то": true, "нибудь": true, "либо": true, "ка": true, "таки": true, "с": true}

// split takes a phrase apart. Hyphens divide words («да-да»).
func split(phrase string) []chunk {
	var out []chunk
	var cur strings.Builder
	hyphen := false
	flush := func() {
		if cur.Len() > 0 {
			out = append(out, chunk{text: cur.String(), tail: hyphen && particles[strings.ToLower(cur.String())]})
			cur.Reset()
		}
	}
	for _, r := range phrase {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '+' || r == acute:
			cur.WriteRune(r)
		default:
			flush()
			hyphen = r == '-'
			if n := len(out); n > 0 && strings.ContainsRune(",.;:!?—–…", r) {
				out[n-1].apart = true
			}
		}
	}
	flush()
	return out
}
