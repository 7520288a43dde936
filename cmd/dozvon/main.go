// Command dozvon is an outbound voice robot: it calls the people of a base by
// a scenario and hands back lists. See README.md.
//
// main only parses and exits; the work is in package app.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"dozvon/app"

	"github.com/spf13/cobra"
)

// version is set at build time.
var version = "dev"

// program is dozvon as a value: a test starts it whole, in-process.
type program struct {
	in       io.Reader
	out, err io.Writer
	env      func(string) (string, bool)
}

func main() {
	p := program{in: os.Stdin, out: os.Stdout, err: os.Stderr, env: os.LookupEnv}
	os.Exit(p.run(context.Background(), os.Args[1:]))
}

// run executes one command line and returns the exit code of the contract.
func (p program) run(ctx context.Context, args []string) int {
	root := p.root()
	root.SetArgs(args)
	root.SetIn(p.in)
	root.SetOut(p.out)
	root.SetErr(p.err)
	err := root.ExecuteContext(ctx)
	if err != nil && !errors.Is(err, errSaid) {
		fmt.Fprintln(p.err, "dozvon:", err)
	}
	return app.ExitCode(err)
}

// errSaid is an error whose words have been printed already.
var errSaid = errors.New("")

func (p program) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "dozvon",
		Short: "an outbound voice robot: calls a base by a scenario, hands back lists",
		Long: `dozvon calls people over SIP by a scenario in YAML, takes their answers by key,
retries on a lawful schedule, calls back at the promised minute, connects
positive answers to operators, and hands outcome lists back.`,
		Example: `  dozvon demo                                     see it work, nothing to configure
  dozvon scenario check lead.yaml                 every fault of a scenario, with its line
  dozvon run lead.yaml --base leads.csv --config dozvon.yaml --out results`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       version,
		Args:          cobra.NoArgs,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return app.Usage(fmt.Errorf("%w; see %s --help", plainFlag(err), c.CommandPath()))
	})
	root.AddCommand(
		p.runCommand(), p.demoCommand(), p.serveCommand(), p.scenarioCommand(), p.subscribersCommand(), p.benchCommand(),
		p.campaignCommand(), p.listCommand(), p.leadCommand(), p.dncCommand(), p.deliveryCommand(), p.trunkCommand(),
	)
	usageArgs(root)
	return root
}

// usageArgs makes a wrong number of arguments and a missing flag errors of
// usage, everywhere.
func usageArgs(c *cobra.Command) {
	if check := c.Args; check != nil {
		c.Args = func(c *cobra.Command, args []string) error {
			if err := check(c, args); err != nil {
				return app.Usage(fmt.Errorf("%w; see %s --help", err, c.CommandPath()))
			}
			return nil
		}
	}
	c.PreRunE = func(c *cobra.Command, _ []string) error {
		if err := c.ValidateRequiredFlags(); err != nil {
			return app.Usage(fmt.Errorf("%w; see %s --help", err, c.CommandPath()))
		}
		return nil
	}
	for _, sub := range c.Commands() {
		usageArgs(sub)
	}
}

// plainFlag takes the names of parsing functions out of the library's words.
func plainFlag(err error) error {
	var number *strconv.NumError
	if !errors.As(err, &number) {
		return err
	}
	words, _, _ := strings.Cut(err.Error(), ": strconv.")
	return fmt.Errorf("%s: it takes a number, such as 10", words)
}
