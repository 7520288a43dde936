package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"dozvon/audio"
	"dozvon/hearing/corpus"
	"dozvon/hearing/endpoint"
	"dozvon/hearing/keywords"
	"dozvon/hearing/letters"
	"dozvon/hearing/phrases"
)

// wordsBefore is what is heard of a line before somebody speaks: the robot's
// question was longer.
const wordsBefore = 3 * time.Second

// When an utterance is decided on, as the live recogniser does: a first look
// for a clear answer, a last one when nothing more comes.
const (
	lookQuiet  = 13 // frames
	finalQuiet = 30
)

// strict is the confidence that a scenario asks for where an answer has
// consequences.
const strict = 0.7

// heardWord is an utterance as the embedded recogniser took it.
type heardWord struct {
	keywords.Decision
	latency time.Duration // from the end of the speech: what was waited, and the processor's time
}

func (h heardWord) accepted(threshold float64) bool {
	return h.Label != "" && h.Confidence >= threshold
}

// hearWords hears a call through, and returns its utterances from sample after
// on.
func hearWords(sound corpus.Sound, g *keywords.Grammar, after int) (out []heardWord) {
	e := endpoint.Endpointer{Patience: finalQuiet}
	d := keywords.NewDecoder(g)
	began, at := 0, 0
	var first heardWord
	settled := false
	look := func() heardWord {
		start := time.Now()
		what, _ := d.Decide(began*audio.FrameSamples, (at-e.Quiet())*audio.FrameSamples)
		return heardWord{what, time.Duration(e.Quiet())*audio.FrameTime + time.Since(start)}
	}
	for f := range sound.Frames() {
		d.Hear(f.PCM)
		at++
		turn := e.Hear(f)
		switch {
		case turn == endpoint.Began:
			began, settled = at-e.Length(), false
		case e.Speaking() && e.Quiet() == lookQuiet && !settled:
			if first = look(); first.accepted(sure) {
				settled = true
				if at*audio.FrameSamples > after {
					out = append(out, first)
				}
			}
		case turn == endpoint.Ended && !settled && at*audio.FrameSamples > after:
			out = append(out, look())
		}
	}
	return out
}

// hearOne passes a word over a line and returns what it was taken for: the
// longest utterance, where noise made several.
func hearOne(rnd *rand.Rand, pcm []int16, snr float64, g *keywords.Grammar) (heardWord, error) {
	line := corpus.Channel{Noise: corpus.PinkNoise, SNR: snr, Lead: wordsBefore, Tail: 900 * time.Millisecond}
	sound, err := line.Pass(rnd, pcm)
	if err != nil {
		return heardWord{}, err
	}
	var best heardWord
	for _, h := range hearWords(sound, g, audio.Samples(wordsBefore)) {
		if h.Took >= best.Took {
			best = h
		}
	}
	return best, nil
}

// question is the grammar of a usual question: all families, all fillers.
func question() (*keywords.Grammar, error) {
	words, err := phrases.Compile(anyAnswer("ru"))
	if err != nil {
		return nil, err
	}
	list := make([]keywords.Word, len(words))
	for i, w := range words {
		list[i] = keywords.Word(w)
	}
	m, err := keywords.Shipped()
	if err != nil {
		return nil, err
	}
	return keywords.Compile(m, list)
}

// wordsBar hears single words of a speaker never trained on.
func wordsBar() Bar {
	return Bar{
		Name:  "ru-words",
		Title: "Russian words, embedded recogniser",
		Data: "the prompts of Asterisk that are one Russian word, three draws of noise and level each, among all of those words (no fillers, no threshold); the woman who speaks them was " +
			"never trained on. Pink noise, -30 to -16 dBFS, A-law",
		Needs: []corpus.Package{corpus.AsteriskRU},
		Takes: 30 * time.Second,
		Run:   runWords,
	}
}

const wordDraws = 3

func runWords(ctx context.Context, r *Report) error {
	prompts, err := corpus.Words("ru")
	if err != nil {
		return err
	}
	m, err := keywords.Shipped()
	if err != nil {
		return err
	}
	var words []keywords.Word
	for _, p := range prompts {
		ways, err := letters.Russian(p.Text)
		if err != nil {
			return err
		}
		words = append(words, keywords.Word{Label: p.Text, Text: p.Text, Phones: ways})
	}
	g, err := keywords.Compile(m, words)
	if err != nil {
		return err
	}
	for _, c := range []struct {
		snr    float64
		demand string
		least  float64
	}{{30, "ru-words-30", 85}, {15, "ru-words-15", 70}, {10, "", 0}} {
		all, err := Each(ctx, r, len(prompts)*wordDraws, func(i int) (heardWord, error) {
			p := prompts[i/wordDraws]
			pcm, err := p.PCM()
			if err != nil {
				return heardWord{}, err
			}
			return hearOne(corpus.Rand(40, fmt.Sprintf("words/%g/%d", c.snr, i)), pcm, c.snr, g)
		})
		if err != nil {
			return err
		}
		right, sureOnes := 0, 0
		wrong := Confusion{Title: fmt.Sprintf("Russian words taken for others, %g dB", c.snr)}
		for i, h := range all {
			if want := prompts[i/wordDraws].Text; h.Label != want {
				wrong.Add(want, h.Label)
				continue
			}
			right++
			if h.Confidence >= sure {
				sureOnes++
			}
		}
		r.Show(fmt.Sprintf("words right, %g dB", c.snr), "%s, of which with a confidence of %.1f: %d", share(right, len(all)), sure, sureOnes)
		if len(wrong.truths) > 0 {
			r.Confuse(&wrong)
		}
		if c.demand != "" {
			r.Judge(c.demand, share(right, len(all)), least(right, len(all), c.least))
		}
	}
	return nil
}
