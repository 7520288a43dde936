package main

import (
	"time"

	"dozvon/app"

	"github.com/spf13/cobra"
)

func (p program) benchCommand() *cobra.Command {
	o := app.BenchOptions{}
	c := &cobra.Command{
		Use:   "bench",
		Short: "the benchmarks behind the published figures",
		Long: `Measures this machine: CPU per call-second and per call set-up, memory per call,
punctuality of packets, import rate, engine decisions per second. dozvon is
pinned to one core; a far end that does next to nothing runs as a process of its
own on another. Real SIP and RTP on loopback. A line that begins with ! misses
its goal (docs/performance.md).`,
		Example: `  dozvon bench                                     all of them, in four minutes
  dozvon bench media --calls 200,1000 --for 15s    calls that are up
  dozvon bench setup --rates 100,400,1000          calls that are set up and hung up`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return app.Bench(c.Context(), o, c.OutOrStdout())
		},
	}
	c.Flags().IntVar(&o.Rows, "rows", 1_000_000, "rows of the import benchmark")
	benchMediaFlags(c, &o)
	benchSetupFlags(c, &o)
	c.AddCommand(benchMedia(), benchSetup(), p.benchFarEnd())
	return c
}

func benchMedia() *cobra.Command {
	o := app.BenchOptions{}
	c := &cobra.Command{
		Use:   "media",
		Short: "what calls cost that are up, beside a loop that only moves their packets",
		Long: `Calls at once, each playing a prompt and listening for keys and voice energy:
CPU per call-second and its ratio to a bare loop that moves the same packets
through as many sockets in the same run, memory per call, packets in time and
their spacing by the far end's kernel, allocations per packet, and the silence
between prompts that follow one another.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return app.BenchMedia(c.Context(), o, c.OutOrStdout()) },
	}
	benchMediaFlags(c, &o)
	return c
}

func benchSetup() *cobra.Command {
	o := app.BenchOptions{}
	c := &cobra.Command{
		Use:   "setup",
		Short: "what it costs to set calls up, beside SIPp as the caller",
		Long: `Calls that are answered and hung up at once, at rising rates: CPU of a set-up
with the store and without it, and of SIPp placing the same calls to the same
far end from the same core (Debian package sip-tester). A call that fails is an
error.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return app.BenchSetup(c.Context(), o, c.OutOrStdout()) },
	}
	benchSetupFlags(c, &o)
	return c
}

func benchMediaFlags(c *cobra.Command, o *app.BenchOptions) {
	c.Flags().IntSliceVar(&o.Calls, "calls", []int{200, 1000}, "calls at once, a measurement each")
	c.Flags().DurationVar(&o.For, "for", 15*time.Second, "how long the calls are measured")
	benchProfileFlag(c, o)
}

func benchSetupFlags(c *cobra.Command, o *app.BenchOptions) {
	c.Flags().IntSliceVar(&o.Rates, "rates", []int{100, 200, 400, 700, 1000}, "set-ups a second, a measurement each")
	c.Flags().DurationVar(&o.Each, "each", 5*time.Second, "how long each rate is held")
	benchProfileFlag(c, o)
}

func benchProfileFlag(c *cobra.Command, o *app.BenchOptions) {
	if c.Flags().Lookup("profile") == nil {
		c.Flags().BoolVar(&o.Listener, "listener", false, "each call is listened to for who answers too, as in a campaign")
		c.Flags().StringVar(&o.Out, "profile", "", "`DIR` that gets CPU and heap profiles")
	}
}

// benchFarEnd is the other process of the benchmarks.
func (p program) benchFarEnd() *cobra.Command {
	core := 1
	c := &cobra.Command{
		Use:     "far-end",
		Short:   "the other side of the benchmarks, which start it themselves",
		Long:    "Answers calls on a UDP port of loopback and notes when their packets come,\nuntil its standard input ends.",
		Example: "  dozvon bench far-end --core 1",
		Hidden:  true,
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return app.BenchFarEnd(c.Context(), core, p.in, c.OutOrStdout())
		},
	}
	c.Flags().IntVar(&core, "core", 1, "the processor to run on")
	return c
}
