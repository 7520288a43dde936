package main

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"

	"dozvon/hearing/keywords"
)

// school prepares lessons while others are learnt.
type school struct {
	seed  uint64
	index map[string]int16
	reach int
}

// share is what one update learns.
type share struct {
	lessons    []lesson
	utterances int
}

// together is how many utterances one group of updates is shuffled over; each
// group gives several updates.
const (
	together = 24
	updateOf = 700 // rows of 20 ms in an update, about
)

// lessons gives the shares of all epochs, in an order that depends on the seed
// alone.
func (s school) lessons(us []utterance, epochs int) <-chan share {
	type task struct {
		group []int
		seed  uint64
		done  chan []share
	}
	tasks := make(chan task)
	queue := make(chan task, runtime.GOMAXPROCS(0))
	out := make(chan share, 8)
	go func() {
		r := rand.New(rand.NewPCG(s.seed, 1))
		for range epochs {
			for group := range slices.Chunk(r.Perm(len(us)), together) {
				t := task{group, r.Uint64(), make(chan []share, 1)}
				queue <- t
				tasks <- t
			}
		}
		close(tasks)
		close(queue)
	}()
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			studio, spectrum := newStudio(), keywords.NewSpectrum()
			for t := range tasks {
				teacher := &teacher{r: rand.New(rand.NewPCG(t.seed, 2)), studio: studio, spectrum: spectrum, index: s.index, reach: s.reach, others: us}
				t.done <- teacher.group(us, t.group)
			}
		})
	}
	go func() {
		for t := range queue {
			for _, sh := range <-t.done {
				out <- sh
			}
		}
		close(out)
	}()
	return out
}

// group makes the shares of some utterances.
func (t *teacher) group(us []utterance, group []int) []share {
	var all []lesson
	for _, i := range group {
		all = append(all, t.lessons(&us[i])...)
	}
	t.r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	var out []share
	rows := 0
	var sh share
	for _, l := range all {
		sh.lessons = append(sh.lessons, l)
		if rows += len(l.phones); rows >= updateOf {
			out = append(out, sh)
			sh, rows = share{}, 0
		}
	}
	if len(out) > 0 {
		out[len(out)-1].lessons = append(out[len(out)-1].lessons, sh.lessons...)
		out[len(out)-1].utterances = len(group)
	}
	return out
}

// measure is the share of frames heard rightly in utterances not trained on,
// in disguises not met before.
func measure(t *trainer, s school, us []utterance) float64 {
	t.right, t.judged = 0, 0
	drop := t.drop
	t.drop = 0
	s.seed += 1000
	for sh := range s.lessons(us, 2) {
		rows, phones := batch(sh.lessons, t.net)
		out := t.forward(rows)
		t.loss(out, phones, make([]float32, len(out)))
	}
	t.drop = drop
	return float64(t.right) / float64(t.judged)
}

// inventory returns the phones of the utterances, by name.
func inventory(us []utterance) []string {
	var out []string
	for _, u := range us {
		for _, p := range u.phones {
			if !slices.Contains(out, p.phone) {
				out = append(out, p.phone)
			}
		}
	}
	slices.Sort(out)
	return out
}
