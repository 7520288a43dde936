package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"dozvon/audio"
	"dozvon/hearing/corpus"
	"dozvon/hearing/prints"
)

const (
	printHeard = 2 * time.Second
	printDraws = 3 // pieces of each announcement
)

// printLines are the lines through which announcements are heard; the first
// is the one that is judged.
var printLines = []struct {
	name string
	line corpus.Channel
}{
	{"GSM, 2 % loss, 20 dB", corpus.Channel{Noise: corpus.PinkNoise, SNR: 20, Loss: 0.02, GSM: true}},
	{"A-law, 20 dB", corpus.Channel{Noise: corpus.PinkNoise, SNR: 20}},
	{"GSM, 2 % loss, 10 dB", corpus.Channel{Noise: corpus.PinkNoise, SNR: 10, Loss: 0.02, GSM: true}},
}

// printsBar knows announcements again among others.
func printsBar() Bar {
	return Bar{
		Name:  "prints",
		Title: "Known announcements",
		Data: "every other Russian and English prompt of Asterisk of 2.6 to 9 s is a known announcement, the rest of them and festvox-ru are unknown; 2 s from a drawn place " +
			"in the first half of what is left, in noise, then GSM, then A-law, then loss. The same woman speaks known and unknown prompts. The distance was chosen on " +
			"festvox-ru and on the French and Italian prompts",
		Needs: []corpus.Package{corpus.AsteriskRU, corpus.AsteriskEN, corpus.FestvoxRU, corpus.Sox},
		Takes: 60 * time.Second,
		Run:   runPrints,
	}
}

// printSounds are the announcements of the bar: known ones and others.
type printSounds struct {
	known, others  [][]int16
	names, strange []string // of known ones, of others
	library        *prints.Library
}

func runPrints(ctx context.Context, r *Report) error {
	s, err := announcements()
	if err != nil {
		return err
	}
	for i, l := range printLines {
		if err := s.found(ctx, r, l.name, l.line, i == 0); err != nil {
			return err
		}
	}
	if err := s.strangers(ctx, r); err != nil {
		return err
	}
	r.Show("announcements in the library", "%d", s.library.Len())
	r.Unproven("Prints were never judged on announcements of today's carriers, nor through the codecs of mobile networks but GSM 06.10.")
	return nil
}

func announcements() (s printSounds, err error) {
	var entries []prints.Entry
	for _, language := range []string{"ru", "en"} {
		all, err := corpus.Prompts(language)
		if err != nil {
			return s, err
		}
		for i, p := range all {
			pcm, err := p.PCM()
			if err != nil {
				return s, err
			}
			if d := audio.Duration(len(pcm)); !p.Speech() || d < 2600*time.Millisecond || d > 9*time.Second {
				continue
			}
			if i%2 != 0 {
				s.others, s.strange = append(s.others, pcm), append(s.strange, language+" "+p.Name)
				continue
			}
			entries = append(entries, prints.Entry{ID: strconv.Itoa(len(s.known)), Name: language + " " + p.Name, Print: prints.Make(pcm)})
			s.known, s.names = append(s.known, pcm), append(s.names, language+" "+p.Name)
		}
	}
	s.library = prints.NewLibrary(entries...)
	return s, nil
}

// piece cuts 2 s out of a recording, from a drawn place.
func piece(r *rand.Rand, pcm []int16) []int16 {
	from := r.IntN((len(pcm)-audio.Samples(printHeard))/2 + 1)
	return pcm[from:][:audio.Samples(printHeard)]
}

// listen feeds a matcher and returns the first that it finds, -1 for none.
func (s *printSounds) listen(sound corpus.Sound) (int, prints.Match, error) {
	m := prints.NewMatcher(s.library)
	for f := range sound.Frames() {
		if found, ok := m.Hear(f); ok {
			which, err := strconv.Atoi(found.Entry.ID)
			return which, found, err
		}
	}
	return -1, prints.Match{}, nil
}

type printHeardAs struct {
	which int
	match prints.Match
}

// found looks for each known announcement by pieces of it.
func (s *printSounds) found(ctx context.Context, r *Report, name string, line corpus.Channel, judge bool) error {
	n := len(s.known) * printDraws
	all, err := Each(ctx, r, n, func(i int) (printHeardAs, error) {
		rnd := corpus.Rand(30, fmt.Sprintf("prints/%s/%d", name, i))
		sound, err := line.Pass(rnd, piece(rnd, s.known[i%len(s.known)]))
		if err != nil {
			return printHeardAs{}, err
		}
		which, match, err := s.listen(sound)
		return printHeardAs{which, match}, err
	})
	if err != nil {
		return err
	}
	right, wrong := 0, 0
	table := Confusion{Title: "2 s of known announcements, " + name}
	for i, v := range all {
		own := i % len(s.known)
		switch v.which {
		case own:
			right++
			table.Add("known", "found")
		case -1:
			table.Add("known", "not found")
		default:
			wrong++
			table.Add("known", "another one")
			r.Note("%s: %q was taken for %q (distance %.2f)", name, s.names[own], s.names[v.which], v.match.Distance)
		}
	}
	r.Confuse(&table)
	r.Show("found, "+name, "%s", share(right, n))
	r.Show("another one found, "+name, "%s", share(wrong, n))
	if judge {
		r.Judge("print-found", share(right, n), least(right, n, 99))
	}
	return nil
}

// strangers looks for announcements where there are none: in 2 s of others by
// the same voices, which is what is judged, and in whole sentences of a third.
func (s *printSounds) strangers(ctx context.Context, r *Report) error {
	l := printLines[0]
	n := len(s.others) * printDraws
	all, err := Each(ctx, r, n, func(i int) (int, error) {
		rnd := corpus.Rand(31, fmt.Sprintf("prints/strangers/%d", i))
		sound, err := l.line.Pass(rnd, piece(rnd, s.others[i%len(s.others)]))
		if err != nil {
			return 0, err
		}
		which, _, err := s.listen(sound)
		return which, err
	})
	if err != nil {
		return err
	}
	pieces := 0
	for i, which := range all {
		pieces += one(which >= 0)
		if which >= 0 {
			r.Note("%q, which is unknown, was taken for %q", s.strange[i%len(s.others)], s.names[which])
		}
	}
	pairs := n * s.library.Len()
	r.Judge("print-false", fmt.Sprintf("%.4f %% (%d of %d comparisons of 2 s with one announcement)", 100*float64(pieces)/float64(pairs), pieces, pairs), 1000*pieces <= pairs)
	r.Show("2 s of an unknown prompt by the same voice that were taken for one of the library", "%s", share(pieces, n))
	return s.sentences(ctx, r)
}

// sentences looks for announcements in all sentences of another voice: an hour
// and a half of somebody who says none of them.
func (s *printSounds) sentences(ctx context.Context, r *Report) error {
	speech, err := corpus.Festvox()
	if err != nil {
		return err
	}
	type heard struct {
		length time.Duration
		taken  bool
	}
	all, err := Each(ctx, r, len(speech), func(i int) (heard, error) {
		pcm, err := speech[i].PCM()
		if err != nil {
			return heard{}, err
		}
		sound, err := printLines[1].line.Pass(corpus.Rand(32, "prints/"+speech[i].ID), pcm)
		if err != nil {
			return heard{}, err
		}
		which, _, err := s.listen(sound)
		return heard{audio.Duration(len(pcm)), which >= 0}, err
	})
	if err != nil {
		return err
	}
	taken, length := 0, time.Duration(0)
	for _, v := range all {
		taken += one(v.taken)
		length += v.length
	}
	r.Show("sentences of another voice taken for an announcement", "%d in %.0f min (%d sentences)", taken, length.Minutes(), len(all))
	return nil
}
