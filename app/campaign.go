package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"dozvon/dialer"
	"dozvon/dialer/loop"
)

// campaign runs the named campaigns to their end with a progress display.
// The first interrupt drains, the second ends every call at once.
func (s *station) campaign(ctx context.Context, names []string, progress string, stdout, stderr io.Writer) error {
	show, err := s.display(ctx, names, progress, stdout)
	if err != nil {
		return err
	}
	s.observe = append(s.observe, show.observe)
	ctx, drained, release := s.interrupts(ctx, stderr)
	defer release()

	go show.run()
	stopLanes := s.lanes.start()
	defer stopLanes()
	err = s.loop.Run(ctx)
	s.tellFinished(names)
	show.stop()
	if ferr := s.flush(); ferr != nil {
		s.log.Warn(ferr.Error())
	}
	return s.verdict(ctx, err, names, drained())
}

// display prepares the progress of the named campaigns from what the store has.
func (s *station) display(ctx context.Context, names []string, mode string, out io.Writer) (*display, error) {
	st := newStanding(time.Now())
	for _, name := range names {
		t, err := s.db.Totals(ctx, name)
		if err != nil {
			return nil, err
		}
		st.add(name, t.Leads, t.Leads-t.Open(), t.Attempts, t.Lists)
	}
	return newDisplay(mode, out, st), nil
}

// interrupts turns Ctrl-C into a drain and a second one into a stop. drained
// reports whether there was a first one.
func (s *station) interrupts(parent context.Context, stderr io.Writer) (ctx context.Context, drained func() bool, release func()) {
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
			if n == 0 {
				fmt.Fprintln(stderr, "\nno new calls; the calls that are up finish. Ctrl-C again ends them now.")
				close(first)
				s.loop.Post(dialer.Drain{})
				continue
			}
			fmt.Fprintln(stderr, "\nending every call")
			cancel()
			return
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

// tellFinished puts campaign.finished into the outbox of each campaign whose
// last lead is done.
func (s *station) tellFinished(names []string) {
	ctx := context.Background() // the end is told after Ctrl-C as well
	for _, name := range names {
		t, err := s.db.Totals(ctx, name)
		if err != nil || t.Open() > 0 {
			continue
		}
		now := s.clock.Now()
		if err := s.db.Enqueue(ctx, now, rows(s.encoder.CampaignFinished(now, name, t.Lists))...); err != nil {
			s.log.Warn("the end of the campaign could not be put into the outbox", "campaign", name, "error", err)
		}
	}
	s.lanes.poke()
}

func (s *station) flush() error {
	ctx, cancel := context.WithTimeout(context.Background(), flushWait)
	defer cancel()
	return s.lanes.flush(ctx)
}

// verdict turns the end of the loop into an error with an exit code.
func (s *station) verdict(ctx context.Context, err error, names []string, drained bool) error {
	open := 0
	for _, name := range names {
		t, terr := s.db.Totals(context.WithoutCancel(ctx), name)
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
