package embedded

import (
	"time"

	"dozvon/audio"
	"dozvon/hearing"
	"dozvon/hearing/keywords"
	"dozvon/hearing/letters"
	"dozvon/hearing/progress"
)

// firstFrames is how much a First remembers: the longest speech that it is asked
// of, the pause after it and what the net looks at before it.
const firstFrames = 165

// First looks at the first utterance of a call for a progress.Listener: is it
// more like what people say who pick up, or like the beginning of an
// announcement? It remembers 3.3 s (26 KB) while nobody knows who is there, and
// takes a millisecond or two of a worker for each look, of which a call has one
// to three.
type First struct {
	r       *Recognizer
	grammar *keywords.Grammar
	decoder *keywords.Decoder // decides at once; nil: workers do
	sound   lately
	kept    int
	odds    chan float64
	english float64 // 1: what is said in English
	// Watch, where it is set, is told what each look saw, to find weights for it.
	Watch func(x []float64)
}

// First returns a First for one call. Languages but English and Russian are
// looked at as if they were Russian: length and number of sounds are half of
// the evidence.
func (r *Recognizer) First(language string) (*First, error) {
	g, err := r.beginnings(language)
	if err != nil {
		return nil, err
	}
	f := &First{r: r, grammar: g, odds: make(chan float64, 1)}
	if language == "en" {
		f.english = 1
	}
	return f, nil
}

// NewOfflineFirst returns a First that decides in the goroutine that asks, for
// benchmarks and recorded calls.
func NewOfflineFirst(m *keywords.Model, language string) (*First, error) {
	f, err := idle(Config{Model: m}).First(language)
	if err != nil {
		return nil, err
	}
	f.decoder = keywords.NewDecoder(f.grammar)
	return f, nil
}

// beginnings returns the grammar of first words in a language.
func (r *Recognizer) beginnings(language string) (*keywords.Grammar, error) {
	key := "\x00first\x00ru"
	if language == "en" {
		key = "\x00first\x00en"
	}
	r.mu.Lock()
	g := r.grammars[key]
	r.mu.Unlock()
	if g != nil {
		return g, nil
	}
	var words []keywords.Word
	b := beginningsOf(language)
	for i, list := range [][]string{b.people, b.machines} {
		for _, text := range list {
			phones, err := letters.Russian(text)
			if err != nil {
				return nil, err
			}
			w := keywords.Word{Text: text, Phones: phones, Filler: i == 1}
			if !w.Filler {
				w.Label = "person"
			}
			words = append(words, w)
		}
	}
	g, err := keywords.Compile(r.cfg.Model, words)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.grammars[key] = g
	return g, nil
}

// Keep takes a frame.
func (f *First) Keep(frame hearing.Frame) {
	at := f.sound.frame(f.kept)
	if len(frame.PCM) == audio.FrameSamples {
		audio.Encode(audio.ALaw, at[:], frame.PCM)
	} else {
		for i := range at {
			at[i] = silence
		}
	}
	f.kept++
}

// silence is nothing, in A-law.
const silence = 0xd5

// Look asks for the odds of what was said. Where too many wait for a worker,
// none come.
func (f *First) Look(s progress.Said) {
	began, pause := s.Began, s.Pause
	from := f.kept - 2 - began // the edge of a word is soft
	first := max(from-before, f.kept-firstFrames, 0)
	if from < first || pause > began {
		return
	}
	u := f.r.spare.Get().(*utterance)
	u.first, u.number, u.said = f, 0, s
	u.from, u.to = (from-first)*audio.FrameSamples, (f.kept-pause-first)*audio.FrameSamples
	u.quiet = time.Duration(pause) * audio.FrameTime
	u.sound = u.sound[:0]
	for i := first; i < f.kept; i++ {
		u.sound = append(u.sound, f.sound.frame(i)[:]...)
	}
	if f.decoder != nil {
		u.work(f.decoder)
		f.r.spare.Put(u)
		return
	}
	select {
	case f.r.jobs <- u:
	default:
		u.first = nil
		f.r.spare.Put(u)
	}
}

// Odds returns what the last look found, once.
func (f *First) Odds() (float64, bool) {
	select {
	case v := <-f.odds:
		return v, true
	default:
		return 0, false
	}
}

// glance finds the odds of a person.
func (u *utterance) glance(d *keywords.Decoder) {
	f := u.first
	what, ok := u.hear(d, f.grammar)
	if !ok {
		return
	}
	select { // an old one that nobody fetched gives way
	case <-f.odds:
	default:
	}
	x := firstFeatures(&what, &u.said, f.english)
	if f.Watch != nil {
		f.Watch(x)
	}
	select {
	case f.odds <- firstOdds(x):
	default:
	}
}
