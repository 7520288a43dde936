package bench

import (
	"math"

	"dozvon/hearing/corpus"
)

// Recording is a piece of recorded speech.
type Recording struct {
	Name     string
	Language string
	PCM      func() ([]int16, error)
}

// Speech lists all recorded speech in Russian and English: festvox-ru and the
// spoken prompts of Asterisk.
func Speech() ([]Recording, error) {
	all, err := corpus.Festvox()
	if err != nil {
		return nil, err
	}
	var out []Recording
	for _, u := range all {
		out = append(out, Recording{u.ID, "ru", u.PCM})
	}
	for _, language := range []string{"ru", "en"} {
		p, err := Spoken(language)
		if err != nil {
			return nil, err
		}
		out = append(out, p...)
	}
	return out, nil
}

// Spoken lists the prompts of a language in which somebody speaks.
func Spoken(language string) ([]Recording, error) {
	all, err := corpus.Prompts(language)
	if err != nil {
		return nil, err
	}
	var out []Recording
	for _, p := range all {
		if p.Speech() {
			out = append(out, Recording{language + " " + p.Name, language, p.PCM})
		}
	}
	return out, nil
}

func pow10(db float64) float64 { return math.Pow(10, db/20) }
