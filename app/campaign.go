package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"slices"
	"sync"
	"syscall"
	"time"

	"dozvon/dialer"
	"dozvon/dialer/loop"
)

// campaign runs the station's campaigns to their end with a progress display.
func (s *station) campaign(ctx context.Context, progress string, stdout, stderr io.Writer) error {
	return together(ctx, []*station{s}, progress, stdout, stderr)[0]
}

// together runs stations side by side under one progress display, and returns
// how each ended. The first interrupt drains, the second ends every call at
// once.
func together(ctx context.Context, stations []*station, progress string, stdout, stderr io.Writer) []error {
	ends := make([]error, len(stations))
	standing := newStanding(time.Now())
	for i, s := range stations {
		if ends[i] = s.stand(ctx, standing); ends[i] != nil {
			return ends
		}
	}
	show := newDisplay(progress, stdout, standing)
	for i, s := range stations {
		s.observe = append(s.observe, show.observer(i))
	}
	ctx, drained, release := interrupts(ctx, stations, stderr)
	defer release()
	go show.run()
	var wg sync.WaitGroup
	for i, s := range stations {
		wg.Go(func() { ends[i] = s.work(ctx) })
	}
	wg.Wait()
	show.stop()
	for i, s := range stations {
		ends[i] = s.verdict(ends[i], drained())
	}
	return ends
}

// work runs the loop to its end and delivers what can be delivered.
func (s *station) work(ctx context.Context) error {
	stopLanes := s.lanes.start()
	defer stopLanes()
	guarded, unguard := context.WithCancel(ctx)
	var guard sync.WaitGroup
	guard.Go(func() { s.guardVoice(guarded, nil) })
	err := s.loop.Run(ctx)
	unguard()
	guard.Wait()
	if ferr := s.flush(ctx); ferr != nil {
		s.log.Warn(ferr.Error())
	}
	return err
}

// stand adds the station's campaigns to a standing, as the store has them.
func (s *station) stand(ctx context.Context, st *standing) error {
	for _, name := range s.names() {
		t, err := s.db.Totals(ctx, name)
		if err != nil {
			return err
		}
		st.add(name, t.Leads, t.Leads-t.Open(), t.Attempts, t.Lists)
	}
	return nil
}

// names are the station's campaigns.
func (s *station) names() []string { return slices.Sorted(maps.Keys(s.plans)) }

// interrupts turns Ctrl-C into a drain and a second one into a stop. drained
// reports whether there was a first one.
func interrupts(parent context.Context, stations []*station, stderr io.Writer) (ctx context.Context, drained func() bool, release func()) {
	ctx, cancel := context.WithCancel(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	first, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		for n := 0; ; n++ {
			select {
			case <-signals:
			case <-ctx.Done():
				return
			}
			if n > 0 {
				fmt.Fprintln(stderr, "\nending every call")
				cancel()
				return
			}
			fmt.Fprintln(stderr, "\nno new calls; the calls that are up finish. Ctrl-C again ends them now.")
			close(first)
			for _, s := range stations {
				s.loop.Post(dialer.Drain{})
			}
		}
	}()
	drained = func() bool {
		select {
		case <-first:
			return true
		default:
			return false
		}
	}
	return ctx, drained, func() {
		signal.Stop(signals)
		cancel()
		<-over
	}
}

// flush delivers what can be delivered. Who has stopped everything at once
// does not wait for a receiver to come back.
func (s *station) flush(ctx context.Context) error {
	until := time.Now().Add(flushWait)
	if ctx.Err() != nil {
		ctx, until = context.WithoutCancel(ctx), time.Time{}
	}
	return s.lanes.flushKept(ctx, s.db, until)
}

// verdict turns the end of the loop into an error with an exit code.
func (s *station) verdict(err error, drained bool) error {
	open := 0
	for _, name := range s.names() {
		t, terr := s.db.Totals(context.Background(), name)
		if terr != nil {
			return errors.Join(err, terr)
		}
		open += t.Open()
	}
	var broken *loop.StoreError
	switch {
	case errors.As(err, &broken):
		return err
	case err != nil && errors.Is(err, context.Canceled), err == nil && drained && open > 0:
		return Interrupted(fmt.Errorf("interrupted with %d leads still to be called; the same command goes on where it stopped", open))
	}
	return err
}
