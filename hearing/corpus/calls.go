package corpus

import (
	"fmt"
	"os"
	"time"

	"dozvon/audio"
	"dozvon/hearing"
)

// CallPackages lists what the calls are made of.
func CallPackages() []Package {
	return []Package{FestvoxRU, AsteriskRU, AsteriskEN, AsteriskFR, AsteriskIT, AsteriskMo, Espeak, Flite, Festival, FestvoxSLT, FestvoxKAL, FestvoxKED, Sox}
}

// Calls lists the calls of a half: what answering machines, people, networks
// and faxes sound like. An *AbsentError says which packages they want.
func Calls(h Half) ([]Call, error) {
	if err := Missing(CallPackages()...); err != nil {
		return nil, err
	}
	b := &book{half: h, set: h.String()}
	for _, language := range []string{"ru", "en"} {
		b.synthetic(language, phrases[h][language])
	}
	b.recordings()
	if err := b.shortRecordings(); err != nil {
		return nil, err
	}
	if h == Test {
		if err := b.speaker(); err != nil {
			return nil, err
		}
	}
	b.signals()
	b.music()
	return b.calls, nil
}

// book collects the calls of a half.
type book struct {
	half  Half
	set   string // of its calls' names
	calls []Call
}

// add appends a call and names it.
func (b *book) add(c Call) {
	c.Half = b.half
	n := 0
	for _, o := range b.calls {
		if o.Class == c.Class {
			n++
		}
	}
	c.Name = fmt.Sprintf("%s/%s/%03d", b.set, c.Class, n)
	b.calls = append(b.calls, c)
}

// synthetic adds what synthetic voices say.
func (b *book) synthetic(language string, p spoken) {
	for _, k := range []struct {
		class Class
		texts []string
		turns int // how many times each is said
	}{{Person, p.people, 6}, {Business, p.business, 6}, {Voicemail, p.voicemail, 5}, {Carrier, p.carrier, 4}, {Menu, p.menu, 4}} {
		for i := range k.texts {
			for turn := range k.turns {
				b.sentence(k.class, language, k.texts, i, turn)
			}
		}
	}
}

func (b *book) sentence(class Class, language string, texts []string, i, turn int) {
	text := texts[i]
	c := Call{Class: class, Truth: hearing.Machine, Language: language, Text: text, Bar: class != Business}
	if class == Person || class == Business {
		c.Truth = hearing.Human
	}
	name := fmt.Sprintf("voice/%s/%s/%d/%d", class, language, i, turn)
	if b.set != b.half.String() {
		name = b.set + "/" + name
	}
	r := Rand(uint64(b.half), name)
	v := person(r, b.half, language, turn)
	c.Source = string(v.Engine)
	switch class {
	case Person, Business:
		again := texts[(i+1)%len(texts)]
		c.write = func(s *script) error { return s.person(v, text, again) }
	case Voicemail:
		c.write = func(s *script) error { return s.voicemail(v, text) }
	case Carrier:
		c.write = func(s *script) error { return s.carrier(v, text) }
	default:
		c.write = func(s *script) error { return s.menu(v, text) }
	}
	b.add(c)
}

// person says a greeting, and often something more when nobody answers.
func (s *script) person(v Voice, text, again string) error {
	s.pickUp()
	if err := s.say(v, text); err != nil {
		return err
	}
	s.greeting()
	if s.r.Float64() < 0.4 {
		s.pause(1.6, 2.6)
		return s.say(v, again)
	}
	return nil
}

func (s *script) voicemail(v Voice, text string) error {
	s.pickUp()
	if err := s.say(v, text); err != nil {
		return err
	}
	s.greeting()
	if s.r.Float64() < 0.9 {
		s.beep()
	}
	return nil
}

// carrier says an announcement twice, as networks do.
func (s *script) carrier(v Voice, text string) error {
	for range 2 {
		if err := s.say(v, text); err != nil {
			return err
		}
		s.greeting()
		s.pause(0.6, 1.5)
	}
	return nil
}

func (s *script) menu(v Voice, text string) error {
	if err := s.say(v, text); err != nil {
		return err
	}
	s.greeting()
	return nil
}

// recordings adds what the recorded prompts of a PBX say: people's voices, on
// the languages of the half.
func (b *book) recordings() {
	languages := map[Half][]string{Development: {"fr", "it"}, Test: {"ru", "en"}}[b.half]
	for _, language := range languages {
		for range 16 {
			b.prompts(Voicemail, language, "vm-theperson", "?", "?", "?", "?", "vm-isunavail", "vm-intro")
		}
		for range 8 {
			b.prompts(Voicemail, language, "vm-intro")
		}
		for _, name := range []string{"ss-noservice", "tt-allbusy", "pbx-invalid", "cannot-complete-as-dialed", "vm-nobodyavail", "number-not-answering"} {
			b.prompts(Carrier, language, name)
		}
		for _, name := range []string{"queue-periodic-announce", "demo-congrats", "vm-options", "conf-adminmenu", "demo-instruct", "basic-pbx-ivr-main", "queue-callswaiting"} {
			b.prompts(Menu, language, name)
		}
	}
}

// prompts adds a call that plays prompts one after another; ? is a digit.
func (b *book) prompts(class Class, language string, names ...string) {
	for _, name := range names {
		if _, err := FindPrompt(language, name); name != "?" && err != nil {
			return // a set that lacks the prompt
		}
	}
	b.add(Call{
		Class: class, Truth: hearing.Machine, Source: "recorded", Language: language, Bar: true,
		write: func(s *script) error {
			for _, name := range names {
				if name == "?" {
					name = fmt.Sprintf("digits/%d", s.r.IntN(10))
				}
				p, err := FindPrompt(language, name)
				if err != nil {
					return err
				}
				pcm, err := p.PCM()
				if err != nil {
					return err
				}
				s.play(pcm[:min(len(pcm), 12*audio.Rate)], 0)
			}
			s.greeting()
			if class == Voicemail {
				return s.realBeep(language)
			}
			return nil
		},
	})
}

// realBeep appends the beep of the PBX itself.
func (s *script) realBeep(language string) error {
	p, err := FindPrompt(language, "beep")
	if err != nil {
		return err
	}
	pcm, err := p.PCM()
	if err != nil {
		return err
	}
	pcm = trim(pcm)
	s.pause(0.05, 0.3)
	s.beepAt = len(s.pcm)
	s.play(pcm, 0)
	s.beepTo = len(s.pcm)
	return nil
}

// shortRecordings adds short words and phrases of recorded people, which stand
// for a person's short answer: what is said is no greeting, but the voice, its
// length and its gaps are a person's.
func (b *book) shortRecordings() error {
	languages := map[Half][]string{Development: {"fr", "it"}, Test: {"ru", "en"}}[b.half]
	for _, language := range languages {
		all, err := Prompts(language)
		if err != nil {
			return err
		}
		r := Rand(uint64(b.half), "short/"+language)
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		n := 0
		for _, p := range all {
			if n == 40 {
				break
			}
			if f, err := os.Stat(p.path); err != nil || f.Size() > 2*2*audio.Rate || !p.Speech() {
				continue
			}
			pcm, err := p.PCM()
			if err != nil {
				return err
			}
			if d := audio.Duration(len(trim(pcm))); d >= 300*time.Millisecond && d <= 1300*time.Millisecond {
				n++
				b.short(language, p.PCM)
			}
		}
	}
	return nil
}

func (b *book) short(language string, read func() ([]int16, error)) {
	b.add(Call{
		Class: Person, Truth: hearing.Human, Source: "recorded", Language: language, Bar: true,
		write: func(s *script) error {
			pcm, err := read()
			if err != nil {
				return err
			}
			s.pickUp()
			s.play(trim(pcm), 0)
			s.greeting()
			return nil
		},
	})
}

// speaker adds the Russian speaker: short phrases between two pauses stand for
// people's answers, whole long sentences for greetings of machines.
func (b *book) speaker() error {
	all, err := Festvox()
	if err != nil {
		return err
	}
	r := Rand(uint64(b.half), "speaker")
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	short, long := 0, 0
	for _, u := range all {
		if short == 40 && long == 30 {
			break
		}
		from, to := phraseOf(u)
		if d := to - from; d > 0 && short < 40 {
			short++
			b.short("ru", Cut{Utterance: u.ID, From: from, To: to}.whole)
		} else if last := u.Labels[len(u.Labels)-1].To; long < 30 && last > 8*time.Second {
			long++
			b.long(u)
		}
	}
	return nil
}

// phraseOf finds a phrase of 0.4 to 1.4 s between two pauses; 0, 0 if there is
// none.
func phraseOf(u Utterance) (from, to time.Duration) {
	begin := time.Duration(-1)
	for _, l := range u.Labels {
		if l.Phone != "pau" {
			continue
		}
		if d := l.From - begin; begin >= 0 && d > 400*time.Millisecond && d < 1400*time.Millisecond {
			return begin, l.From
		}
		begin = l.To
	}
	return 0, 0
}

func (b *book) long(u Utterance) {
	b.add(Call{
		Class: Voicemail, Truth: hearing.Machine, Source: "recorded", Language: "ru", Text: u.Text, Bar: true,
		write: func(s *script) error {
			pcm, err := u.PCM()
			if err != nil {
				return err
			}
			s.play(trim(pcm), 0)
			s.greeting()
			s.beep()
			return nil
		},
	})
}
