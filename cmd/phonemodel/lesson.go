package main

import (
	"math"
	"math/rand/v2"

	"dozvon/audio"
	"dozvon/hearing/keywords"
)

// lesson is a stretch of speech as the net meets it in a call: rows of bands,
// evened out over the stretch itself, with as many rows around it as the net
// looks at, and the phone of every second row.
type lesson struct {
	rows   []float32
	phones []int16 // one for each two rows of the stretch; -1: none to learn
}

// teacher makes lessons of utterances. One goroutine owns it.
type teacher struct {
	r        *rand.Rand
	studio   *studio
	spectrum *keywords.Spectrum
	index    map[string]int16
	reach    int
	others   []utterance // whose voices are the babble behind
}

// span is some phones in a row, spoken alone or out of a sentence.
type span struct {
	first, last int // phones, last excluded
	alone       bool
}

// spans cuts an utterance: words and short phrases for the most part spoken
// alone, with silence around, which is what a robot's question is answered by.
func (t *teacher) spans(u *utterance) []span {
	var out []span
	for i := 0; i < len(u.phones); {
		if u.phones[i].phone == keywords.Pause {
			i++
			continue
		}
		n := 2 + t.r.IntN(10)
		if t.r.IntN(4) == 0 {
			n = 10 + t.r.IntN(25)
		}
		last := min(i+n, len(u.phones))
		for last > i+1 && u.phones[last-1].phone == keywords.Pause {
			last--
		}
		out = append(out, span{i, last, t.r.IntN(3) > 0})
		i = last
	}
	return out
}

// lessons makes the lessons of one utterance in one disguise.
func (t *teacher) lessons(u *utterance) []lesson {
	d := newDisguise(t.r)
	voice := t.studio.change(u.sound, d, t.r)
	hop := keywords.Hop * d.tempo / d.pitch
	second := audio.Rate / d.pitch // samples of voice
	level := loudness(voice, int(second/50))
	// The tape: spans with silence between those spoken alone.
	var tape []float32
	var labels []segment // in samples of the tape
	var cuts [][2]int    // in samples of the tape
	silence := func() {
		n := int((12 + 30*t.r.Float64()) * hop)
		labels = append(labels, segment{float64(len(tape)), float64(len(tape) + n), keywords.Pause})
		tape = append(tape, make([]float32, n)...)
	}
	silence()
	for _, s := range t.spans(u) {
		from, to := int(u.phones[s.first].from*second), min(int(u.phones[s.last-1].to*second), len(voice))
		if to <= from {
			continue
		}
		if s.alone {
			silence()
		}
		start := len(tape)
		tape = append(tape, voice[from:to]...)
		for _, p := range u.phones[s.first:s.last] {
			labels = append(labels, segment{p.from*second - float64(from) + float64(start), p.to*second - float64(from) + float64(start), p.phone})
		}
		if s.alone {
			fade(tape[start:], int(hop))
			silence()
		}
		cuts = append(cuts, [2]int{start, start + to - from})
	}
	silence()
	pcm := t.line(tape, level)
	return t.cut(pcm, hop, labels, cuts)
}

// fade softens the edges of a word that was cut out of a sentence.
func fade(x []float32, n int) {
	n = min(n, len(x)/4)
	for i := range n {
		g := (float32(i) + 0.5) / float32(n)
		x[i] *= g
		x[len(x)-1-i] *= g
	}
}

// line sends the tape over a telephone line: a level, noise, A-law.
func (t *teacher) line(tape []float32, level float64) []int16 {
	loud := math.Pow(10, uniform(t.r, -32, -14)/20) * 32768
	gain := loud / level
	snr := uniform(t.r, 2, 38)
	noise := t.noise(len(tape), loud*math.Pow(10, -snr/20))
	pcm := make([]int16, len(tape))
	for i, v := range tape {
		pcm[i] = int16(min(max(float64(v)*gain+float64(noise[i]), -32767), 32767))
	}
	b := make([]byte, len(pcm))
	audio.Encode(audio.ALaw, b, pcm)
	audio.Decode(audio.ALaw, pcm, b)
	return pcm
}

// noise is pink, white, low or other voices, of a root mean square.
func (t *teacher) noise(n int, rms float64) []float32 {
	x := make([]float32, n)
	switch k := t.r.IntN(8); {
	case k == 0 && len(t.others) > 0:
		for range 2 + t.r.IntN(5) {
			o := t.others[t.r.IntN(len(t.others))].sound
			at, g := t.r.IntN(len(o)), float32(0.5+t.r.Float64())
			for i := range x {
				x[i] += g * o[at]
				if at += 2; at >= len(o) {
					at = 0
				}
			}
		}
	case k == 1:
		for i := range x {
			x[i] = float32(t.r.NormFloat64())
		}
	case k == 2: // a car, a street: falls by 6 dB an octave
		var low float32
		for i := range x {
			low = 0.97*low + float32(t.r.NormFloat64())
			x[i] = low
		}
	default:
		pink(t.r, x)
	}
	var sum float64
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	g := float32(rms / math.Sqrt(sum/float64(n)+1e-9))
	for i := range x {
		x[i] *= g
	}
	return x
}

// pink fills x with noise that falls by 3 dB an octave (Kellet's filter).
func pink(r *rand.Rand, x []float32) {
	var b [6]float64
	for i := range x {
		w := r.NormFloat64()
		b[0] = 0.99886*b[0] + w*0.0555179
		b[1] = 0.99332*b[1] + w*0.0750759
		b[2] = 0.96900*b[2] + w*0.1538520
		b[3] = 0.86650*b[3] + w*0.3104856
		b[4] = 0.55000*b[4] + w*0.5329522
		x[i] = float32(b[0] + b[1] + b[2] + b[3] + b[4] + b[5] + w*0.5362)
		b[5] = w * 0.115926
	}
}

// cut makes a lesson of each cut of the recording, with edges as rough as
// those an endpointer finds.
func (t *teacher) cut(pcm []int16, hop float64, labels []segment, cuts [][2]int) []lesson {
	total := int((float64(len(pcm)) - keywords.Window - 2) / hop)
	if total <= 0 {
		return nil
	}
	rows := make([]float32, total*keywords.Bands)
	phone := make([]int16, total)
	at := 0
	for i := range total {
		start := int(float64(i) * hop)
		t.spectrum.Row(rows[i*keywords.Bands:(i+1)*keywords.Bands], pcm[start:])
		middle := float64(start + keywords.Window/2)
		for at < len(labels)-1 && labels[at].to <= middle {
			at++
		}
		phone[i] = -1
		if p, ok := t.index[labels[at].phone]; ok {
			phone[i] = p
		}
	}
	var out []lesson
	for _, c := range cuts {
		from := int(float64(c[0])/hop) - t.r.IntN(12) + 1
		to := int(float64(c[1])/hop) + t.r.IntN(12) - 1
		n := (to - from) &^ 1
		first := from - t.reach
		if n < 6 || first < 0 || from+n+t.reach > total {
			continue
		}
		l := lesson{phones: make([]int16, n/2)}
		l.rows = append(l.rows, rows[first*keywords.Bands:(from+n+t.reach)*keywords.Bands]...)
		keywords.Even(l.rows, t.reach, t.reach+n)
		for i := range l.phones {
			l.phones[i] = phone[from+2*i]
		}
		t.mask(l.rows)
		out = append(out, l)
	}
	return out
}

// mask blanks some bands or some rows (SpecAugment, Park and others 2019), so
// that no phone hangs on one of them.
func (t *teacher) mask(rows []float32) {
	n := len(rows) / keywords.Bands
	if t.r.IntN(3) == 0 {
		width := 1 + t.r.IntN(4)
		first := t.r.IntN(keywords.Bands - width)
		for i := range n {
			clear(rows[i*keywords.Bands+first : i*keywords.Bands+first+width])
		}
	}
	if t.r.IntN(4) == 0 {
		width := 1 + t.r.IntN(5)
		first := t.r.IntN(n - width)
		clear(rows[first*keywords.Bands : (first+width)*keywords.Bands])
	}
}
