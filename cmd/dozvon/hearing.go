package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"dozvon/app"
	"dozvon/dialer"
	"dozvon/hearing/report"

	"github.com/spf13/cobra"
)

func (p program) hearingCommand() *cobra.Command {
	var o app.HearingOptions
	var since string
	c := &cobra.Command{Use: "hearing", Short: "how well your own calls are heard: label recorded ones, report, thresholds",
		Long: `Learns from your own calls how well the robot hears. A person listens to
recorded calls and says what was true (label); the report compares that with
what the robot heard, and suggests thresholds. All of it stays in the database
on this machine. A run or a service may have the database open meanwhile.`,
		Example: "  dozvon hearing label --db leads.db --data leads-out --scenario lead.yaml\n" +
			"  dozvon hearing label --db /var/lib/dozvon/dozvon.db --data /var/lib/dozvon --unsure --limit 50\n" +
			"  dozvon hearing label --db leads.db --data leads-out --player \"mpv --really-quiet\"\n" +
			"  dozvon hearing report --db leads.db --since 30d\n" +
			"  dozvon hearing report --db leads.db --by trunk --json",
		Args: cobra.NoArgs}
	f := c.PersistentFlags()
	f.StringVar(&o.DB, "db", "dozvon.db", "database `FILE` of a run or of the service")
	f.StringVar(&o.Campaign, "campaign", "", "only calls of that `NAME`")
	f.StringVar(&since, "since", "", "only calls placed since then: a `DATE` as 2026-03-01, or an age as 30d or 12h")
	c.AddCommand(p.hearingLabel(&o, &since), p.hearingReport(&o, &since))
	return c
}

func (p program) hearingLabel(h *app.HearingOptions, since *string) *cobra.Command {
	o := app.LabelOptions{}
	var attempt int64
	c := &cobra.Command{Use: "label", Short: "listen to recorded calls and say what was true", Args: cobra.NoArgs,
		Long: `Plays recorded calls and asks by single keys who answered and what the person
said to each question. Each call is stored as soon as its last answer is given;
quit with q at any time, and go on later. A call can be labelled again
(--attempt); its latest label counts.

By turns a call is drawn by lot and one is taken of which the engines were least
sure. Only those drawn by lot stand for all calls in the report; the unsure ones
show what goes wrong. With --unsure all are unsure ones.

Recordings are played by paplay, aplay, play (sox), ffplay or afplay, whichever
is found; --player names another one, --player none plays nothing and shows the
file. The left channel is the person, the right one the robot.

Where standard input is no terminal, its characters are the keys, blanks and
line ends apart, and nothing is played unless --player is given; each recording
is then heard to its end.`,
		RunE: func(c *cobra.Command, _ []string) error {
			var err error
			if h.Since, err = sinceWhen(*since, time.Now()); err != nil {
				return app.Usage(err)
			}
			if o.Who == "" {
				o.Who, _ = p.env("USER")
			}
			o.HearingOptions, o.Attempt = *h, dialer.AttemptID(attempt)
			return app.LabelHearing(c.Context(), o, c.InOrStdin(), c.OutOrStdout())
		}}
	f := c.Flags()
	f.StringVar(&o.Data, "data", ".", "`DIR` of recordings: --data of the service, --out of a run")
	f.StringVar(&o.Scenario, "scenario", "", "`FILE` whose answers are offered (default: those that calls have had)")
	f.BoolVar(&o.Unsure, "unsure", false, "only calls of which the engines were least sure")
	f.Int64Var(&attempt, "attempt", 0, "only the attempt of that `ID`, labelled or not")
	f.IntVar(&o.Limit, "limit", 20, "end after that many calls")
	f.StringVar(&o.Player, "player", "", "`COMMAND` that plays a WAV file put behind it; none: play nothing")
	f.StringVar(&o.Who, "who", "", "`NAME` of the person who listens (default USER)")
	return c
}

func (p program) hearingReport(h *app.HearingOptions, since *string) *cobra.Command {
	var o app.HearingReportOptions
	var by []string
	c := &cobra.Command{Use: "report", Short: "accuracy, false accepts, decision times, thresholds, from labelled calls", Args: cobra.NoArgs,
		Long: `Compares what was heard with what labelled calls really were: who answered, and
what was said; by engine, trunk and scenario (campaign). Rates rest on the calls
that were drawn by lot, with their intervals of 95 % certainty.

Suggested are the least thresholds at which what counts is wrong at most in 2 %
(strict: 0.5 %) of cases, with 95 % certainty; where the calls are too few for
that, it says so, and how many would do.`,
		RunE: func(c *cobra.Command, _ []string) error {
			var err error
			if h.Since, err = sinceWhen(*since, time.Now()); err != nil {
				return app.Usage(err)
			}
			o.HearingOptions = *h
			for _, b := range by {
				o.By = append(o.By, report.By(b))
			}
			return app.HearingReport(c.Context(), o, c.OutOrStdout())
		}}
	f := c.Flags()
	f.StringSliceVar(&by, "by", nil, "engine, trunk or scenario (default: all three)")
	f.BoolVar(&o.JSON, "json", false, "print JSON")
	return c
}

// sinceWhen reads a date or an age; zero if there is none.
func sinceWhen(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if t, err := time.ParseInLocation(time.DateOnly, text, time.Local); err == nil {
		return t, nil
	}
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil && n > 0 && n < 100_000 {
			return now.AddDate(0, 0, -n), nil
		}
	}
	if d, err := time.ParseDuration(text); err == nil && d > 0 {
		return now.Add(-d), nil
	}
	return time.Time{}, fmt.Errorf("--since cannot be %q; write a date as 2026-03-01, or an age as 30d or 12h", text)
}
