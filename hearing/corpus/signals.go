package corpus

import (
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"time"

	"dozvon/audio"
	"dozvon/hearing"
)

// cadence is a tone of the network: its frequencies together, and seconds of
// sound and silence in turn.
type cadence struct {
	label string
	hz    []float64
	times []float64
	bar   bool // hearing.md names it
}

// cadences follow hearing.md, then ITU-T E.180 Supplement 2 for more countries.
var cadences = []cadence{
	{"ringback", []float64{425}, []float64{1, 4}, true},
	{"busy", []float64{425}, []float64{0.3, 0.3}, true},
	{"busy", []float64{425}, []float64{0.35, 0.35}, true},
	{"busy", []float64{425}, []float64{0.4, 0.4}, true},
	{"busy", []float64{425}, []float64{0.5, 0.5}, true},
	{"congestion", []float64{425}, []float64{0.15, 0.15}, true},
	{"congestion", []float64{425}, []float64{0.175, 0.175}, true},
	{"congestion", []float64{425}, []float64{0.2, 0.2}, true},
	{"congestion", []float64{425}, []float64{0.25, 0.25}, true},
	{"ringback", []float64{440, 480}, []float64{2, 4}, true},
	{"busy", []float64{480, 620}, []float64{0.5, 0.5}, true},
	{"congestion", []float64{480, 620}, []float64{0.25, 0.25}, true},
	{"ringback", []float64{400, 450}, []float64{0.4, 0.2, 0.4, 2}, false}, // United Kingdom
	{"busy", []float64{400}, []float64{0.375, 0.375}, false},
	{"ringback", []float64{440}, []float64{1.5, 3.5}, false}, // France
	{"busy", []float64{440}, []float64{0.5, 0.5}, false},
	{"ringback", []float64{450}, []float64{1, 4}, false}, // China
	{"busy", []float64{450}, []float64{0.35, 0.35}, false},
	{"ringback", []float64{425}, []float64{1.5, 3}, false}, // Spain
}

// signals adds tones, special information tones, faxes and silence.
func (b *book) signals() {
	n := map[Half]int{Development: 5, Test: 10}[b.half]
	for _, c := range cadences {
		for range n {
			b.add(Call{
				Class: Tones, Truth: hearing.Tone, Label: c.label, Source: "code", Bar: c.bar,
				Text:  fmt.Sprintf("%v Hz, %v s", c.hz, c.times),
				write: func(s *script) error { s.cadence(c.hz, c.times, 13); return nil },
			})
		}
	}
	for range 2 * n {
		b.add(Call{Class: Fax, Truth: hearing.Fax, Label: "cng", Source: "code", Bar: true,
			write: func(s *script) error { s.cadence([]float64{1100}, []float64{0.5, 3}, 10); return nil }})
		b.add(Call{Class: Fax, Truth: hearing.Fax, Label: "ced", Source: "code", Bar: true,
			write: func(s *script) error { s.cadence([]float64{2100}, []float64{3, 0.1}, 3); return nil }})
	}
	for i := range 3 * n {
		language := []string{"ru", "en"}[i%2]
		text := phrases[b.half][language].carrier[i%len(phrases[b.half][language].carrier)]
		v := espeakVoice(Rand(uint64(b.half), fmt.Sprintf("sit/%d", i)), b.half, language)
		b.add(Call{Class: SIT, Truth: hearing.Tone, Label: "sit", Source: "code", Language: language, Text: text, Bar: true,
			write: func(s *script) error { s.sit(); return s.carrier(v, text) }})
	}
	for range 2 * n {
		b.add(Call{Class: Nothing, Truth: hearing.Silence, Source: "code", Bar: true, write: func(*script) error { return nil }})
	}
}

// cadence appends a tone until it has lasted for some seconds. Real tones are
// a little off in frequency and time.
func (s *script) cadence(hz, times []float64, lasts float64) {
	off, slow := between(s.r, 0.99, 1.01), between(s.r, 0.98, 1.02)
	f := make([]float64, len(hz))
	for i, v := range hz {
		f[i] = v * off
	}
	end := len(s.pcm) + int(lasts*audio.Rate)
	for i := 0; len(s.pcm) < end; i++ {
		d := times[i%len(times)] * slow
		if i%2 == 1 {
			s.pause(d, d)
			continue
		}
		s.play(audio.Tone(f, seconds(d), 0.2/float64(len(f))), 0)
	}
	s.greeting()
}

// sit appends the three special information tones (ITU-T E.180).
func (s *script) sit() {
	off := between(s.r, 0.985, 1.015)
	for _, hz := range []float64{950, 1400, 1800} {
		s.play(audio.Tone([]float64{hz * off}, 330*time.Millisecond, 0.2), 0)
		s.pause(0, 0.02)
	}
	s.pause(0.2, 0.8)
}

// music adds music that a subscriber has instead of ringback.
func (b *book) music() {
	files := musicFiles(b.half)
	for _, file := range files {
		for range 6 {
			b.add(Call{Class: Music, Truth: hearing.Tone, Label: "music", Source: "recorded", Text: filepath.Base(file),
				write: func(s *script) error {
					pcm, err := load(file)
					if err != nil {
						return err
					}
					n := 12 * audio.Rate
					at := s.r.IntN(max(len(pcm)-n, 1))
					s.play(slices.Clone(pcm[at:min(at+n, len(pcm))]), 0)
					s.greeting()
					return nil
				}})
		}
	}
}

// musicFiles are the pieces of a half.
func musicFiles(h Half) []string {
	all, err := filepath.Glob(asteriskDir + "/moh/*.wav")
	if err != nil || len(all) < 2 {
		return nil
	}
	if h == Development {
		return all[:2]
	}
	return all[2:]
}

// breath is n samples of air before a word.
func breath(r *rand.Rand, n int) []float64 {
	x := Pink(r, n)
	for i := range x {
		x[i] *= usual * math.Sin(math.Pi*float64(i)/float64(n))
	}
	return x
}

func scaled(x []float64, by float64) []float64 {
	for i := range x {
		x[i] *= by
	}
	return x
}
