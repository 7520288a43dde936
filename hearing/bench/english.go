package bench

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"dozvon/hearing"
	"dozvon/hearing/corpus"
	"dozvon/hearing/engines"
)

// englishBar says English words to pocketsphinx as the program uses it.
func englishBar() Bar {
	return Bar{
		Name:  "english",
		Title: "English with pocketsphinx",
		Data: "words: the Asterisk prompts that say one word (one female speaker), all of them listened for at once; keywords: yes, no, later, stop and operator in their families, " +
			"by two synthetic voices made from people (flite slt and awb) and \"no\" by the speaker of the prompts; others: sentences that are none, by the same voices. " +
			"Pink noise at 30 dB, A-law. Settings were chosen on other voices (flite rms and kal16, festival kal, espeak-ng) and on prompts of the same speaker with other words; the table of cepstra was learnt from flite rms and kal16, espeak-ng and festvox-ru; the settings were chosen with one that had learnt from klettres-data too",
		Needs: []corpus.Package{corpus.AsteriskEN, corpus.Flite, corpus.Pocket, corpus.PocketEN},
		Takes: time.Minute,
		Run:   runEnglish,
	}
}

// utterance is something said and what it should be heard as; "" for nothing.
type utterance struct {
	name  string
	label string
	pcm   func() ([]int16, error)
}

const accepted = 0.5 // the confidence that a scenario asks for if it says nothing

func runEnglish(ctx context.Context, r *Report) error {
	s, err := engines.NewSphinx(engines.SphinxConfig{Timeout: 30 * time.Second})
	if err != nil {
		return err
	}
	defer s.Close()
	words, err := englishWords()
	if err != nil {
		return err
	}
	phrases := map[string][]string{}
	for _, u := range words {
		phrases[u.label] = []string{u.label}
	}
	took := &Times{Title: "Decision after the end of speech, pocketsphinx on this machine as it is loaded now"}
	all := &Confusion{Title: "English words: only what was not heard right"}
	right, sure, err := hearEnglish(ctx, r, s, phrases, words, all, took)
	if err != nil {
		return err
	}
	r.Judge("en-words", share(right, len(words)), least(right, len(words), 85))
	r.Show("English words heard right and surely enough to count", "%s", share(sure, len(words)))
	r.Confuse(all)

	keywords, others := englishKeywords()
	families := &Confusion{Title: "English keywords"}
	right, sure, err = hearEnglish(ctx, r, s, englishFamilies, keywords, families, took)
	if err != nil {
		return err
	}
	r.Judge("en-keywords", share(sure, len(keywords)), least(sure, len(keywords), 85))
	r.Show("English keywords heard right, however surely", "%s", share(right, len(keywords)))
	_, refused, err := hearEnglish(ctx, r, s, englishFamilies, others, families, took)
	if err != nil {
		return err
	}
	r.Show("English sentences that are no keyword, taken for one", "%s", share(len(others)-refused, len(others)))
	r.Confuse(families)
	r.Judge("en-latency", took.Brief(), took.Len() > 0 && took.Quantile(0.95) <= 400*time.Millisecond)
	r.Time(took)
	r.Unproven("English yes, later, stop and operator by people: the packages have recorded words of one speaker, and of these words only \"no\" among them")
	return nil
}

// hearEnglish says the utterances and counts those heard right, and those of
// them that count.
func hearEnglish(ctx context.Context, r *Report, s *engines.Sphinx, phrases map[string][]string, said []utterance, c *Confusion, took *Times) (right, sure int, err error) {
	results, err := Each(ctx, r, len(said), func(i int) (hearing.Heard, error) {
		return sayEnglish(ctx, s, phrases, said[i])
	})
	if err != nil {
		return 0, 0, err
	}
	for i, h := range results {
		want, got := said[i].label, h.Label
		counts := h.Confidence >= accepted && got != ""
		if got == want && want != "" {
			right++
		}
		if counts == (want != "") && (want == "" || got == want) {
			sure++
		}
		truth, heard := want, got
		if want == "" {
			truth = "(other)"
		}
		if !counts {
			heard = "(nothing)"
		}
		if len(phrases) < 20 || truth != got {
			c.Add(truth, heard)
		}
		if h.Latency > 0 {
			took.Add(h.Latency)
		}
	}
	return right, sure, nil
}

// sayEnglish says one utterance on a line and returns what is heard of it
// first.
func sayEnglish(ctx context.Context, s *engines.Sphinx, phrases map[string][]string, u utterance) (hearing.Heard, error) {
	pcm, err := u.pcm()
	if err != nil {
		return hearing.Heard{}, err
	}
	line := corpus.Channel{Noise: corpus.PinkNoise, SNR: 30, Lead: 600 * time.Millisecond, Tail: 800 * time.Millisecond}
	sound, err := line.Pass(corpus.Rand(41, "english/"+u.name), pcm)
	if err != nil {
		return hearing.Heard{}, err
	}
	heard, err := s.HearRecording(ctx, hearing.Options{Language: "en", Phrases: phrases}, sound.Frames())
	if err != nil || len(heard) == 0 {
		return hearing.Heard{}, err
	}
	return surest(heard), nil
}

// surest is what counts of several utterances: a pause within a sentence
// parts it.
func surest(heard []hearing.Heard) hearing.Heard {
	return slices.MaxFunc(heard, func(a, b hearing.Heard) int { return cmp.Compare(a.Confidence, b.Confidence) })
}

var englishFamilies = map[string][]string{
	"yes": {"yes", "yeah", "yep", "sure", "of course", "okay"}, "no": {"no", "nope", "no thanks", "not interested"},
	"later": {"later", "call me later", "call me back", "not now"}, "stop": {"stop", "stop calling me", "don't call me"},
	"operator": {"operator", "the operator", "a human", "a real person"},
}

// englishWords are the prompts that say one word.
func englishWords() ([]utterance, error) {
	prompts, err := corpus.Words("en")
	if err != nil {
		return nil, err
	}
	var out []utterance
	for _, p := range prompts {
		out = append(out, utterance{p.Name, p.Text, p.PCM})
	}
	return out, nil
}

// englishKeywords are answers, and sentences that are none.
func englishKeywords() (keywords, others []utterance) {
	if p, err := corpus.FindPrompt("en", "vm-no"); err == nil {
		keywords = append(keywords, utterance{p.Name, "no", p.PCM})
	}
	sentences := []string{
		"maybe", "I see", "my wife is not at home", "it is raining", "let me think about it", "which bank is that", "Jennifer", "thirty five", "the car is in the garage",
		"we already talked", "please spell your name", "monday morning", "good luck", "chocolate", "he went to the shop",
	}
	for _, name := range []string{"slt", "awb"} {
		v := corpus.Voice{Engine: corpus.Flite, Name: name, Speed: 100}
		for _, label := range []string{"yes", "no", "later", "stop", "operator"} {
			for _, text := range englishFamilies[label] {
				keywords = append(keywords, utterance{fmt.Sprint(v, " ", text), label, func() ([]int16, error) { return v.Say(text) }})
			}
		}
		for _, text := range sentences {
			others = append(others, utterance{fmt.Sprint(v, " ", text), "", func() ([]int16, error) { return v.Say(text) }})
		}
	}
	return keywords, others
}
