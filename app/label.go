package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"time"

	"dozvon/dialer"
	"dozvon/hearing/report"
	"dozvon/store"
)

// LabelOptions are the settings of labelling; see `dozvon hearing label --help`.
type LabelOptions struct {
	HearingOptions
	Data     string           // folder of recordings
	Scenario string           // file whose answers are offered; empty: those that were ever given
	Unsure   bool             // only calls of which the engines were not sure
	Attempt  dialer.AttemptID // only that one; 0: not so
	Limit    int              // calls in this session
	Player   string           // program and arguments; empty: one that is found; noPlayer: none
	Who      string           // who listens

	seed uint64 // of the lot, for tests; 0: any
}

// LabelHearing walks a person through recorded calls: plays them, asks what is
// true of them, and stores it. Every answer is stored before the next question.
func LabelHearing(ctx context.Context, o LabelOptions, in io.Reader, out io.Writer) error {
	if o.Limit < 1 {
		return Usage(errors.New("--limit must be at least 1"))
	}
	k := newKeyboard(in)
	if k.term == nil && o.Player == "" {
		o.Player = noPlayer // answers from a file are there before any sound is heard
	}
	player, err := findPlayer(o.Player)
	if err != nil {
		return err
	}
	return withHearing(ctx, o.HearingOptions, func(db *store.Store) error {
		l := &labeller{o: o, db: db, keys: k, out: out, player: player, saved: map[dialer.AttemptID]bool{}, offered: map[question][]string{}}
		if err := l.choose(ctx); err != nil {
			return err
		}
		if err := l.session(ctx); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		return l.farewell()
	})
}

// question is a question of a scenario.
type question struct{ campaign, name string }

// labeller is a session of labelling.
type labeller struct {
	o      LabelOptions
	db     *store.Store
	keys   *keyboard
	out    io.Writer
	player []string // nil: nothing is played
	err    error    // of writing

	picks   []report.Pick
	offered map[question][]string // the answers that were ever given to a question
	before  int                   // calls labelled before this session
	saved   map[dialer.AttemptID]bool
	shown   []report.Pick // calls asked about, in order
	gone    int           // calls without a recording
	sound   *playing      // nil: silence
}

func (l *labeller) say(format string, args ...any) {
	if l.err == nil {
		_, l.err = fmt.Fprintf(l.out, format+"\n", args...)
	}
}

// choose finds what can be labelled and in which order.
func (l *labeller) choose(ctx context.Context) error {
	var all []report.Candidate
	q := store.HeardQuery{Campaign: l.o.Campaign, Since: l.o.Since}
	err := l.db.HeardCalls(ctx, q, func(c store.HeardCall) error {
		r := &c.Attempt.Result
		one := report.Candidate{ID: int64(c.Attempt.ID), Doubt: doubtOf(r)}
		if c.Label != nil {
			one.Label = report.Sample(c.Label.Sample)
			l.before++
		}
		all = append(all, one)
		l.offerAnswers(c)
		return nil
	})
	if err != nil {
		return err
	}
	for _, labels := range l.offered {
		slices.Sort(labels)
	}
	if err := l.offerScenario(); err != nil {
		return err
	}
	if l.o.Attempt != 0 {
		l.picks = []report.Pick{{ID: int64(l.o.Attempt), Sample: report.Named}}
		return nil
	}
	seed := l.o.seed
	if seed == 0 {
		seed = rand.Uint64()
	}
	l.picks = report.Choose(all, l.o.Unsure, rand.New(rand.NewPCG(seed, 0)))
	return nil
}

// session asks about one call after the other.
func (l *labeller) session(ctx context.Context) error {
	defer l.hush()
	for i := 0; len(l.saved) < l.o.Limit; {
		if i == len(l.shown) {
			more, err := l.next(ctx)
			if err != nil || !more {
				return err
			}
		}
		step, err := l.ask(ctx, l.shown[i])
		if err == nil {
			err = l.err
		}
		switch {
		case err != nil:
			return err
		case step == stepBack && i == 0:
			l.say("this is the first call of the session")
		case step == stepBack:
			i--
		default:
			i++
		}
	}
	return nil
}

// next puts the next call that has a recording behind those shown. Calls that
// are labelled and have been drawn by lot now too are noted on the way.
func (l *labeller) next(ctx context.Context) (bool, error) {
	for len(l.picks) > 0 {
		p := l.picks[0]
		l.picks = l.picks[1:]
		if p.Known {
			if err := l.redraw(ctx, p); err != nil {
				return false, err
			}
			continue
		}
		if path, _ := recordingOf(l.o.Data, dialer.AttemptID(p.ID)); path == "" {
			l.gone++
			continue
		}
		l.shown = append(l.shown, p)
		return true, nil
	}
	return false, nil
}

// redraw notes that the lot has fallen on a call that is labelled.
func (l *labeller) redraw(ctx context.Context, p report.Pick) error {
	c, err := l.call(ctx, p.ID)
	if err != nil || c.Label == nil || c.Label.Sample == string(report.Random) {
		return err // a call that was skipped has no label
	}
	c.Label.Sample = string(report.Random)
	return l.db.LabelHearing(ctx, *c.Label)
}

func (l *labeller) call(ctx context.Context, id int64) (c store.HeardCall, err error) {
	err = l.db.HeardCalls(ctx, store.HeardQuery{Attempt: dialer.AttemptID(id)}, func(one store.HeardCall) error {
		c = one
		return nil
	})
	if err == nil && c.Attempt.ID == 0 {
		err = Invalid(fmt.Errorf("nothing was recorded or heard of an attempt %d", id))
	}
	return c, err
}

// save stores what was answered of a call.
func (l *labeller) save(ctx context.Context, c store.HeardCall, sample report.Sample, party string, words []string) error {
	label := store.HearingLabel{Attempt: c.Attempt.ID, Party: party, Words: words, Sample: string(sample), Labeller: l.o.Who, At: time.Now()}
	if c.Label != nil {
		label.Sample = c.Label.Sample // to listen again changes nothing in how it was chosen
	}
	if err := l.db.LabelHearing(ctx, label); err != nil {
		return err
	}
	if c.Label == nil {
		l.before++
	}
	l.saved[c.Attempt.ID] = true
	l.offerAnswers(store.HeardCall{Attempt: c.Attempt, Label: &label})
	l.say("saved: %d of %d in this session, %d in all", len(l.saved), l.o.Limit, l.before)
	return nil
}

func (l *labeller) farewell() error {
	if l.gone > 0 {
		l.say("%d calls have no recording below %s (--data names the folder; a scenario records with call: {record: true})", l.gone, l.o.Data)
	}
	if len(l.shown) == 0 {
		l.say("no recorded call is left to label; a call is labelled again with --attempt ID")
	}
	l.say("%d calls labelled now, %d in all; what they tell: dozvon hearing report --db %s", len(l.saved), l.before, l.o.DB)
	return l.err
}
