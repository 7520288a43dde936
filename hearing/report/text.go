package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"dozvon/hearing"
)

// By is what calls are grouped by.
type By string

// What calls can be grouped by.
const (
	ByEngine   By = "engine"
	ByTrunk    By = "trunk"
	ByScenario By = "scenario"
)

// Groupings lists them.
func Groupings() []By { return []By{ByEngine, ByTrunk, ByScenario} }

// Write words a report for people, with the groupings asked for.
func (r Report) Write(w io.Writer, by ...By) error {
	p := &printer{w: w}
	p.line("%d calls are labelled: %d were drawn by lot, and stand for all calls; %d were chosen for doubt or by name.", r.Fair.Calls+r.Chosen.Calls, r.Fair.Calls, r.Chosen.Calls)
	p.line("Intervals are of 95 %% certainty (Wilson).")
	if r.Fair.Calls == 0 {
		p.line("\nNone was drawn by lot: there are no rates and no thresholds. Label some without --unsure.")
	} else {
		p.line("\nCALLS DRAWN BY LOT")
		p.part(r.Fair, by)
		p.line("\nTHRESHOLDS")
		p.thresholds(r.Thresholds)
	}
	if r.Chosen.Calls > 0 {
		p.line("\nCHOSEN CALLS (harder than all calls are: no rates of the whole)")
		p.part(r.Chosen, nil)
	}
	return p.err
}

// printer keeps the first error.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

// table prints rows in columns.
func (p *printer) table(rows ...[]string) {
	if p.err != nil {
		return
	}
	t := tabwriter.NewWriter(p.w, 0, 0, 2, ' ', 0)
	for _, r := range rows {
		fmt.Fprintln(t, "  "+strings.Join(r, "\t"))
	}
	p.err = t.Flush()
}

func (p *printer) part(t Part, by []By) {
	p.line("\nWho answered, in %d calls; in %d more nobody listened for it", t.Parties.Calls, t.Calls-t.Parties.Calls)
	if t.Parties.Calls > 0 {
		p.matrix(t.Parties)
		p.table([]string{"people kept", t.Parties.HumanKept.String()}, []string{"machines found", t.Parties.MachineFound.String()},
			[]string{"decided after (p50, p95)", t.Parties.Decided.String()})
	}
	p.line("\nAnswers, in %d things heard", t.Words.All)
	if w := t.Words; w.All > 0 {
		p.table([]string{"answers heard right", w.Accuracy.String()},
			[]string{"taken for another answer", w.Mistaken.String()},
			[]string{"not taken (false rejects)", w.FalseRejects.String()},
			[]string{"taken though none was said (false accepts)", w.FalseAccepts.String()},
			[]string{"of all that was taken, wrong", w.TakenWrongly.String()},
			[]string{"decision time (p50, p95)", w.Delay.String()})
	}
	for _, b := range by {
		p.groups(b, t)
	}
}

// matrix prints what was heard by what was true.
func (p *printer) matrix(t Parties) {
	heards := append(Truths(), hearing.Unsure)
	head := []string{"TRUE \\ HEARD"}
	for _, h := range heards {
		head = append(head, string(h))
	}
	rows := [][]string{head}
	for _, truth := range Truths() {
		if len(t.Matrix[truth]) == 0 {
			continue
		}
		row := []string{string(truth)}
		for _, h := range heards {
			n := ""
			if t.Matrix[truth][h] > 0 {
				n = strconv.Itoa(t.Matrix[truth][h])
			}
			row = append(row, n)
		}
		rows = append(rows, row)
	}
	p.table(rows...)
}

func (p *printer) groups(by By, t Part) {
	all := map[By][]Group{ByEngine: t.Engine, ByTrunk: t.Trunk, ByScenario: t.Scenario}[by]
	if len(all) == 0 {
		return
	}
	name := strings.ToUpper(string(by))
	words := [][]string{{name, "CALLS", "HEARD RIGHT", "FALSE REJECTS", "FALSE ACCEPTS", "TAKEN WRONGLY", "P50, P95"}}
	parties := [][]string{{name, "CALLS", "PEOPLE KEPT", "MACHINES FOUND", "P50, P95"}}
	for _, g := range all {
		w := g.Words
		words = append(words, []string{g.Name, strconv.Itoa(g.Calls), w.Accuracy.brief(), w.FalseRejects.brief(), w.FalseAccepts.brief(), w.TakenWrongly.brief(), w.Delay.String()})
		parties = append(parties, []string{g.Name, strconv.Itoa(g.Calls), g.Parties.HumanKept.brief(), g.Parties.MachineFound.brief(), g.Parties.Decided.String()})
	}
	p.line("\nAnswers by %s", by)
	p.table(words...)
	if by != ByEngine {
		p.line("\nWho answered, by %s", by)
		p.table(parties...)
	}
}

func (p *printer) thresholds(all []Suggestion) {
	if len(all) == 0 {
		p.line("nothing was heard that a threshold could rest on")
	}
	for _, s := range all {
		what := "sure: of answers, by " + s.Engine
		if s.What == ForMachines {
			what = "hear: sure: of machines"
		}
		p.line("%s (%d calls)", what, s.Calls)
		p.threshold("usual", s.Usual)
		p.threshold("strict", s.Strict)
	}
}

func (p *printer) threshold(name string, t Threshold) {
	if t.Sure == 0 {
		p.line("  %-7s none keeps wrong ones to %.1f %%", name, 100*t.Limit)
		return
	}
	p.line("  %-7s sure: %d  wrong ones at most %.1f %%: %s; of the right ones it keeps %s", name, t.Sure, 100*t.Limit, t.Wrong, t.Kept)
	if !t.Enough {
		p.line("          too few calls to lean on: it may be up to %.1f %%; %d without a fault would do", 100*t.Wrong.High, t.Needed)
	}
}
