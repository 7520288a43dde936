package main

import (
	"dozvon/app"

	"github.com/spf13/cobra"
)

func (p program) runCommand() *cobra.Command {
	o := app.RunOptions{Env: p.env, OwnThreads: p.ownThreads}
	c := &cobra.Command{
		Use:   "run SCENARIO.yaml --base FILE",
		Short: "call a base by a scenario until every lead is done; resumable",
		Long: `Calls every lead of a base (CSV or XLSX) by a scenario until each one has
ended on a list. The state is kept in a database (--db), so that the same
command continues after Ctrl-C or a crash: nobody is called twice for it.

Ctrl-C once: no new calls, calls that are up finish. Twice: every call is
ended at once with CANCEL or BYE.

Exit codes: 0 finished; 1 failed while running; 2 wrong usage; 3 scenario,
base or config invalid, nobody was called; 4 interrupted and resumable.`,
		Example: `  dozvon run lead.yaml --base leads.csv --trunk "sip:login@sip.provider.example" --config dozvon.yaml --out results
  dozvon run survey.yaml --base clients.xlsx --map phone="Контактный номер" --lines 20 --cps 2`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.Scenario = args[0]
			return app.Run(c.Context(), o, c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	f := c.Flags()
	f.StringVar(&o.Base, "base", "", "the base to call: CSV or XLSX (required)")
	f.StringArrayVar(&o.Trunks, "trunk", nil, "trunk `URI`: sip:user@host:port;transport=udp|tcp (repeatable)")
	f.StringArrayVar(&o.Operators, "operator", nil, "operator's SIP `URI` for every group of the scenario (repeatable)")
	f.IntVar(&o.Lines, "lines", 0, "at most this many calls at once (default: 10 a trunk)")
	f.Float64Var(&o.CPS, "cps", 0, "new calls per second and trunk (default 1)")
	f.StringVar(&o.DB, "db", "", "database `FILE` (default: the base's name with .db)")
	f.StringVar(&o.Out, "out", "", "folder for outcomes.csv, lists/, attempts.csv, summary.json (default: the base's name with -out)")
	f.StringVar(&o.Config, "config", "", "configuration `FILE` with trunks, operators, speech, SMS, webhooks")
	f.StringVar(&o.Webhook, "webhook", "", "`URL` that receives events (secret: DOZVON_WEBHOOK_SECRET)")
	f.StringVar(&o.Progress, "progress", "auto", "auto, bar, plain, json or none")
	f.BoolVar(&o.FastForward, "fast-forward", false, "skip the waits between attempts (for rehearsals against simulated subscribers)")
	f.StringToStringVar(&o.Map, "map", nil, "which column is what: phone=COL, zone=COL, or a variable of the scenario")
	f.StringVar(&o.Region, "region", "", "country of numbers without a country code (default RU)")
	f.StringVar(&o.Campaign, "campaign", "", "name of the campaign (default: the scenario's)")
	cobra.CheckErr(c.MarkFlagRequired("base"))
	cobra.CheckErr(c.RegisterFlagCompletionFunc("progress", cobra.FixedCompletions(
		[]string{"auto", "bar", "plain", "json", "none"}, cobra.ShellCompDirectiveNoFileComp)))
	return c
}
