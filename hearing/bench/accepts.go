package bench

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"dozvon/audio"
	"dozvon/hearing"
	"dozvon/hearing/corpus"
	"dozvon/hearing/embedded"
	"dozvon/hearing/keywords"
	"dozvon/hearing/phrases"
)

// sure is the confidence that a heard word needs where a scenario names none.
const sure = 0.5

// acceptsBar listens for answers where nobody answers.
func acceptsBar() Bar {
	return Bar{
		Name:  "accepts",
		Title: "Words heard where nobody answers",
		Data: "the embedded Russian engine, live as in a call, asked for the whole families of yes, no, later, stop and operator, through A-law at -30 to -16 dBFS, " +
			"on the test half of corpus.Hours: three recorded pieces of music (opsound), strings made by code, pink noise, babble and a street that come and go, and Asterisk's Spanish and " +
			"English prompts, each over two lines. The development half has two other pieces, the French and the Italian prompts and other seeds",
		Needs: corpus.HourPackages(),
		Takes: 2 * time.Minute,
		Run:   runAccepts,
	}
}

// anyAnswer asks for everything that a scenario is usually asked.
func anyAnswer(language string) hearing.Options {
	o := hearing.Options{Language: language, Phrases: map[string][]string{}}
	for _, f := range phrases.Families() {
		o.Phrases[string(f)] = phrases.Of(language, f)
	}
	return o
}

// acceptsOf is what was heard in a stretch.
type acceptsOf struct {
	length time.Duration
	heard  []hearing.Heard // with a label, as sure as that may be
}

// mistake is a word that nobody said.
type mistake struct {
	where string
	hearing.Heard
}

func runAccepts(ctx context.Context, r *Report) error {
	model, err := keywords.Shipped()
	if err != nil {
		return err
	}
	all, err := corpus.Hours(corpus.Test)
	if err != nil {
		return err
	}
	found, err := Each(ctx, r, len(all), func(i int) (acceptsOf, error) { return listenFor(model, all[i]) })
	if err != nil {
		return err
	}
	var worst []mistake
	length, accepts, high, yes := map[string]time.Duration{}, map[string]int{}, map[string]int{}, 0
	for i, f := range found {
		kind := all[i].Kind + ", " + all[i].Source
		length[kind] += f.length
		for _, h := range f.heard {
			if h.Confidence < sure {
				continue
			}
			accepts[kind]++
			high[kind] += one(h.Confidence >= 0.8)
			yes += one(h.Label == string(phrases.Yes))
			worst = append(worst, mistake{all[i].Name, h})
		}
	}
	slices.SortStableFunc(worst, func(a, b mistake) int { return cmp.Compare(b.Confidence, a.Confidence) })
	for _, m := range worst[:min(len(worst), 15)] {
		r.Note("%s: «%s» (%s) heard, confidence %.2f", m.where, m.Text, m.Label, m.Confidence)
	}
	tellAccepts(r, length, accepts, high, yes)
	return nil
}

func tellAccepts(r *Report, length map[string]time.Duration, accepts, high map[string]int, yes int) {
	sum, n, certain := time.Duration(0), 0, 0
	for _, kind := range slices.Sorted(maps.Keys(length)) {
		r.Show("words accepted in "+kind, "%d in %.1f min, %d of them with confidence 0.8 or more", accepts[kind], length[kind].Minutes(), high[kind])
		sum += length[kind]
		n += accepts[kind]
		certain += high[kind]
	}
	an := func(n int) float64 { return float64(n) / sum.Hours() }
	r.Show("of them with confidence 0.8 or more, in all", "%.2f an hour (%d)", an(certain), certain)
	r.Show("of them «yes»", "%.2f an hour (%d)", an(yes), yes)
	r.Judge("false-accepts", fmt.Sprintf("%.2f (%d in %.2f h, confidence %.1f or more)", an(n), n, sum.Hours(), sure), sum > 0 && an(n) < 1)
}

func listenFor(m *keywords.Model, s corpus.Stretch) (acceptsOf, error) {
	sound, err := s.Sound()
	if err != nil {
		return acceptsOf{}, err
	}
	o, err := embedded.NewOffline(m, anyAnswer("ru"))
	if err != nil {
		return acceptsOf{}, err
	}
	out := acceptsOf{length: audio.Duration(len(sound.PCM))}
	for f := range sound.Frames() {
		for _, h := range o.Hear(f) {
			if h.Label != "" {
				out.heard = append(out.heard, h)
			}
		}
	}
	return out, nil
}
