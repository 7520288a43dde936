// Command phonemodel trains the network by which dozvon hears words, from the
// recordings of a Russian voice that Debian ships with their phones labelled
// (package festvox-ru), and writes it where the program embeds it.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"time"

	"dozvon/hearing/keywords"
)

func main() {
	var o options
	flag.StringVar(&o.voice, "voice", "/usr/share/festival/voices/russian/msu_ru_nsh_clunits", "directory of the recordings and labels")
	flag.StringVar(&o.out, "o", "hearing/keywords/russian.phones", "file of weights to write")
	flag.IntVar(&o.epochs, "epochs", 20, "times that every recording is heard, each time in another disguise")
	flag.IntVar(&o.width, "width", 192, "numbers between layers")
	flag.Uint64Var(&o.seed, "seed", 3, "of everything drawn at random")
	flag.Float64Var(&o.rate, "rate", 0.002, "of learning, at first")
	figures := flag.Bool("figures", false, "train nothing: put the figures of the search as they are now into the file of weights")
	flag.Parse()
	do := run
	if *figures {
		do = refigure
	}
	if err := do(o); err != nil {
		fmt.Fprintln(os.Stderr, "phonemodel:", err)
		os.Exit(1)
	}
}

type options struct {
	voice, out    string
	epochs, width int
	seed          uint64
	rate          float64
}

// aside is how many utterances are kept to measure on.
const aside = 25

func run(o options) error {
	start := time.Now()
	us, err := readVoice(o.voice)
	if err != nil {
		return err
	}
	phones := inventory(us)
	index := map[string]int16{}
	for i, p := range phones {
		index[p] = int16(i)
	}
	study, test := us[:len(us)-aside], us[len(us)-aside:]
	fmt.Printf("%d utterances, %d to measure on, %d phones\n", len(study), len(test), len(phones))
	r := rand.New(rand.NewPCG(o.seed, 0))
	n := newNet(r, o.width, len(phones))
	span, _ := n.Span()
	t := newTrainer(n, len(phones), r)
	prior := make([]float64, len(phones))
	class := school{seed: o.seed, index: index, reach: span / 2}
	total := o.epochs * len(study)
	done := 0
	for lessons := range class.lessons(study, o.epochs) {
		rows, want := batch(lessons.lessons, n)
		for _, p := range want {
			if p >= 0 {
				prior[p]++
			}
		}
		done += lessons.utterances
		part := float64(done) / float64(total)
		t.learn(rows, want, o.rate*warm(t.steps)*(0.5+0.5*math.Cos(math.Pi*part))+1e-5)
		if part > 0.85 && t.steps%10 == 0 {
			t.remember()
		}
		if t.steps%200 == 0 {
			fmt.Printf("%5.1f %%  %6d updates  %4.1f %% of frames right  %v\n", 100*part, t.steps, 100*float64(t.right)/float64(t.judged), time.Since(start).Round(time.Second))
			t.right, t.judged = 0, 0
		}
	}
	t.settle()
	fmt.Printf("utterances not trained on: %.1f %% of frames right\n", 100*measure(t, class, test))
	return save(o.out, phones, prior, t)
}

// warm lets the rate rise over the first updates.
func warm(step int) float64 { return math.Min(1, float64(step+1)/200) }

func save(path string, phones []string, prior []float64, t *trainer) error {
	var sum float64
	for _, p := range prior {
		sum += p
	}
	for i := range prior {
		prior[i] = math.Round(prior[i]/sum*1e6) / 1e6
	}
	m, err := keywords.NewModel(keywords.Head{
		Source: "festvox-ru (Debian), Copyright (c) 2005 Nickolay V. Shmyrev",
		Phones: phones, Prior: prior, Search: search,
	}, t.net)
	if err != nil {
		return err
	}
	return write(path, m)
}

// refigure gives weights that are there already other figures of the search.
func refigure(o options) error {
	raw, err := os.ReadFile(o.out)
	if err != nil {
		return err
	}
	m, err := keywords.Load(bytes.NewReader(raw))
	if err != nil {
		return fmt.Errorf("%s: %w", o.out, err)
	}
	return write(o.out, m.Tuned(search))
}

func write(path string, m *keywords.Model) error {
	var b bytes.Buffer
	if err := m.Save(&b); err != nil {
		return err
	}
	return os.WriteFile(path, b.Bytes(), 0o644)
}

// search are the figures of the search that go with the weights; how they
// were found is in docs/decisions/017-keywords.md.
var search = keywords.Search{Prior: 0.7, Least: 2, Stay: -0.1, Switch: -1.2, Sure: [9]float64{-4, 1.8, 1.13, 0.78, 1.39, -0.77, 0, 0, 3.95}}
