package spoken

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"dozvon/audio"
	"dozvon/dialer/phonesim"
	"dozvon/hearing/corpus"
	"dozvon/sip/siptest"
)

// How people and operators behave.
const (
	mostAnswers = 3                      // to one question, asked again and again
	ends        = 500 * time.Millisecond // of silence end a question, longer than any pause in one
	roomLasts   = 5 * time.Second        // of the noise that goes on behind a person
	operators   = 15                     // for each scenario: nobody waits for one
	whisper     = 6 * time.Second        // an operator hears what the call is about, and is joined
)

// far is the far end of all calls: who answers, and with which sounds.
type far struct {
	book   siptest.Book
	sounds siptest.Sounds
}

func newFar(all []person, words library, first map[string]opening, seed uint64) (*far, error) {
	f := &far{sounds: siptest.Sounds{}}
	f.book.Seed = seed
	f.book.Default = phonesim.Profile{Kind: phonesim.Unknown}
	f.book.Numbers = map[string][]phonesim.Profile{}
	f.book.Operators = map[string]phonesim.Profile{}
	f.book.OperatorLaw = audio.ULaw
	for _, scenario := range scenarioNames {
		for i := range operators {
			f.book.Operators[operatorName(scenario, i)] = phonesim.Profile{Name: "operator", Kind: phonesim.Answers,
				Ring: 100 * time.Millisecond, Steps: []phonesim.Step{{Wait: whisper}, {HangUp: true}}}
		}
	}
	for i := range all {
		if err := f.add(&all[i], words, first[all[i].scenario], corpus.Rand(seed, "sound/"+all[i].phone)); err != nil {
			return nil, err
		}
	}
	return f, nil
}

func operatorName(scenario string, i int) string {
	return fmt.Sprintf("%s%d", strings.ReplaceAll(scenario, "-", ""), i)
}

// add lets a person answer. Whoever has been heard as they should be is not
// called again: another call finds a phone that is off, and ends on the list of
// those.
func (f *far) add(p *person, words library, first opening, r *rand.Rand) error {
	room, err := corpus.Channel{Level: p.level, Noise: corpus.PinkNoise, SNR: p.snr, Lead: roomLasts}.Pass(r, nil)
	if err != nil {
		return err
	}
	f.sounds["room/"+p.phone] = audio.NewClip(room.PCM)
	for nth, says := range p.says {
		v := voice{far: f, person: p, words: words, r: r, call: fmt.Sprintf("%s/%d", p.phone, nth)}
		steps, err := v.script(says, first)
		if err != nil {
			return err
		}
		f.book.Numbers[p.phone] = append(f.book.Numbers[p.phone], phonesim.Profile{
			Name: p.scenario, Kind: phonesim.Answers, Ring: 100 * time.Millisecond, Steps: steps,
			Behind: "room/" + p.phone, Loss: p.loss, Burst: p.burst,
		})
	}
	f.book.Numbers[p.phone] = append(f.book.Numbers[p.phone], phonesim.Profile{Name: "gone", Kind: phonesim.SwitchedOff})
	return nil
}

// voice makes what a person says in one call.
type voice struct {
	far    *far
	person *person
	words  library
	r      *rand.Rand
	call   string
	spoken int
}

// script is what the person does in the call. They answer every question with
// another recording of the same word, and each time it comes again.
func (v *voice) script(says string, first opening) ([]phonesim.Step, error) {
	var steps []phonesim.Step
	if v.person.greets != "" {
		wait := time.Duration(100+v.r.IntN(500)) * time.Millisecond
		say, err := v.say(v.person.greets)
		if err != nil {
			return nil, err
		}
		steps = append(steps, phonesim.Step{Wait: wait}, say)
	}
	for i := range mostAnswers {
		say, err := v.say(says)
		if err != nil {
			return nil, err
		}
		if i == 0 && v.person.barges {
			heard := first.before + time.Duration(v.person.over*float64(first.last))
			steps = append(steps, phonesim.Step{Listen: heard}, say)
			continue
		}
		steps = append(steps, phonesim.Step{Hush: ends})
		if pause := v.person.pauses[i]; pause > 0 {
			steps = append(steps, phonesim.Step{Wait: pause})
		}
		steps = append(steps, say)
	}
	return steps, nil
}

// say makes a recording ready as this person says it where they are.
func (v *voice) say(text string) (phonesim.Step, error) {
	takes := v.words[text]
	if len(takes) == 0 {
		return phonesim.Step{}, fmt.Errorf("spoken: nobody says «%s» in any recording", text)
	}
	t := takes[v.r.IntN(len(takes))]
	line := corpus.Channel{Level: v.person.level, Noise: corpus.PinkNoise, SNR: v.person.snr}
	sound, err := line.Pass(v.r, t.pcm)
	if err != nil {
		return phonesim.Step{}, err
	}
	v.spoken++
	name := fmt.Sprintf("%s/%d", v.call, v.spoken)
	v.far.sounds[name] = audio.NewClip(sound.PCM)
	return phonesim.Step{Speak: name}, nil
}
