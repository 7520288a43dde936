package corpus

import (
	"fmt"
	"time"

	"dozvon/audio"
	"dozvon/hearing"
)

// LessonPackages lists what Lessons are made of.
func LessonPackages() []Package {
	return []Package{PromptFR, PromptIT, PromptES, Espeak, Flite, Festival, FestvoxKAL, Sox}
}

// Lessons lists calls to fit weights on: with the voices of the development
// half, but other sentences, and with the recorded prompts of three people whom
// neither half knows. So what was fitted can be judged on the development half
// before it is judged on the test half. An *AbsentError says which packages they
// want.
func Lessons() ([]Call, error) {
	if err := Missing(LessonPackages()...); err != nil {
		return nil, err
	}
	b := &book{half: Development, set: "lessons"}
	for _, language := range []string{"ru", "en"} {
		b.synthetic(language, lessonPhrases[language])
	}
	for _, set := range []string{"fr-armelle", "it-menardi", "es-co"} {
		if err := b.lessons(set); err != nil {
			return nil, err
		}
	}
	return b.calls, nil
}

// lessons adds calls made of a set of prompts, in the ways that machines are
// built: an introduction, a pause, the body, a beep; one long prompt; short ones
// for people.
func (b *book) lessons(set string) error {
	all, err := Prompts(set)
	if err != nil {
		return err
	}
	r := Rand(uint64(b.half), b.set+"/"+set)
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	var brief, whole []Prompt
	people := 0
	for _, p := range all {
		if !p.Speech() {
			continue
		}
		pcm, err := p.PCM()
		if err != nil {
			return err
		}
		switch d := audio.Duration(len(trim(pcm))); {
		case d >= 300*time.Millisecond && d <= 1300*time.Millisecond && people < 60:
			people++
			b.short(set[:2], p.PCM)
		case d >= 700*time.Millisecond && d < 2500*time.Millisecond:
			brief = append(brief, p)
		case d >= 2500*time.Millisecond:
			whole = append(whole, p)
		}
	}
	if len(brief) < 40 || len(whole) < 20 {
		return fmt.Errorf("corpus: the prompts of %s are too few: %d short sentences, %d long ones", set, len(brief), len(whole))
	}
	for i := range 30 {
		b.assembled(set, Voicemail, brief[i%len(brief)], whole[i%len(whole)])
	}
	for i := range 20 {
		b.assembled(set, Menu, whole[i%len(whole)])
	}
	for i := range 10 {
		b.assembled(set, Carrier, brief[len(brief)-1-i], brief[len(brief)-1-i])
	}
	return nil
}

// assembled adds a machine that plays prompts with pauses between them.
func (b *book) assembled(set string, class Class, prompts ...Prompt) {
	b.add(Call{
		Class: class, Truth: hearing.Machine, Source: "recorded", Language: set[:2], Bar: true,
		write: func(s *script) error {
			for i, p := range prompts {
				pcm, err := p.PCM()
				if err != nil {
					return err
				}
				if pcm = trim(pcm); i > 0 {
					s.pause(0.25, 1)
				}
				s.play(pcm[:min(len(pcm), 12*audio.Rate)], 0)
			}
			s.greeting()
			if class == Voicemail {
				s.beep()
			}
			return nil
		},
	})
}
