package main

import (
	"dozvon/app"

	"github.com/spf13/cobra"
)

func (p program) demoCommand() *cobra.Command {
	o := app.DemoOptions{}
	c := &cobra.Command{
		Use:   "demo",
		Short: "three campaigns of a lender over real SIP and RTP on loopback, nothing to configure",
		Long: `Runs the three shipped scenarios (lead verification, meeting reminder, cold
base) from their shipped bases against simulated subscribers and operators:
real SIP and RTP on this machine's loopback, nobody is called. The waits
between attempts are skipped. Ends with the lists; recordings and files stay
in the output folder.`,
		Example: "  dozvon demo\n  dozvon demo --out results",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return app.Demo(c.Context(), o, c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	f := c.Flags()
	f.StringVar(&o.Out, "out", "", "folder for the results (default: a new one in the temporary folder)")
	f.StringVar(&o.Progress, "progress", "auto", "auto, bar, plain, json or none")
	return c
}
