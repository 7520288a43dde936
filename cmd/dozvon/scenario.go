package main

import (
	"dozvon/app"
	"dozvon/scenarios"

	"github.com/spf13/cobra"
)

func (p program) scenarioCommand() *cobra.Command {
	c := &cobra.Command{Use: "scenario", Short: "scenarios: check, test, graph, say, schema", Args: cobra.NoArgs,
		Example: `  dozvon scenario check lead.yaml
  dozvon scenario test lead.yaml
  dozvon scenario graph lead-verification | mmdc -i - -o lead.svg
  dozvon scenario schema > dozvon-scenario.schema.json`,
		Long: "Works on scenario files, or on one of the shipped ones by its name:\n" + shippedList()}
	check := &cobra.Command{Use: "check FILE…", Short: "every fault with its line, and what to do", Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return app.CheckScenarios(args, c.OutOrStdout()) }}
	var verbose bool
	test := &cobra.Command{Use: "test FILE…", Short: "run the scenario's own tests; nobody is called", Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return app.TestScenarios(args, verbose, c.OutOrStdout()) }}
	test.Flags().BoolVarP(&verbose, "verbose", "v", false, "show what the person hears")
	graph := &cobra.Command{Use: "graph FILE", Short: "a picture of the dialogue, as Mermaid text", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return app.GraphScenario(args[0], c.OutOrStdout()) }}
	schema := &cobra.Command{Use: "schema", Short: "JSON Schema of scenario files, for editors", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := c.OutOrStdout().Write(scenarios.Schema())
			return err
		}}
	c.AddCommand(check, test, graph, p.sayCommand(), schema)
	return c
}

func (p program) sayCommand() *cobra.Command {
	o := app.SayOptions{Env: p.env}
	c := &cobra.Command{Use: "say FILE", Short: "render the prompts that are the same on every call", Args: cobra.ExactArgs(1),
		Long: `Renders sentences into a folder. Put the folder beside the scenario as
prompts/, and no speech engine is needed for them any more.`,
		Example: "  dozvon scenario say lead.yaml --engine espeak-ng --out prompts",
		RunE: func(c *cobra.Command, args []string) error {
			o.Scenario = args[0]
			return app.SayScenario(c.Context(), o, c.OutOrStdout())
		}}
	f := c.Flags()
	f.StringVar(&o.Out, "out", "prompts", "folder of the audio files")
	f.StringVar(&o.Config, "config", "", "configuration `FILE` with speech")
	f.StringVar(&o.Engine, "engine", "", "espeak-ng or festival, instead of the configuration's")
	f.StringVar(&o.Voice, "voice", "", "the engine's name of a voice")
	return c
}

func shippedList() string {
	out := ""
	for _, n := range scenarios.ShippedNames() {
		out += "  " + n + "\n"
	}
	return out
}
