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
		Short: "look each trunk over, step by step, and say what is wrong; nobody is called",
		Long: `Looks each trunk over, step by step, and says what is wrong and what to do:
its name and addresses, the connection, its certificate, whether it answers
(OPTIONS), whether it takes us for who we are (a REGISTER that asks and changes
nothing, where the trunk registers), what calls sound like, and what number
people see. ✓ works, ! works and deserves a look, ✗ does not work. Nobody is
called. Exit code 0: every trunk works; 1: one does not; 2 or 3: the command
line or the configuration is wrong.`,
		Example: `  dozvon trunk check --config dozvon.yaml
  dozvon trunk check --trunk sip:login@sip.provider.example
  dozvon trunk check --trunk 'sip:login@sip.provider.example;transport=tls'`,
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
