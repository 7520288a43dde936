package app

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"
	"time"

	"dozvon/scenarios"
	"dozvon/store"
)

// sayer tells the person at the terminal what happens before and after the
// calls. With --progress none or json it keeps quiet about the course.
type sayer struct {
	w     io.Writer
	quiet bool
	table bool
	last  time.Time
	drawn bool // a bar stands on the current line
}

func newSayer(w io.Writer, progress string) *sayer {
	return &sayer{w: w, quiet: progress == "none" || progress == "json", table: progress != "json"}
}

// importing returns a progress function of an import: silent for the first
// second, as most bases are read sooner.
func (s *sayer) importing(file string) func(store.Progress) {
	if s.quiet {
		return nil
	}
	started := time.Now()
	return func(p store.Progress) {
		now := time.Now()
		if now.Sub(started) < time.Second || now.Sub(s.last) < time.Second {
			return
		}
		s.last = now
		left := ""
		if p.Bytes > 0 && p.Total > p.Bytes {
			each := float64(now.Sub(started)) / float64(p.Bytes)
			left = ", about " + time.Duration(each*float64(p.Total-p.Bytes)).Round(time.Second).String() + " left"
		}
		if isTerminal(s.w) {
			fmt.Fprintf(s.w, "\r\x1b[K%s %s  %d rows, %d rejected%s", file, gauge(int(p.Bytes), int(p.Total), 24), p.Rows, p.Rejected, left)
			s.drawn = true
			return
		}
		fmt.Fprintf(s.w, "reading %s: %d rows, %d rejected, %d%%%s\n", file, p.Rows, p.Rejected, p.Bytes*100/max(1, p.Total), left)
	}
}

// imported says what became of the base.
func (s *sayer) imported(file string, r store.Report) {
	if s.quiet {
		return
	}
	if s.drawn {
		fmt.Fprint(s.w, "\r\x1b[K")
	}
	fmt.Fprintf(s.w, "%s: %d rows, %d new leads", file, r.Rows, r.Accepted)
	if r.Known > 0 {
		fmt.Fprintf(s.w, ", %d known from an earlier run", r.Known)
	}
	if r.Rejected > 0 {
		fmt.Fprintf(s.w, ", %d rejected (%s)", r.Rejected, reasons(r.Reasons))
	}
	fmt.Fprintln(s.w)
}

// summary prints the final table of a campaign.
func (s *sayer) summary(sc *scenarios.Scenario, sum store.Summary, out string) {
	if !s.table {
		return
	}
	title := sc.Title
	if title == "" {
		title = sc.Name
	}
	fmt.Fprintf(s.w, "\n%s\n", title)
	t := tabwriter.NewWriter(s.w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "LIST\tLEADS\tSHARE\t")
	for _, name := range listOrder(sc, sum.Lists) {
		n := sum.Lists[name]
		fmt.Fprintf(t, "%s\t%d\t%.0f%%\t%s\n", name, n, share(n, sum.Leads), sc.Outcomes[name].Title)
	}
	open := sum.Leads
	for _, n := range sum.Lists {
		open -= n
	}
	if open > 0 {
		fmt.Fprintf(t, "(still open)\t%d\t%.0f%%\t\n", open, share(open, sum.Leads))
	}
	t.Flush()
	fmt.Fprintf(s.w, "%d leads, %d calls, answered %.0f%%, mean talk %s, bridged %d, abandoned %.1f%%\n", sum.Leads, sum.Attempts,
		sum.ASR*100, time.Duration(sum.MeanDuration*float64(time.Second)).Round(time.Second), sum.Bridged, sum.AbandonRate*100)
	if sum.RejectedRows > 0 {
		fmt.Fprintf(s.w, "%d rows of the base were not called: see rejected_rows.csv\n", sum.RejectedRows)
	}
	if out != "" {
		fmt.Fprintf(s.w, "files: %s\n", out)
	}
}

// listOrder is the scenario's order, then what else came up.
func listOrder(sc *scenarios.Scenario, lists map[string]int) []string {
	names := slices.Clone(sc.Lists)
	for _, n := range slices.Sorted(maps.Keys(lists)) {
		if !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	return names
}

func share(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) * 100 / float64(of)
}
