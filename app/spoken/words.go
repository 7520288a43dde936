package spoken

import (
	"fmt"
	"slices"
	"time"

	"dozvon/hearing/corpus"
)

// word is a recording of a person who says something.
type word struct {
	text string
	of   string // where it is from
	load func() ([]int16, error)
}

// The recordings are those that packages have, and no others: nobody says
// «алло», «интересно» or «оператор» in them.
func recordings() []word {
	var all []word
	for _, c := range corpus.HeldOut() {
		all = append(all, cut(c, unheard))
	}
	for _, c := range []corpus.Cut{
		at("нет спасибо", "0390", 3110, 4210), at("нет спасибо", "0399", 9260, 10500),
	} {
		all = append(all, cut(c, unheard))
	}
	for _, c := range []corpus.Cut{
		at("да конечно", "0298", 4520, 5570), at("конечно", "0598", 5600, 6160), at("конечно", "0609", 430, 1070),
		at("хорошо", "0176", 3880, 4460), at("позже", "0534", 480, 870),
		at("потом", "0055", 370, 760), at("потом", "0300", 420, 785), at("потом", "0589", 420, 830),
	} {
		all = append(all, cut(c, taught))
	}
	return append(all, prompt("нет", "vm-no"), prompt("завтра", "digits/tomorrow"), prompt("здравствуйте", "hello"))
}

// Where a recording is from.
const (
	unheard  = "the speaker of the weights, a sentence kept from them"
	taught   = "the speaker of the weights, a sentence they were trained on"
	stranger = "a speaker whom the weights do not know"
)

// at is a stretch of a sentence of festvox-ru, in milliseconds, as its labels
// have the words.
func at(text, number string, from, to int) corpus.Cut {
	return corpus.Cut{Word: text, Utterance: "ru_" + number,
		From: time.Duration(from) * time.Millisecond, To: time.Duration(to) * time.Millisecond}
}

func cut(c corpus.Cut, of string) word {
	return word{text: c.Word, of: of, load: func() ([]int16, error) { return c.PCM(0) }}
}

func prompt(text, name string) word {
	return word{text: text, of: stranger, load: func() ([]int16, error) {
		p, err := corpus.FindPrompt("ru", name)
		if err != nil {
			return nil, err
		}
		return p.PCM()
	}}
}

// library has the recordings by what is said in them.
type library map[string][]take

// take is a recording that has been read.
type take struct {
	word
	pcm []int16
}

func openLibrary() (library, error) {
	l := library{}
	for _, w := range recordings() {
		pcm, err := w.load()
		if err != nil {
			return nil, fmt.Errorf("«%s»: %w", w.text, err)
		}
		l[w.text] = append(l[w.text], take{w, trim(pcm)})
	}
	return l, nil
}

// trim cuts off the silence around what is said: prompts have some, and what
// a person does before the word is for the script to say.
func trim(pcm []int16) []int16 {
	const frame, quiet = 160, 150 // samples; of their level
	loud := func(i int) bool {
		sum := 0.0
		for _, v := range pcm[i : i+frame] {
			sum += float64(v) * float64(v)
		}
		return sum > quiet*quiet*frame
	}
	from, to := 0, len(pcm)-len(pcm)%frame
	for from < to && !loud(from) {
		from += frame
	}
	for to > from && !loud(to-frame) {
		to -= frame
	}
	return slices.Clone(pcm[from:to])
}
