package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"dozvon/hearing/corpus"
)

// Options of a run.
type Options struct {
	Only []string  // names of bars; empty: all
	Log  io.Writer // progress and findings, for people
	// Every is how often progress is printed while a bar runs; 0: 5 s.
	Every time.Duration
}

// Outcome is a finished run.
type Outcome struct {
	Started time.Time
	Took    time.Duration
	Reports []*Report
}

// Missed reports whether a demand was not met, or a bar broke.
func (o *Outcome) Missed() bool {
	return slices.ContainsFunc(o.Reports, (*Report).Missed)
}

// Skipped reports whether a bar could not run for want of a package.
func (o *Outcome) Skipped() bool {
	return slices.ContainsFunc(o.Reports, func(r *Report) bool { return r.skipped != nil })
}

// Run runs bars one after another. A bar that breaks is a missed one, and does
// not stop the others; the error is of the options or of ctx.
func Run(ctx context.Context, bars []Bar, o Options) (*Outcome, error) {
	bars, err := choose(bars, o.Only)
	if err != nil {
		return nil, err
	}
	out := &Outcome{Started: time.Now()}
	for i, b := range bars {
		r := &Report{bar: b}
		out.Reports = append(out.Reports, r)
		if r.skipped = missing(b); r.skipped != nil {
			fmt.Fprintf(o.Log, "== %s: skipped, %v\n", b.Name, r.skipped)
			continue
		}
		fmt.Fprintf(o.Log, "== %s: %s\n", b.Name, b.Title)
		started := time.Now()
		stop := watch(r, o, started, left(bars[i+1:]))
		r.failed = b.Run(ctx, r)
		stop()
		r.took = time.Since(started)
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		var absent *corpus.AbsentError
		if errors.As(r.failed, &absent) {
			r.skipped, r.failed = absent, nil
		}
		fmt.Fprint(o.Log, r.text())
	}
	out.Took = time.Since(out.Started)
	return out, nil
}

func choose(bars []Bar, only []string) ([]Bar, error) {
	if len(only) == 0 {
		return bars, nil
	}
	var out []Bar
	var names []string
	for _, b := range bars {
		names = append(names, b.Name)
		if slices.Contains(only, b.Name) {
			out = append(out, b)
		}
	}
	for _, name := range only {
		if !slices.Contains(names, name) {
			return nil, fmt.Errorf("there is no bar %q; there are %s", name, strings.Join(names, ", "))
		}
	}
	return out, nil
}

func missing(b Bar) error {
	if len(b.Needs) == 0 {
		return nil
	}
	return corpus.Missing(b.Needs...)
}

// left is how long bars take that have not run yet.
func left(bars []Bar) (d time.Duration) {
	for _, b := range bars {
		if missing(b) == nil {
			d += b.Takes
		}
	}
	return d
}

// watch prints how far a bar is until the returned function is called.
func watch(r *Report, o Options, started time.Time, after time.Duration) (stop func()) {
	every := o.Every
	if every == 0 {
		every = 5 * time.Second
	}
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				n, of := r.done.Load(), r.total.Load()
				fmt.Fprintf(o.Log, "   %d of %d, some %v left in all\n", n, of, (remaining(time.Since(started), n, of, r.bar.Takes) + after).Round(time.Second))
			}
		}
	}()
	return func() { close(done); <-ended }
}

// remaining guesses how long a bar goes on: from how far it is, or from how
// long it usually takes.
func remaining(spent time.Duration, n, of int64, usual time.Duration) time.Duration {
	if n == 0 || of == 0 {
		return max(usual-spent, 0)
	}
	return time.Duration(float64(spent) * float64(of-n) / float64(n))
}
