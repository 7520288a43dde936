package main

import (
	"dozvon/app"

	"github.com/spf13/cobra"
)

func (p program) trunkCommand() *cobra.Command {
	c := &cobra.Command{Use: "trunk", Short: "trunks: check whether they work", Args: cobra.NoArgs,
		Example: "  dozvon trunk check --config dozvon.yaml"}
	o := app.CheckOptions{Env: p.env}
	check := &cobra.Command{
		Use:   "check",
		Short: "ask each trunk whether it answers and takes us for who we are; nobody is called",
		Example: `  dozvon trunk check --config dozvon.yaml
  dozvon trunk check --trunk sip:login@sip.provider.example`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return app.CheckTrunks(c.Context(), o, c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	check.Flags().StringArrayVar(&o.Trunks, "trunk", nil, "trunk `URI` (repeatable)")
	check.Flags().StringVar(&o.Config, "config", "", "configuration `FILE`")
	c.AddCommand(check)
	return c
}
