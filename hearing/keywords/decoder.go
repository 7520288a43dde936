package keywords

import (
	"time"

	"dozvon/audio"
)

// memory is how much of the past a decoder can decide on, in samples: 4 s. The
// longest thing that is listened for («перезвоните мне завтра утром») takes
// some 2.5 s. It is held in A-law, as it came over most lines.
const memory = 4 * audio.Rate

// margin is what a decision looks at on either side of the speech it is told
// of: the edges of words are soft.
const margin = audio.Rate * 160 / 1000

// Decoder hears one person. One goroutine owns it.
type Decoder struct {
	grammar *Grammar
	heard   int // samples since Reset
	ring    [memory]byte
}

// NewDecoder returns a decoder that has heard nothing.
func NewDecoder(g *Grammar) *Decoder { return &Decoder{grammar: g} }

// Reset forgets what was heard, and listens for the words of g from now on.
func (d *Decoder) Reset(g *Grammar) { d.grammar, d.heard = g, 0 }

// Heard returns how many samples came since Reset: the decoder's time.
func (d *Decoder) Heard() int { return d.heard }

// Hear takes what the person says, at audio.Rate. It only keeps it: silence
// costs nothing.
func (d *Decoder) Hear(pcm []int16) {
	for len(pcm) > 0 {
		at := d.heard % memory
		n := min(len(pcm), memory-at)
		audio.Encode(audio.ALaw, d.ring[at:at+n], pcm[:n])
		d.heard += n
		pcm = pcm[n:]
	}
}

// Decision is what the speech between two moments was taken for.
type Decision struct {
	Label      string  // "": none of the words, or a filler
	Text       string  // of the word that fits best, a filler too
	Confidence float64 // 0..1 that the best label was meant; Label is empty if a filler fits better
	// Second is the best word of another label.
	Second string
	// Score is how well the best word that has a label fits, against any
	// sequence of phones; Margin, against the best word of another label or
	// filler: differences of logarithms a frame.
	Score, Margin float64
	// Evidence is all that the confidence is made of.
	Evidence [parts]float64
	Took     time.Duration // length of the speech decided on
}

// Decide says which word was spoken from sample from to sample to of what was
// heard since Reset: the speech alone, from its first loud sample to its last.
// False: there is nothing to decide on, because it is too short, or too long
// ago.
func (d *Decoder) Decide(from, to int) (Decision, bool) {
	m := d.grammar.model
	w := m.desks.Get().(*desk)
	defer m.desks.Put(w)
	if !d.listen(w, from, to) {
		return Decision{}, false
	}
	w.judge(m)
	return w.decide(d.grammar, audio.Duration(to-from)), true
}

// listen fills the desk with the rows of the speech and of what the net looks
// at around it; silence where there is nothing.
func (d *Decoder) listen(w *desk, from, to int) bool {
	from, to = max(from, 0), min(to, d.heard)
	if to-from < shortest || to-from > longest || d.heard-from > memory {
		return false
	}
	rows := (to - from + 2*margin) / Hop
	rows -= rows & 1
	first := from - margin - d.grammar.model.reach*Hop - Window/2 + Hop/2
	total := rows + 2*d.grammar.model.reach
	n := (total-1)*Hop + Window + 1
	d.copy(w.pcm[:n], first)
	w.rows = w.features[:total*Bands]
	for i := range total {
		w.spectrum.Row(w.rows[i*Bands:(i+1)*Bands], w.pcm[i*Hop:])
	}
	w.fill(d.grammar.model.reach, first, d.heard)
	Even(w.rows, d.grammar.model.reach, d.grammar.model.reach+rows)
	return true
}

// copy fetches what was heard from sample first on; silence outside of what is
// remembered.
func (d *Decoder) copy(pcm []int16, first int) {
	for i := range pcm {
		pcm[i] = 0
	}
	a := max(first, d.heard-memory, 0)
	b := min(first+len(pcm), d.heard)
	for a < b {
		at := a % memory
		n := min(b-a, memory-at)
		audio.Decode(audio.ALaw, pcm[a-first:a-first+n], d.ring[at:at+n])
		a += n
	}
}

const (
	shortest = audio.Rate * 60 / 1000
	longest  = audio.Rate * 35 / 10
)
