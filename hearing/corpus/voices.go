package corpus

import "math/rand/v2"

// Half says what a call may be used for.
type Half uint8

// The halves. They share no sentence, no voice and no seed.
const (
	Development Half = iota // to tune on
	Test                    // to judge on, and nothing else
)

// String names the half.
func (h Half) String() string {
	if h == Test {
		return "test"
	}
	return "development"
}

// spoken are the sentences of one language and half.
type spoken struct{ people, business, voicemail, carrier, menu []string }

var phrases = map[Half]map[string]spoken{
	Development: {"ru": russianDev, "en": englishDev},
	Test:        {"ru": russianTest, "en": englishTest},
}

// variants are the voices of espeak-ng that sound like people.
var variants = map[Half][]string{
	Development: {"f2", "f4", "m1", "m3", "m5", "m7", "Alicia", "Andy", "Denis", "Gene", "klatt2", "linda", "max", "boris", "anika", "Mike"},
	Test:        {"f1", "f3", "f5", "m2", "m4", "m6", "m8", "Annie", "Alex", "Lee", "klatt4", "steph", "zac", "victor", "belinda", "Hugo"},
}

var accents = map[Half]map[string][]string{
	Development: {"ru": {"ru"}, "en": {"en-us", "en-gb"}},
	Test:        {"ru": {"ru", "ru-lv"}, "en": {"en-us", "en-gb-x-rp", "en-029", "en-gb-scotland"}},
}

// recorded are the synthetic voices made from recordings of a person. Two
// voices of the same person are in the same half. The one Russian is for the
// test alone.
var recorded = map[Half]map[string][]Voice{
	Development: {"en": {{Flite, "kal16", 100, 0}, {Flite, "rms", 100, 0}, {Festival, "voice_kal_diphone", 100, 0}}},
	Test: {
		"ru": {{Festival, "voice_msu_ru_nsh_clunits", 100, 0}},
		"en": {{Flite, "awb", 100, 0}, {Flite, "slt", 100, 0}, {Festival, "voice_cmu_us_slt_arctic_hts", 100, 0}, {Festival, "voice_ked_diphone", 100, 0}},
	},
}

func espeakVoice(r *rand.Rand, half Half, language string) Voice {
	name := one(r, accents[half][language]...) + "+" + one(r, variants[half]...)
	return Voice{Espeak, name, one(r, 80, 95, 105, 120), one(r, 25, 45, 65)}
}

// person draws a voice: turn after turn one of espeak's and one made from a
// person, where there is one.
func person(r *rand.Rand, half Half, language string, turn int) Voice {
	real := recorded[half][language]
	if len(real) == 0 || turn%3 != 2 {
		return espeakVoice(r, half, language)
	}
	v := one(r, real...)
	v.Speed = one(r, 90, 100, 115)
	return v
}

// Voices lists the voices of a half that speak a language.
func Voices(half Half, language string) []Voice {
	out := append([]Voice(nil), recorded[half][language]...)
	for _, accent := range accents[half][language] {
		for i, name := range variants[half] {
			out = append(out, Voice{Espeak, accent + "+" + name, 90 + 10*(i%3), 30 + 15*(i%3)})
		}
	}
	return out
}
