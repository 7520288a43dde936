package letters

import (
	"strings"
	"unicode"
)

// hardG are words in -ого, -его that keep their г.
var hardG = map[string]bool{
	"много": true, "немного": true, "намного": true, "строго": true, "дорого": true, "недорого": true, "полого": true, "убого": true, "лого": true,
}

// respell returns how a word with a known stress is spoken, in letters: the
// reading of the labels first, then what people also say.
func respell(w word) []word {
	p := w.plain()
	runes := []rune(w)
	n := len(runes)
	switch {
	case strings.HasPrefix(p, "что"):
		runes[0] = 'ш'
	case (strings.HasSuffix(p, "ого") || strings.HasSuffix(p, "его")) && !hardG[p]:
		runes[n-2] = 'в'
	case strings.HasSuffix(p, "егося") || strings.HasSuffix(p, "огося"):
		runes[n-4] = 'в'
	case strings.HasPrefix(p, "сегодня"):
		runes[2] = 'в'
	case strings.HasSuffix(p, "ться"):
		return []word{w, word(runes[:n-4]) + "ца"}
	case strings.HasSuffix(p, "нечно"), strings.HasSuffix(p, "рочно"):
		both := []rune(w)
		runes[n-3] = 'ш'
		return []word{word(runes), word(both)}
	}
	return []word{word(runes)}
}

// silent are groups of letters in which not all are heard: how many letters are
// taken from the start of the group, and what sounds instead of them.
var silent = []struct {
	group string
	take  int
	sound string
}{
	{"вств", 1, ""}, {"стьс", 3, "s"}, {"стс", 2, "s"}, {"стц", 2, "s"}, {"стн", 2, "s"},
	{"здц", 2, "z"}, {"здн", 2, "z"}, {"рдц", 2, "r"}, {"рдч", 2, "r"}, {"лнц", 2, "n"},
	{"нтц", 2, "n"}, {"ндц", 2, "n"}, {"ндш", 2, "n"}, {"нтс", 2, "n"}, {"ндс", 2, "n"}, {"нгт", 2, "n"},
	{"сшест", 2, "sh"}, {"сч", 2, "sch"}, {"чш", 1, "t"}, {"дц", 1, ""}, {"тся", 2, "c"}, {"гк", 1, "h"},
	{"бб", 1, ""}, {"рр", 1, ""}, {"нн", 1, ""}, {"мм", 1, ""}, {"сс", 1, ""}, {"кк", 1, ""}, {"пп", 1, ""},
}

// foreign are stems whose т or н stays hard before е.
var foreign = []struct {
	stem string
	at   int // which letter of the stem
}{{"интерв", 2}, {"интерф", 2}, {"интерп", 2}, {"синтез", 3}, {"эстет", 2}, {"тест", 0}}

func hardHere(plain []rune, i int) bool {
	for _, f := range foreign {
		stem := []rune(f.stem)
		from := i - f.at
		if from >= 0 && from+len(stem) <= len(plain) && string(plain[from:from+len(stem)]) == f.stem {
			return true
		}
	}
	return false
}

// sound is one phone on its way: vowels are still a, o, e, i, y, u.
type sound struct {
	name   string
	vowel  bool
	stress bool
	yo     bool // ё keeps its sound without stress
	last   bool // the last consonant of its word
	clitic bool // of a word that leans on the next: it does not end in silence
	mute   bool // the word has no vowel: to the rules of vowels it is a weak syllable
}

var vowelOf = map[rune]string{'а': "a", 'о': "o", 'у': "u", 'ы': "y", 'э': "e", 'и': "i", 'я': "a", 'ё': "o", 'ю': "u", 'е': "e"}

// sounds turns a respelled word into sounds, letter by letter.
func sounds(w word) []sound {
	runes := []rune(w)
	plain := []rune(w.plain())
	var out []sound
	for i := 0; i < len(plain); {
		if take, name, ok := muted(plain[i:]); ok {
			if name != "" {
				out = append(out, sound{name: name})
			}
			i += take
			continue
		}
		out = append(out, letter(runes, plain, i)...)
		i++
	}
	return out
}

func muted(rest []rune) (take int, name string, ok bool) {
	head := string(rest[:min(len(rest), 5)])
	for _, s := range silent {
		if strings.HasPrefix(head, s.group) {
			return s.take, s.sound, true
		}
	}
	return 0, "", false
}

func letter(runes, plain []rune, i int) []sound {
	r := plain[i]
	if v, ok := vowelOf[r]; ok {
		s := sound{name: v, vowel: true, stress: unicode.IsUpper(runes[i]), yo: r == 'ё'}
		if iotated(plain, i) {
			return []sound{{name: "j"}, s}
		}
		return []sound{s}
	}
	if c, ok := always[r]; ok {
		return []sound{{name: c}}
	}
	if c, ok := consonants[r]; ok {
		if i+1 < len(plain) && softens(plain[i+1]) && !(plain[i+1] == 'е' && hardHere(plain, i)) {
			c = soft(c)
		}
		return []sound{{name: c}}
	}
	return nil // ъ, ь
}

// iotated says whether a vowel letter begins with j.
func iotated(plain []rune, i int) bool {
	if i > 0 && plain[i] == 'о' {
		return plain[i-1] == 'ь'
	}
	return strings.ContainsRune("яёюе", plain[i]) && (i == 0 || isVowel(plain[i-1]) || plain[i-1] == 'ь' || plain[i-1] == 'ъ')
}
