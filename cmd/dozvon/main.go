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

	ownThreads bool // media.Config.OwnThreads: the process is for its calls alone
}

func main() {
	p := program{in: os.Stdin, out: os.Stdout, err: os.Stderr, env: os.LookupEnv, ownThreads: true}
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
	}
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return app.Usage(fmt.Errorf("%w; see %s --help", plainFlag(err), c.CommandPath()))
	})
	root.AddCommand(
		p.runCommand(), p.demoCommand(), p.serveCommand(), p.scenarioCommand(), p.subscribersCommand(), p.benchCommand(),
		p.campaignCommand(), p.callCommand(), p.listCommand(), p.leadCommand(), p.dncCommand(), p.deliveryCommand(), p.trunkCommand(),
		p.announcementCommand(), p.hearingCommand(),
	)
	complete(root)
	return root
}

// complete gives every command what all of them have: wrong arguments, a
// missing flag and an unknown command are errors of usage; a command without
// examples of its own shows those of its group that name it.
func complete(c *cobra.Command) {
	usage := func(err error) error {
		if err == nil {
			return nil
		}
		return app.Usage(fmt.Errorf("%w; see %s --help", err, c.CommandPath()))
	}
	if c.HasSubCommands() && !c.Runnable() {
		c.Args, c.SuggestionsMinimumDistance = unknownCommand, 2
		c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	}
	if check := c.Args; check != nil {
		c.Args = func(c *cobra.Command, args []string) error { return usage(check(c, args)) }
	}
	c.PreRunE = func(c *cobra.Command, _ []string) error { return usage(c.ValidateRequiredFlags()) }
	if c.Example == "" && c.HasParent() {
		c.Example = examplesOf(c)
	}
	for _, sub := range c.Commands() {
		complete(sub)
	}
}

// unknownCommand is the check of a group of commands: what reaches it names
// none of them.
func unknownCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	words := fmt.Sprintf("unknown command %q for %q", args[0], c.CommandPath())
	if near := c.SuggestionsFor(args[0]); len(near) > 0 {
		words += "; did you mean " + strings.Join(near, " or ") + "?"
	}
	return errors.New(words)
}

// examplesOf picks the lines of the group's examples that name a command.
func examplesOf(c *cobra.Command) string {
	var own []string
	for line := range strings.Lines(c.Parent().Example) {
		if strings.Contains(line+" ", c.CommandPath()+" ") || strings.HasSuffix(strings.TrimSpace(line), c.CommandPath()) {
			own = append(own, strings.TrimRight(line, "\n"))
		}
	}
	return strings.Join(own, "\n")
}

// plainFlag takes the names of parsing functions out of the library's words,
// and says what the flag takes.
func plainFlag(err error) error {
	words, why, _ := strings.Cut(err.Error(), ` flag: `)
	switch {
	case strings.HasPrefix(why, "strconv.ParseBool"):
		return fmt.Errorf("%s flag: it takes true or false, or nothing, which is true", words)
	case strings.HasPrefix(why, "strconv."):
		return fmt.Errorf("%s flag: it takes a number, such as 10", words)
	case strings.HasPrefix(why, "time: "):
		return fmt.Errorf("%s flag: it takes a time with its unit, such as 15s", words)
	}
	return err
}
