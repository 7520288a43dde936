package main

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"dozvon/app"

	"github.com/spf13/cobra"
)

// callUp is what the API tells of a call that is up.
type callUp struct {
	Attempt    int64     `json:"attempt"`
	Campaign   string    `json:"campaign"`
	Phone      string    `json:"phone"`
	State      string    `json:"state"`
	Since      time.Time `json:"since"`
	Operator   string    `json:"operator"`
	Held       bool      `json:"held"`
	Transfer   string    `json:"transfer"`
	Supervisor string    `json:"supervisor"`
	Mode       string    `json:"mode"`
}

// with says who else is in the call.
func (u callUp) with() string {
	words := ""
	switch {
	case u.Transfer != "":
		words = "to " + u.Transfer
	case u.Held:
		words = "on hold"
	}
	if u.Supervisor != "" {
		if words != "" {
			words += ", "
		}
		words += u.Mode + " " + u.Supervisor
	}
	return words
}

func (p program) callCommand() *cobra.Command {
	c := &cobra.Command{Use: "call", Short: "calls that are up in a running service: list, listen in, transfer, hang up", Args: cobra.NoArgs,
		Example: `  dozvon call list
  dozvon call listen 4711 --as boss
  dozvon call whisper 4711
  dozvon call barge 4711 --as sip:boss@10.0.0.9
  dozvon call leave 4711
  dozvon call transfer 4711 boris
  dozvon call hangup 4711`}
	serverFlag(c)
	list := &cobra.Command{Use: "list", Short: "the calls that are up", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			k, err := p.client(c)
			if err != nil {
				return err
			}
			var up []callUp
			if err := k.call(c.Context(), http.MethodGet, "/api/v1/calls", nil, &up); err != nil {
				return err
			}
			rows := make([][]string, len(up))
			for i, u := range up {
				rows[i] = []string{strconv.FormatInt(u.Attempt, 10), u.Campaign, u.Phone, u.State, when(u.Since), u.Operator, u.with()}
			}
			table(c.OutOrStdout(), []string{"ATTEMPT", "CAMPAIGN", "PHONE", "STATE", "SINCE", "OPERATOR", "ALSO"}, rows)
			return nil
		}}
	c.AddCommand(list,
		p.superviseCommand("listen", "hear a talk; nobody hears you"),
		p.superviseCommand("whisper", "hear a talk; the operator hears you"),
		p.superviseCommand("barge", "talk with both"),
		p.orderCommand("leave", "take the supervisor out; the call goes on", http.MethodDelete, "/supervise"),
		p.transferCommand(),
		p.orderCommand("hangup", "hang a call up; its lead's retry rule says what follows", http.MethodPost, "/hangup"))
	return c
}

// superviseCommand calls a supervisor in, or changes the mode of the one who
// is there.
func (p program) superviseCommand(mode, short string) *cobra.Command {
	var as string
	c := &cobra.Command{Use: mode + " ATTEMPT", Short: short, Args: cobra.ExactArgs(1),
		Long: short + `.

With --as your phone rings: an account registered with dozvon, or an address of
a group of operators. Without it the mode of the supervisor in the call changes.`,
		RunE: func(c *cobra.Command, args []string) error {
			if as == "" {
				return p.order(c, http.MethodPatch, args[0], "/supervise", map[string]string{"mode": mode}, mode)
			}
			return p.order(c, http.MethodPost, args[0], "/supervise", map[string]string{"address": as, "mode": mode}, mode+", "+as+" rings")
		}}
	c.Flags().StringVar(&as, "as", "", "the supervisor's `ADDRESS`, whose phone rings")
	return c
}

func (p program) transferCommand() *cobra.Command {
	return &cobra.Command{Use: "transfer ATTEMPT ADDRESS", Short: "hand the person to another operator", Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			return p.order(c, http.MethodPost, args[0], "/transfer", map[string]string{"address": args[1]}, args[1]+" rings")
		}}
}

func (p program) orderCommand(verb, short, method, path string) *cobra.Command {
	return &cobra.Command{Use: verb + " ATTEMPT", Short: short, Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return p.order(c, method, args[0], path, nil, verb) }}
}

// order sends an order for a call and says that it was taken.
func (p program) order(c *cobra.Command, method, attempt, path string, body map[string]string, said string) error {
	id, err := strconv.ParseInt(attempt, 10, 64)
	if err != nil || id < 1 {
		return app.Usage(fmt.Errorf("%q is no attempt; `dozvon call list` shows them", attempt))
	}
	k, err := p.client(c)
	if err != nil {
		return err
	}
	var in any
	if body != nil {
		in = body
	}
	if err := k.call(c.Context(), method, fmt.Sprintf("/api/v1/calls/%d%s", id, path), in, nil); err != nil {
		return err
	}
	fmt.Fprintf(c.OutOrStdout(), "call %d: %s\n", id, said)
	return nil
}
