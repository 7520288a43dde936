package spoken

import (
	"context"
	"fmt"
	"strings"
	"time"

	"dozvon/hearing/bench"
)

// Bar has two hundred people called.
func Bar() bench.Bar {
	return bench.Bar{
		Name:  "voice",
		Title: "The shipped scenarios, done by voice over SIP",
		Data: "200 simulated subscribers, a third for each shipped scenario, called by the whole program over SIP and RTP on loopback with the settings of a fresh installation. They say recordings of people: " +
			"«да», «нет» and «нет спасибо» out of sentences that the weights were not trained on (their speaker was), «нет» and «завтра» by a woman whom the weights do not know, and, for want of others, " +
			"«конечно», «хорошо», «да конечно», «позже» and «потом» out of sentences that the weights were trained on; each with level, noise (15 to 30 dB), loss (none to 2 %, or 5 % in bursts) and pause of its own, through A-law. " +
			"Every third says something when they pick up («да», «здравствуйте»), every sixth answers before the question has ended. No recording says «алло», «интересно», «новости» or «оператор»",
		Needs: Needs(),
		Takes: 5 * time.Minute,
		Run:   func(ctx context.Context, r *bench.Report) error { return judge(ctx, r, 200, 1) },
	}
}

func judge(ctx context.Context, r *bench.Report, n int, seed uint64) error {
	all, err := run(ctx, people(n, seed), seed)
	if err != nil {
		return err
	}
	latency := &bench.Times{Title: "From the end of a word to its result, in a call"}
	right, wronged, refused, asked, calls, machines, never := 0, 0, 0, 0, 0, 0, 0
	for _, e := range all {
		calls += len(e.calls)
		if e.right() {
			right++
		} else {
			r.Note("%s", e.told())
		}
		if e.refuses {
			refused++
		}
		if e.wronged() {
			wronged++
		}
		if e.asked() > 0 {
			asked++
		}
		if !e.understood() {
			never++
			r.Note("not understood: %s", e.told())
		}
		for _, c := range e.calls {
			if c.Verdict == "machine" {
				machines++
			}
		}
		for _, d := range e.latencies() {
			latency.Add(d)
		}
	}
	r.Judge("voice-lists", fmt.Sprintf("%.1f %% (%d of %d)", 100*float64(right)/float64(n), right, n), 100*right >= 95*n)
	r.Judge("voice-refused", fmt.Sprintf("%d of %d", wronged, refused), wronged == 0 && refused > 0)
	r.Show("calls in all", "%d", calls)
	r.Show("calls in which a person was taken for a machine", "%d", machines)
	r.Show("people of whom some call passed without an answer", "%d", never)
	r.Show("people of whom something was heard that was no answer, or not surely", "%d", asked)
	for _, name := range scenarioNames {
		r.Confuse(confusion(name, all))
	}
	r.Time(latency)
	r.Unproven("People on the phone who say more than a word; those of the bar \"voice\" are four speakers at most.")
	return nil
}

// confusion has what was said against the list that was reached.
func confusion(scenario string, all []ending) *bench.Confusion {
	c := &bench.Confusion{Title: scenario + ": what was said, and the list that was reached"}
	for _, e := range all {
		if e.scenario != scenario {
			continue
		}
		reached := e.reached
		if reached == e.list && !e.right() {
			reached += ", after a call too many"
		}
		c.Add("«"+strings.Join(e.says, "», «")+"»", reached)
	}
	c.Sort()
	return c
}
