package main

import (
	"fmt"

	"dozvon/app"
	"dozvon/internal/reason"
	"dozvon/sip/siptest"

	"github.com/spf13/cobra"
)

// auditCommand judges a dialer by the journal of those whom it called.
func auditCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "audit JOURNAL",
		Short: "what the called people saw: second INVITEs, missing ACKs, calls never ended, overlaps",
		Long: `Reads a journal of ` + "`dozvon subscribers --journal`" + ` and says what the dialer did
wrong by its far ends' account: a second INVITE for one attempt, an answer
without an ACK, a call that never ended, two calls to one number at a time.`,
		Example: "  dozvon subscribers audit calls.jsonl",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			entries, err := siptest.ReadJournalFile(args[0])
			if err != nil {
				return app.Invalid(fmt.Errorf("the journal %s can't be read: %w; name one that `dozvon subscribers --journal` wrote", args[0], reason.Of(err)))
			}
			r := siptest.Audit(entries)
			w := c.OutOrStdout()
			fmt.Fprintf(w, "%d calls to %d numbers\n", len(r.Calls), len(r.Attempts))
			faults := r.Faults()
			for _, f := range faults {
				fmt.Fprintln(w, f)
			}
			if len(faults) > 0 {
				return fmt.Errorf("%d faults", len(faults))
			}
			fmt.Fprintln(w, "no faults")
			return nil
		},
	}
}

func profilesCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "profiles",
		Short: "the built-in people that a book can name",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			for _, name := range siptest.ProfileNames() {
				fmt.Fprintln(c.OutOrStdout(), name)
			}
			return nil
		},
	}
}
