package main

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"dozvon/app"

	"github.com/spf13/cobra"
)

func (p program) dncCommand() *cobra.Command {
	c := &cobra.Command{Use: "dnc", Short: "the do-not-call list: add, remove, list",
		Long: `The numbers that are never called. With --db the list of a database of
` + "`dozvon run`" + ` is meant, otherwise the one of a running service.`,
		Example: "  dozvon dnc add \"+7 916 123-45-67\" --reason \"asked on the phone\"\n  dozvon dnc add --db leads.db --file refused.txt\n  dozvon dnc remove \"+7 916 123-45-67\"\n  dozvon dnc list --db leads.db",
		Args:    cobra.NoArgs}
	serverFlag(c)
	var db string
	c.PersistentFlags().StringVar(&db, "db", "", "database `FILE` of a run")
	c.AddCommand(p.dncAdd(&db), p.dncRemove(&db), p.dncList(&db))
	return c
}

func (p program) dncAdd(db *string) *cobra.Command {
	var reason, file string
	c := &cobra.Command{Use: "add [PHONE…]", Short: "never call these numbers again", Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			phones := args
			if file != "" {
				text, err := p.readInput(file)
				if err != nil {
					return err
				}
				if !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0 {
					return app.Usage(fmt.Errorf("%s is no text; write a number a line, and save it as UTF-8", inputName(file)))
				}
				phones = append(phones, numbersOf(string(text))...)
			}
			if len(phones) == 0 {
				return app.Usage(fmt.Errorf("no number was given; see %s --help", c.CommandPath()))
			}
			if *db != "" {
				n, err := app.AddDNC(c.Context(), *db, phones, reason)
				if n > 0 || err == nil {
					fmt.Fprintf(c.OutOrStdout(), "%d numbers are on the do-not-call list of %s now\n", n, *db)
				}
				return err
			}
			k, err := p.client(c)
			if err != nil {
				return err
			}
			return k.addDNC(c, phones, reason)
		}}
	c.Flags().StringVar(&reason, "reason", "", "why, for those who ask later")
	c.Flags().StringVar(&file, "file", "", "`FILE` of numbers, one a line (- is standard input)")
	return c
}

// numbersOf reads a file of numbers, one a line or with commas between them;
// blanks belong to a number.
func numbersOf(text string) (phones []string) {
	for _, s := range strings.FieldsFunc(strings.TrimPrefix(text, "\ufeff"), func(r rune) bool { return strings.ContainsRune("\r\n,;\t", r) }) {
		if s = strings.TrimSpace(s); s != "" {
			phones = append(phones, s)
		}
	}
	return phones
}

// addDNC adds every number that can be read, and names each other one.
func (k *client) addDNC(c *cobra.Command, phones []string, reason string) error {
	var faults []error
	for _, phone := range phones {
		err := k.call(c.Context(), "POST", "/api/v1/dnc", map[string]string{"phone": phone, "reason": reason}, nil)
		var no refused
		switch {
		case errors.As(err, &no) && no.status == http.StatusUnprocessableEntity:
			faults = append(faults, fmt.Errorf("%q was not added: %w", phone, err))
		case err != nil:
			return err
		}
	}
	fmt.Fprintf(c.OutOrStdout(), "numbers that will not be called again: %d\n", len(phones)-len(faults))
	return errors.Join(faults...)
}

func (p program) dncRemove(db *string) *cobra.Command {
	return &cobra.Command{Use: "remove PHONE", Short: "a number may be called again", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if *db != "" {
				return app.RemoveDNC(c.Context(), *db, args[0])
			}
			k, err := p.client(c)
			if err != nil {
				return err
			}
			if err := k.call(c.Context(), "DELETE", "/api/v1/dnc/"+seg(args[0]), nil, nil); err != nil {
				return err
			}
			fmt.Fprintf(c.OutOrStdout(), "%s may be called again by leads that come from now on\n", args[0])
			return nil
		}}
}

type dncEntry struct {
	Phone   string    `json:"phone"`
	Reason  string    `json:"reason"`
	AddedAt time.Time `json:"added_at"`
}

func (p program) dncList(db *string) *cobra.Command {
	return &cobra.Command{Use: "list", Short: "every number of the do-not-call list", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			rows := [][]string{}
			add := func(phone, reason string, at time.Time) { rows = append(rows, []string{phone, when(at), reason}) }
			if *db != "" {
				if err := app.EachDNC(c.Context(), *db, add); err != nil {
					return err
				}
			} else {
				k, err := p.client(c)
				if err != nil {
					return err
				}
				if err := k.eachDNC(c, add); err != nil {
					return err
				}
			}
			table(c.OutOrStdout(), []string{"PHONE", "SINCE", "REASON"}, rows)
			return nil
		}}
}

// eachDNC walks the service's list page by page.
func (k *client) eachDNC(c *cobra.Command, add func(phone, reason string, at time.Time)) error {
	for after := ""; ; {
		var page []dncEntry
		if err := k.call(c.Context(), "GET", "/api/v1/dnc?limit=1000&after="+seg(after), nil, &page); err != nil {
			return err
		}
		for _, e := range page {
			add(e.Phone, e.Reason, e.AddedAt)
			after = e.Phone
		}
		if len(page) < 1000 {
			return nil
		}
	}
}
