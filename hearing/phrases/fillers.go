package phrases

import (
	"maps"
	"slices"

	"dozvon/hearing"
)

// fillers must not hold a one-word answer of a family («да, алло»): beside such a
// one a plain «да» is never sure.
var fillers = map[string][]string{
	"ru": list("алло, алё, кто это, кто, кто говорит, я вас слушаю, слушаю, слушаю вас, слушаю внимательно, говорите, здравствуйте, здрасте, добрый день, " +
		"добрый вечер, доброе утро, привет, что, что-что, что вы хотите, что вам нужно, не понял, не поняла, я не понял, повторите, повторите пожалуйста, ещё раз, как, какой, какая, " +
		"а что, а кто это, вы кто, это кто, это робот, вы робот, куда вы звоните, откуда вы, откуда у вас мой номер, какая компания, не слышно, вас не слышно, плохо слышно, не слышу, " +
		"минуточку, минутку, секунду, секундочку, подождите, сейчас, так, ну, спасибо, до свидания, извините, вы ошиблись, не знаю, я не знаю, мама, ой, понятно, ничего, по какому вопросу, сколько, почему, зачем"),
	"en": list("hello, hi, who is this, who is it, who's calling, speaking, what, what is it, what do you want, pardon, sorry, i didn't hear you, i can't hear you, say again, good morning, " +
		"good afternoon, good evening, one moment, wait, hold on, thank you, thanks, goodbye, i don't know, well, how much, why, where are you calling from, is this a robot, wrong number, i see"),
}

// Others returns what people say instead of an answer to this question: the
// fillers of the language, and the families of refusing and putting off of
// which no answer has a phrase. Where «да» is the only answer, «нет» is listened for too, so that
// nothing else is made of it.
func Others(o hearing.Options) []string {
	taken := map[string]bool{}
	for _, list := range Expand(o) {
		for _, p := range list {
			taken[Normal(p)] = true
		}
	}
	claimed := maps.Clone(taken)
	var out []string
	add := func(list []string) {
		for _, p := range list {
			if n := Normal(p); !taken[n] {
				taken[n] = true
				out = append(out, p)
			}
		}
	}
	add(Fillers(o.Language))
	for _, f := range []Family{No, Later, Stop, Operator} { // not Yes: «да-да» beside a plain «да» makes it unsure
		if !slices.ContainsFunc(Of(o.Language, f), func(p string) bool { return claimed[Normal(p)] }) {
			add(Of(o.Language, f))
		}
	}
	return out
}

// Fillers returns phrases of calls that mean nothing in any question. They are
// listened for, so that they are not taken for an answer.
func Fillers(language string) []string { return fillers[language] }
