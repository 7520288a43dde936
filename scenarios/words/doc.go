// Package words puts numbers, dates, times, money and telephone numbers into
// words, in Russian and English, because speech engines get them wrong.
//
// It must never know scenarios or audio: it is text in, text out.
package words

// Language is the code of a language that the package speaks.
type Language string

// Languages of the package.
const (
	Russian Language = "ru"
	English Language = "en"
)

// Case is a grammatical case. English has none, and ignores it.
type Case uint8

// Cases of Russian.
const (
	Nominative    Case = iota // кто, что
	Genitive                  // кого, чего: от, до, без, около
	Dative                    // кому, чему: к
	Accusative                // кого, что: на, в, через
	Instrumental              // кем, чем: с, между
	Prepositional             // о ком, о чём
)

// Cases gives the cases by the names used in templates.
func Cases() map[string]Case {
	return map[string]Case{
		"nominative": Nominative, "genitive": Genitive, "dative": Dative,
		"accusative": Accusative, "instrumental": Instrumental, "prepositional": Prepositional,
	}
}

// Gender is a grammatical gender.
type Gender uint8

// Genders of Russian.
const (
	Masculine Gender = iota
	Feminine
	Neuter
)

// Limit is the largest whole number that is put into words; beyond it the
// digits are read one by one.
const Limit = 999_999_999_999_999

// Cardinal is a whole number: «сорок две», "forty-two".
func Cardinal(l Language, n int64, g Gender, c Case) string {
	if l == English {
		return enCardinal(n)
	}
	return ruCardinal(n, g, c)
}

// Ordinal is a place in a row, 1 to 9999: «пятнадцатого», "fifteenth".
// Other numbers are read as cardinals.
func Ordinal(l Language, n int64, g Gender, c Case) string {
	if n < 1 || n > 9999 {
		return Cardinal(l, n, g, c)
	}
	if l == English {
		return enOrdinal(n)
	}
	return ruOrdinal(n, g, c)
}
