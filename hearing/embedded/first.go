package embedded

import (
	"time"

	"dozvon/audio"
	"dozvon/hearing"
	"dozvon/hearing/keywords"
	"dozvon/hearing/letters"
)

// firstFrames is how much a First remembers: the longest speech that it is asked
// of, the pause after it and what the net looks at before it.
const firstFrames = 140

// First looks at the first utterance of a call for a progress.Listener: is it
// more like what people say who pick up, or like the beginning of an
// announcement? It remembers 2.8 s (22 KB) while nobody knows who is there, and
// takes a millisecond or two of a worker for each look, of which a call has one
// to three.
type First struct {
	r       *Recognizer
	grammar *keywords.Grammar
	decoder *keywords.Decoder // decides at once; nil: workers do
	sound   lately
	kept    int
	odds    chan float64
}

// First returns a First for one call. Languages but English and Russian are
// looked at as if they were Russian: length and number of sounds are half of
// the evidence.
func (r *Recognizer) First(language string) (*First, error) {
	g, err := r.beginnings(language)
	if err != nil {
		return nil, err
	}
	return &First{r: r, grammar: g, odds: make(chan float64, 1)}, nil
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

// Look asks for the odds of the speech that began that many frames before the
// last one, and of which the last pause frames are silence. Where too many wait
// for a worker, none come.
func (f *First) Look(began, pause int) {
	from := f.kept - 2 - began // the edge of a word is soft
	first := max(from-before, f.kept-firstFrames, 0)
	if from < first || pause > began {
		return
	}
	u := f.r.spare.Get().(*utterance)
	u.first, u.number = f, 0
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
	select {
	case f.odds <- firstOdds(what):
	default:
	}
}

// firstWeights are those of a logistic regression: a constant, the length in
// seconds, what of it lies above 0.5, 0.8 and 1.1 s, then the evidence of the
// decoder from its second part on. They were fitted on calls of the development
// half and more like them; see docs/decisions/014-call-progress.md.
var firstWeights = [...]float64{2.8231, 1.6284, 0.2094, -1.7743, -2.3209, 0.3244, 0.668, 0.2177, 0.7841, -0.8271, -0.0333, 1.4018, 0.5003}

// firstOdds is the logarithm of the odds that a person said this, not a machine.
func firstOdds(d keywords.Decision) float64 {
	s := d.Took.Seconds()
	x := firstWeights[0] + firstWeights[1]*s + firstWeights[2]*max(0, s-0.5) + firstWeights[3]*max(0, s-0.8) + firstWeights[4]*max(0, s-1.1)
	for i, e := range d.Evidence[1:] {
		x += firstWeights[5+i] * e
	}
	return x
}
