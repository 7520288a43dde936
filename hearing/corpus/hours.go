package corpus

import (
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"time"

	"dozvon/audio"
)

// Stretch is a minute or two in which nobody answers: music, noise, speech in
// another language. Recognisers must hear nothing in it.
type Stretch struct {
	Name     string
	Half     Half
	Kind     string // "music", "noise", "speech"
	Source   string // of what: "opsound", "strings", "pink", "babble", "street", "es"
	Language string // of speech
	pcm      func() ([]int16, error)
}

// stretch is how long stretches are, at most.
const stretch = 2 * time.Minute

// HourPackages lists what the stretches are made of.
func HourPackages() []Package {
	return []Package{AsteriskMo, AsteriskES, AsteriskFR, AsteriskIT, AsteriskEN}
}

// hourLanguages are the foreign speakers of each half. The voice of the Spanish
// and the English prompts is the same woman.
var hourLanguages = map[Half][]string{Development: {"fr", "it"}, Test: {"es", "en"}}

// passes is how often each stretch is heard, each time over another line.
const passes = 2

// Hours lists the stretches of a half: music, recorded and made by code; noise;
// speech in other languages. Each comes over two lines. The halves share no
// piece of music, no speaker and no seed.
func Hours(h Half) ([]Stretch, error) {
	if err := Missing(HourPackages()...); err != nil {
		return nil, err
	}
	var once []Stretch
	for _, f := range musicFiles(h) {
		pieces, err := recordedMusic(f)
		if err != nil {
			return nil, err
		}
		once = append(once, pieces...)
	}
	for i := range 5 {
		name := fmt.Sprintf("strings/%v/%d", h, i)
		once = append(once, Stretch{Name: name, Kind: "music", Source: "strings",
			pcm: func() ([]int16, error) { return plucked(Rand(30, name), stretch), nil }})
	}
	for _, language := range hourLanguages[h] {
		pieces, err := foreign(language)
		if err != nil {
			return nil, err
		}
		once = append(once, pieces...)
	}
	once = append(once, noises(h)...)
	var out []Stretch
	for _, s := range once {
		s.Half = h
		for pass := range passes {
			again := s
			again.Name = fmt.Sprintf("%s, line %d", s.Name, pass+1)
			out = append(out, again)
		}
	}
	return out, nil
}

// Sound sends the stretch through a line of its own.
func (s Stretch) Sound() (Sound, error) {
	r := Rand(31, s.Name)
	pcm, err := s.pcm()
	if err != nil {
		return Sound{}, err
	}
	return Channel{Noise: one(r, Quiet, PinkNoise), SNR: 25, Loss: one(r, 0, 0, 0.01)}.Pass(r, pcm)
}

func recordedMusic(file string) ([]Stretch, error) {
	pcm, err := load(file)
	if err != nil {
		return nil, err
	}
	var out []Stretch
	name := filepath.Base(file)
	for i, n := 0, (len(pcm)+audio.Samples(stretch)-1)/audio.Samples(stretch); i < n; i++ {
		from := i * audio.Samples(stretch)
		to := min(from+audio.Samples(stretch), len(pcm))
		out = append(out, Stretch{Name: fmt.Sprintf("%s/%d", name, i), Kind: "music", Source: "opsound", pcm: func() ([]int16, error) {
			all, err := load(file)
			if err != nil {
				return nil, err
			}
			return slices.Clone(all[from:to]), nil
		}})
	}
	return out, nil
}

// foreign strings the spoken prompts of a language together, half a second
// apart.
func foreign(language string) ([]Stretch, error) {
	all, err := Prompts(language)
	if err != nil {
		return nil, err
	}
	r := Rand(32, language)
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	all = slices.DeleteFunc(all, func(p Prompt) bool { return !p.Speech() })
	const together = 30
	var out []Stretch
	for i := 0; i < len(all); i += together {
		some := all[i:min(i+together, len(all))]
		out = append(out, Stretch{Name: fmt.Sprintf("%s/%d", language, i/together), Kind: "speech", Source: language, Language: language,
			pcm: func() ([]int16, error) { return oneAfterAnother(some) }})
	}
	return out, nil
}

func oneAfterAnother(prompts []Prompt) ([]int16, error) {
	var out []int16
	for _, p := range prompts {
		pcm, err := p.PCM()
		if err != nil {
			return nil, err
		}
		out = append(append(out, pcm...), make([]int16, audio.Rate/2)...)
	}
	return out, nil
}

// noises are pink noise, babble of the half's languages and a street, twelve
// minutes each, that swell and fall so that a detector of speech has something
// to do.
func noises(h Half) []Stretch {
	var out []Stretch
	add := func(source string, i int, make func(r *rand.Rand, n int) ([]float64, error)) {
		name := fmt.Sprintf("%s/%v/%d", source, h, i)
		out = append(out, Stretch{Name: name, Kind: "noise", Source: source, pcm: func() ([]int16, error) {
			r := Rand(33, name)
			x, err := make(r, audio.Samples(stretch))
			if err != nil {
				return nil, err
			}
			swell(r, x)
			return ints(scaled(x, usual)), nil
		}})
	}
	for i := range 6 {
		add("pink", i, func(r *rand.Rand, n int) ([]float64, error) { return Pink(r, n), nil })
		add("street", i, func(r *rand.Rand, n int) ([]float64, error) { return Street(r, n), nil })
		add("babble", i, func(r *rand.Rand, n int) ([]float64, error) {
			voices, err := someVoices(r, h)
			return Babble(r, n, 2+i%5, voices), err
		})
	}
	return out
}

// someVoices are some prompts of the half's languages.
func someVoices(r *rand.Rand, h Half) ([][]int16, error) {
	var out [][]int16
	for _, language := range hourLanguages[h] {
		all, err := Prompts(language)
		if err != nil {
			return nil, err
		}
		for range 16 {
			p := one(r, all...)
			if !p.Speech() {
				continue
			}
			pcm, err := p.PCM()
			if err != nil {
				return nil, err
			}
			out = append(out, trim(pcm))
		}
	}
	return out, nil
}

// swell lets x come and go: bursts of 0.2 to 2 s, and pauses.
func swell(r *rand.Rand, x []float64) {
	for at := 0; at < len(x); {
		n := int(between(r, 0.2, 2) * audio.Rate)
		gain := one(r, 0, 0.1, 0.5, 1)
		for i := 0; i < n && at < len(x); i++ {
			x[at] *= gain * math.Sin(math.Pi*(float64(i)+0.5)/float64(n))
			at++
		}
	}
}

// plucked is a tune of plucked strings (Karplus and Strong, 1983), of up to
// four voices.
func plucked(r *rand.Rand, d time.Duration) []int16 {
	x := make([]float64, audio.Samples(d))
	scale := []float64{0, 2, 4, 5, 7, 9, 11, 12, 14, 16}
	for range 1 + r.IntN(4) {
		root := 110 * math.Pow(2, between(r, 0, 2))
		for at := 0; at < len(x); {
			n := int(one(r, 0.2, 0.3, 0.4, 0.6, 0.9) * audio.Rate)
			pluck(r, x[at:min(at+2*n, len(x))], root*math.Pow(2, one(r, scale...)/12))
			at += n
		}
	}
	return ints(scaled(unit(x), usual))
}

func pluck(r *rand.Rand, x []float64, hz float64) {
	line := White(r, max(int(audio.Rate/hz), 2))
	last := 0.0
	for i := range x {
		v := line[i%len(line)]
		x[i] += v
		line[i%len(line)] = 0.498 * (v + last)
		last = v
	}
}
