package bench

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"dozvon/hearing/corpus"
)

// Bar is a benchmark. It may judge several demands.
type Bar struct {
	Name  string           // one word, for -only
	Title string           // for people
	Data  string           // on what it runs, and how that is split from what was tuned or trained on
	Needs []corpus.Package // without them it is skipped
	Takes time.Duration    // on two cores, roughly: for the time left
	Run   func(context.Context, *Report) error
}

// All lists the bars in the order of the report.
func All() []Bar {
	return []Bar{
		machinesBar(), asteriskBar(), tonesBar(), beepsBar(), listenerBar(), dtmfBar(), talkOffBar(), printsBar(),
		acceptsBar(), costsBar(), greetBar(),
		wordsBar(), yesNoBar(), englishBar()}
}

// Report collects what a bar found. It belongs to the bar's Run, which fills
// it from one goroutine; Each does the work on several.
type Report struct {
	bar        Bar
	judged     []judgement
	shown      []shown
	confusions []*Confusion
	times      []*Times
	notes      []string
	unproven   []string

	took        time.Duration
	skipped     error
	failed      error
	done, total atomic.Int64
}

type judgement struct {
	demand string
	figure string
	pass   bool
}

type shown struct{ what, figure string }

// Judge says what was measured for a demand (its ID in Demands), and whether
// that is enough.
func (r *Report) Judge(demand, figure string, pass bool) {
	if _, ok := demandOf(demand); !ok {
		panic(fmt.Sprintf("bench: the bar %s judges %q, which Demands does not list", r.bar.Name, demand))
	}
	r.judged = append(r.judged, judgement{demand, figure, pass})
}

// Show gives a figure that nothing is demanded of.
func (r *Report) Show(what, format string, args ...any) {
	r.shown = append(r.shown, shown{what, fmt.Sprintf(format, args...)})
}

// Confuse adds a confusion matrix to the report.
func (r *Report) Confuse(c *Confusion) { r.confusions = append(r.confusions, c) }

// Time adds a distribution of times.
func (r *Report) Time(t *Times) { r.times = append(r.times, t) }

// Note adds a sentence.
func (r *Report) Note(format string, args ...any) {
	r.notes = append(r.notes, fmt.Sprintf(format, args...))
}

// Unproven adds what the bar does not show.
func (r *Report) Unproven(what string) { r.unproven = append(r.unproven, what) }

// Missed reports whether a demand was not met or the bar broke.
func (r *Report) Missed() bool {
	if r.failed != nil {
		return true
	}
	for _, j := range r.judged {
		if !j.pass {
			return true
		}
	}
	return false
}

// Each does n pieces of work on every processor and returns their results in
// order. The report's progress counts them.
func Each[T any](ctx context.Context, r *Report, n int, do func(i int) (T, error)) ([]T, error) {
	r.total.Add(int64(n))
	out := make([]T, n)
	err := corpus.Each(ctx, n, func(i int) error {
		v, err := do(i)
		out[i] = v
		r.done.Add(1)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// share writes a count of a whole for people: "98.7 % (232 of 235)".
func share(n, of int) string {
	if of == 0 {
		return "nothing to count"
	}
	return fmt.Sprintf("%.1f %% (%d of %d)", 100*float64(n)/float64(of), n, of)
}

// least reports whether n is at least percent of a whole that is not empty.
func least(n, of int, percent float64) bool {
	return of > 0 && 100*float64(n) >= percent*float64(of)
}
