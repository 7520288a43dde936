package bench

import (
	"context"
	"fmt"
	"time"

	"dozvon/hearing/corpus"
	"dozvon/hearing/keywords"
)

// yesNoBar hears да and нет, and what is neither.
func yesNoBar() Bar {
	return Bar{
		Name:  "ru-yesno",
		Title: "Russian да and нет, and what is neither, embedded recogniser",
		Data: "the held-out cuts of festvox-ru (a voice trained on, in utterances that were not), twenty draws of noise and level each; false accepts: every utterance in Asterisk's Russian " +
			"prompts, spoken by a woman never trained on; other phrases: synthetic voices of the test half. All families of answers and all fillers are listened for. Pink noise of 20 dB, A-law",
		Needs: []corpus.Package{corpus.FestvoxRU, corpus.AsteriskRU, corpus.Espeak, corpus.Festival},
		Takes: time.Minute,
		Run:   runYesNo,
	}
}

const (
	cutDraws  = 20
	answerSNR = 20
)

var yesNo = map[string]string{"да": "yes", "нет": "no"}

func runYesNo(ctx context.Context, r *Report) error {
	g, err := question()
	if err != nil {
		return err
	}
	right, latency, err := hearCuts(ctx, r, g)
	if err != nil {
		return err
	}
	false1, of, err := hearPrompts(ctx, r, g)
	if err != nil {
		return err
	}
	cuts := len(corpus.HeldOut()) * cutDraws
	r.Judge("ru-yesno", fmt.Sprintf("%s at %s false accepts", share(right, cuts), share(false1, of)), least(right, cuts, 95) && least(of-false1, of, 98))
	r.Time(latency)
	return hearOthers(ctx, r, g)
}

// hearCuts hears the held-out words.
func hearCuts(ctx context.Context, r *Report, g *keywords.Grammar) (right int, latency *Times, err error) {
	cuts := corpus.HeldOut()
	all, err := Each(ctx, r, len(cuts)*cutDraws, func(i int) (heardWord, error) {
		pcm, err := cuts[i/cutDraws].PCM(0)
		if err != nil {
			return heardWord{}, err
		}
		return hearOne(corpus.Rand(41, fmt.Sprintf("cuts/%d", i)), pcm, answerSNR, g)
	})
	if err != nil {
		return 0, nil, err
	}
	latency = &Times{Title: "Decision on да and нет, after the end of speech"}
	table := Confusion{Title: fmt.Sprintf("Held-out cuts at %d dB, confidence of %.1f", answerSNR, sure)}
	strictly := 0
	for i, h := range all {
		want := yesNo[cuts[i/cutDraws].Word]
		heard := "not sure"
		if h.accepted(sure) {
			heard = h.Label
			latency.Add(h.latency)
		}
		table.Add(want, heard)
		if heard == want {
			right++
		}
		if h.Label == want && h.accepted(strict) {
			strictly++
		}
	}
	r.Confuse(&table)
	r.Show(fmt.Sprintf("да and нет right with a confidence of %.1f", strict), "%s", share(strictly, len(all)))
	return right, latency, nil
}

// hearPrompts hears sentences and words that are no answers.
func hearPrompts(ctx context.Context, r *Report, g *keywords.Grammar) (wrong, of int, err error) {
	all, err := corpus.Prompts("ru")
	if err != nil {
		return 0, 0, err
	}
	heard, err := Each(ctx, r, len(all), func(i int) ([]heardWord, error) {
		if yesNo[all[i].Text] != "" || !all[i].Speech() {
			return nil, nil
		}
		pcm, err := all[i].PCM()
		if err != nil {
			return nil, err
		}
		line := corpus.Channel{Noise: corpus.PinkNoise, SNR: answerSNR, Lead: wordsBefore, Tail: 900 * time.Millisecond}
		sound, err := line.Pass(corpus.Rand(42, all[i].Name), pcm)
		if err != nil {
			return nil, err
		}
		return hearWords(sound, g, 0), nil
	})
	if err != nil {
		return 0, 0, err
	}
	strictly := 0
	for i, hs := range heard {
		for _, h := range hs {
			of++
			if h.accepted(sure) {
				wrong++
				r.Note("%s was taken for %q (%.2f)", all[i].Name, h.Text, h.Confidence)
			}
			if h.accepted(strict) {
				strictly++
			}
		}
	}
	r.Show(fmt.Sprintf("false accepts at a confidence of %.1f", strict), "%s", share(strictly, of))
	return wrong, of, nil
}

// otherPhrases are said by people who answer no question.
var otherPhrases = []string{"алло", "кто это", "я вас слушаю"}

// hearOthers hears phrases that are no keyword.
func hearOthers(ctx context.Context, r *Report, g *keywords.Grammar) error {
	voices := corpus.Voices(corpus.Test, "ru")
	all, err := Each(ctx, r, len(voices)*len(otherPhrases), func(i int) (heardWord, error) {
		pcm, err := voices[i/len(otherPhrases)].Say(otherPhrases[i%len(otherPhrases)])
		if err != nil {
			return heardWord{}, err
		}
		return hearOne(corpus.Rand(43, fmt.Sprintf("others/%d", i)), pcm, answerSNR, g)
	})
	if err != nil {
		return err
	}
	wrong := 0
	table := Confusion{Title: fmt.Sprintf("Other phrases at %d dB, confidence of %.1f", answerSNR, sure)}
	for i, h := range all {
		heard := "none"
		if h.accepted(sure) {
			heard = h.Label
			wrong++
		}
		table.Add(otherPhrases[i%len(otherPhrases)], heard)
	}
	r.Confuse(&table)
	r.Judge("ru-others", share(wrong, len(all))+" accepted", least(len(all)-wrong, len(all), 97))
	return nil
}
