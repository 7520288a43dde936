package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"dozvon/calls"
	"dozvon/dialer"
	"dozvon/hearing"
	"dozvon/hearing/report"
	"dozvon/store"
)

// HearingOptions say which calls are meant.
type HearingOptions struct {
	DB       string
	Campaign string    // empty: all
	Since    time.Time // placed then or later; zero: all
}

// withHearing opens the database of a run or of a service, also while that has
// it open.
func withHearing(ctx context.Context, o HearingOptions, do func(*store.Store) error) error {
	if err := mustExist(o.DB); err != nil {
		return err
	}
	db, err := store.Open(ctx, o.DB, store.Options{Guest: true})
	if err != nil {
		return notDatabase(err)
	}
	defer db.Close()
	if o.Campaign != "" {
		if _, err := db.Campaign(ctx, o.Campaign); err != nil {
			return Invalid(err)
		}
	}
	return do(db)
}

// HearingReportOptions say what a report is about and how it looks.
type HearingReportOptions struct {
	HearingOptions
	By   []report.By
	JSON bool
}

// HearingReport prints what the labelled calls tell of hearing.
func HearingReport(ctx context.Context, o HearingReportOptions, out io.Writer) error {
	for _, by := range o.By {
		if !slices.Contains(report.Groupings(), by) {
			return Usage(fmt.Errorf("--by cannot be %q; take engine, trunk or scenario", by))
		}
	}
	if len(o.By) == 0 {
		o.By = report.Groupings()
	}
	return withHearing(ctx, o.HearingOptions, func(db *store.Store) error {
		var judged []report.Call
		waiting := 0
		err := db.HeardCalls(ctx, store.HeardQuery{Campaign: o.Campaign, Since: o.Since}, func(c store.HeardCall) error {
			switch {
			case c.Label != nil:
				judged = append(judged, judgedCall(c))
			case c.Attempt.Result.Recording != "":
				waiting++
			}
			return nil
		})
		if err != nil {
			return err
		}
		r := report.Make(judged)
		if o.JSON {
			e := json.NewEncoder(out)
			e.SetIndent("", "  ")
			return e.Encode(r)
		}
		if len(judged) == 0 {
			_, err = fmt.Fprintf(out, "No call is labelled yet, so nothing can be said. %d recorded calls wait: dozvon hearing label --db %s\n", waiting, o.DB)
			return err
		}
		return r.Write(out, o.By...)
	})
}

// judgedCall puts a label beside what was heard.
func judgedCall(c store.HeardCall) report.Call {
	r := &c.Attempt.Result
	verdict, decided, known := listened(r)
	out := report.Call{Trunk: c.Attempt.Trunk, Scenario: c.Attempt.Campaign, Sample: report.Sample(c.Label.Sample),
		Truth: hearing.Kind(c.Label.Party), Heard: hearing.Kind(verdict)}
	out.Confidence, out.After, out.Early = decided.Confidence, decided.After, decided.Early || !known
	if verdict == dialer.VerdictAnnouncement && decided.Label == hearing.LabelMachine {
		out.Heard = hearing.Machine // the greeting of a voicemail that is known by heart
	}
	if verdict == dialer.VerdictUnknown {
		out.Heard = hearing.Unsure
	}
	for i, s := range r.Said {
		if i < len(c.Label.Words) {
			out.Words = append(out.Words, report.Word{Engine: s.Engine, Label: s.Label, Confidence: s.Confidence, Latency: s.Latency,
				Taken: s.Taken, Nothing: s.Nothing, Truth: c.Label.Words[i]})
		}
	}
	return out
}

// listened is what the listener made of a call. What a key or an answer showed
// is none of its doing: then its own last word counts.
func listened(r *dialer.Result) (dialer.Verdict, dialer.Heard, bool) {
	decided, known := r.Decided()
	if !decided.Shown {
		return r.Verdict, decided, known
	}
	for _, h := range slices.Backward(r.Heard) {
		if !h.Shown {
			return h.Verdict, h, true
		}
	}
	return dialer.VerdictUnknown, dialer.Heard{}, false
}

// doubtOf is how unsure the engines were of a call.
func doubtOf(r *dialer.Result) float64 {
	var all []float64
	if _, h, ok := listened(r); ok {
		all = append(all, h.Confidence)
	}
	for _, s := range r.Said {
		if s.Label != "" {
			all = append(all, s.Confidence)
		}
	}
	return report.Doubt(all)
}

// recordingOf finds what was recorded of an attempt: from its answer on, or
// before it. Empty: nothing is there.
func recordingOf(data string, id dialer.AttemptID) (path string, early bool) {
	for _, name := range []string{calls.Recording(id), calls.EarlyRecording(id)} {
		path = filepath.Join(data, name)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			return path, name == calls.EarlyRecording(id)
		}
	}
	return "", false
}
