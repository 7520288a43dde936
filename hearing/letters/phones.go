package letters

import "slices"

// Pause is the phone of silence: at the edges, and between words that are said
// apart.
const Pause = "pau"

// Phones returns the names of all 51 phones, sorted: what a phone model has to
// tell apart.
func Phones() []string {
	all := []string{Pause, "oo", "c", "ch", "sch", "sh", "zh", "j"}
	for weak, strong := range stressed {
		all = append(all, weak, strong)
	}
	for _, hard := range consonants {
		if hard != "c" && hard != "zh" && hard != "sh" {
			all = append(all, hard, soft(hard))
		}
	}
	all = append(all, "ae", "ay", "ur")
	slices.Sort(all)
	return slices.Compact(all)
}

// stressed maps vowels to their names under stress. The weak o is never heard:
// it becomes a or ay.
var stressed = map[string]string{"a": "aa", "e": "ee", "i": "ii", "y": "yy", "u": "uu"}

func strong(vowel string) string {
	if vowel == "o" {
		return "oo"
	}
	return stressed[vowel]
}

// consonants are the hard sounds of letters that may also be soft, and of those
// that never are.
var consonants = map[rune]string{
	'б': "b", 'в': "v", 'г': "g", 'д': "d", 'ж': "zh", 'з': "z", 'к': "k", 'л': "l", 'м': "m", 'н': "n",
	'п': "p", 'р': "r", 'с': "s", 'т': "t", 'ф': "f", 'х': "h", 'ц': "c", 'ш': "sh",
}

// always are letters with one sound, which is soft.
var always = map[rune]string{'ч': "ch", 'щ': "sch", 'й': "j"}

func soft(hard string) string {
	switch hard {
	case "c", "sh", "zh":
		return hard
	}
	return hard + hard
}

// isSoft says whether a consonant is soft: what the weak vowel behind it hears.
func isSoft(phone string) bool {
	switch phone {
	case "ch", "sch", "j":
		return true
	case "sh", "zh":
		return false
	}
	return len(phone) == 2 && phone[0] == phone[1]
}

// voiceless pairs voiced sounds with their voiceless ones.
var voiceless = map[string]string{
	"b": "p", "bb": "pp", "v": "f", "vv": "ff", "zh": "sh", "z": "s", "zz": "ss", "g": "k", "gg": "kk", "d": "t", "dd": "tt",
}

var voiced = func() map[string]string {
	back := map[string]string{}
	for v, u := range voiceless {
		back[u] = v
	}
	return back
}()

// makesVoiced are sounds before which voiceless ones become voiced: v is none.
func makesVoiced(phone string) bool {
	_, pair := voiceless[phone]
	return pair && phone != "v" && phone != "vv"
}

// makesVoiceless are sounds before which voiced ones become voiceless. In the
// labels f and c are none.
func makesVoiceless(phone string) bool {
	switch phone {
	case "f", "ff":
		return false
	case "sch", "ch", "h", "hh":
		return true
	}
	_, pair := voiced[phone]
	return pair
}

func isSonorant(phone string) bool {
	switch phone {
	case "m", "mm", "n", "nn", "l", "ll", "r", "rr", "j":
		return true
	}
	return false
}
