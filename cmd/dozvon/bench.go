package main

import (
	"dozvon/app"

	"github.com/spf13/cobra"
)

func (p program) benchCommand() *cobra.Command {
	o := app.BenchOptions{}
	c := &cobra.Command{
		Use:   "bench",
		Short: "the benchmarks behind the published figures",
		Long: `Measures this machine: CPU per call-second (prompt playing, keys listened for),
CPU per call set-up, memory per call, import rate, engine decisions per second.
dozvon is pinned to one core; the simulated subscribers run as a process of
their own on another. Real SIP and RTP on loopback.`,
		Example: "  dozvon bench\n  dozvon bench --calls 500 --for 1m",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return app.Bench(c.Context(), o, c.OutOrStdout())
		},
	}
	f := c.Flags()
	f.IntVar(&o.Calls, "calls", 200, "calls at once")
	f.IntVar(&o.Setups, "setups", 2000, "calls of the set-up benchmark")
	f.Float64Var(&o.Rate, "rate", 200, "set-ups a second")
	f.IntVar(&o.Rows, "rows", 1_000_000, "rows of the import benchmark")
	f.StringVar(&o.Out, "profile", "", "`DIR` that gets CPU profiles")
	f.DurationVar(&o.For, "for", 0, "how long the calls of the call-second benchmark are measured (default 15s)")
	return c
}
