package bench

import (
	"context"
	"sync/atomic"
	"time"

	"dozvon/hearing"
	"dozvon/hearing/corpus"
	"dozvon/hearing/embedded"
	"dozvon/hearing/keywords"
	"dozvon/hearing/progress"
)

func machinesBar() Bar {
	return Bar{
		Name:  "machines",
		Title: "People and machines, by dozvon's listener",
		Data: answersData + ". Thresholds were tuned on the development half, weights fitted on that and on corpus.Lessons (decision 023). A call counts by the first verdict; one that is overruled later stays wrong. " +
			"Judged is what calls do by themselves: the embedded net looks at the first utterance. How it was said alone is what remains where it can't",
		Needs: corpus.CallPackages(),
		Takes: 40 * time.Second,
		Run:   runMachines,
	}
}

func runMachines(ctx context.Context, r *Report) error {
	alone, err := talkers(ctx, r, "By how it was said alone", func(corpus.Call) (progress.Options, error) { return progress.Options{}, nil })
	if err != nil {
		return err
	}
	m, err := keywords.Shipped()
	if err != nil {
		return err
	}
	both, err := talkers(ctx, r, "The listener", func(c corpus.Call) (progress.Options, error) {
		f, err := embedded.NewOfflineFirst(m, c.Language)
		return progress.Options{First: f}, err
	})
	if err != nil {
		return err
	}
	t := both.Tally
	r.Judge("human-kept", share(t.Kept, t.People), least(t.Kept, t.People, 98))
	r.Judge("machine-found", share(t.Found, t.Machines), least(t.Found, t.Machines, 92))
	r.Judge("amd-time", t.All.Brief(), t.All.Quantile(0.95) <= 3*time.Second)
	r.Judge("amd-human-time", t.Short.Brief(), t.Short.Quantile(0.5) <= 1500*time.Millisecond)
	both.show(r, "with words")
	alone.show(r, "how it was said alone")
	r.Confuse(&t.Matrix)
	r.Confuse(&t.Sources)
	r.Confuse(&alone.Matrix)
	r.Time(&t.All)
	r.Time(&t.Short)
	r.Unproven("spontaneous callers, children, accents, and greetings of today's machines: most voices here are synthetic")
	return nil
}

// talked is what a way to listen made of all calls.
type talked struct {
	*Tally
	people, machines int // that are right in the end
}

// talkers hears the calls in which somebody talks.
func talkers(ctx context.Context, r *Report, title string, options func(corpus.Call) (progress.Options, error)) (talked, error) {
	var people, machines atomic.Int64
	var broken atomic.Pointer[error]
	answers, err := HearAnswers(ctx, r, Talks, func(c corpus.Call, s corpus.Rendered) Decision {
		o, err := options(c)
		if err != nil {
			broken.Store(&err)
			return Decision{}
		}
		all := listenBy(o, s)
		last := lastOf(all)
		switch {
		case c.Class == corpus.Person:
			people.Add(int64(one(last == hearing.Human)))
		case c.Class != corpus.Business:
			machines.Add(int64(one(last != hearing.Human && last != "")))
		}
		return firstOf(all)
	})
	if e := broken.Load(); err == nil && e != nil {
		err = *e
	}
	if err != nil {
		return talked{}, err
	}
	return talked{Count(title, answers), int(people.Load()), int(machines.Load())}, nil
}

// show prints the figures of a way to listen.
func (t talked) show(r *Report, way string) {
	r.Show(way+": humans kept", "%s", share(t.Kept, t.People))
	r.Show(way+": machines found", "%s", share(t.Found, t.Machines))
	r.Show(way+": decision", "%s", t.All.Brief())
	r.Show(way+": decision on humans", "%s", t.Short.Brief())
	r.Show(way+": people who answer for a business kept", "%s", share(t.Business, t.Firms))
	r.Show(way+", in the end, after a late beep or long speech: humans kept", "%s", share(t.people, t.People))
	r.Show(way+", in the end: machines found", "%s", share(t.machines, t.Machines))
}

// lastOf is what remains of the verdicts on who is there.
func lastOf(all []hearing.Verdict) (kind hearing.Kind) {
	for _, v := range all {
		if v.Kind != hearing.Silence && v.Kind != hearing.Unsure {
			kind = v.Kind
		}
	}
	return kind
}
