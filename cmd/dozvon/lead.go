package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	"dozvon/app"

	"github.com/spf13/cobra"
)

func (p program) leadCommand() *cobra.Command {
	c := &cobra.Command{Use: "lead", Short: "leads of a running service: push, show, attempts, explain", Args: cobra.NoArgs,
		Example: `  echo '{"phone": "+7 916 123-45-67", "columns": {"name": "Анна"}}' | dozvon lead push leads -
  dozvon lead show 42
  dozvon lead attempts 42
  dozvon lead explain 42`}
	serverFlag(c)
	c.AddCommand(p.leadPush(), p.leadGet("show", "", "a lead as it stands, as JSON"),
		p.leadGet("attempts", "/attempts", "the calls of a lead, oldest first, as JSON"), p.leadExplain())
	return c
}

func (p program) leadPush() *cobra.Command {
	var key string
	c := &cobra.Command{Use: "push CAMPAIGN FILE", Short: "push leads from a JSON file (- is standard input)", Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			text, err := p.readInput(args[1])
			if err != nil {
				return err
			}
			if !json.Valid(text) {
				return app.Usage(fmt.Errorf("%s is not valid JSON; write a lead {\"phone\": …, \"columns\": {…}} or an array of them", inputName(args[1])))
			}
			k, err := p.client(c)
			if err != nil {
				return err
			}
			var header []string
			if key != "" {
				header = []string{"Idempotency-Key", key}
			}
			resp, err := k.do(c.Context(), "POST", "/api/v1/campaigns/"+seg(args[0])+"/leads", text, header...)
			if err != nil {
				return err
			}
			defer resp.Body.Close()
			return showPush(c.OutOrStdout(), resp.Body)
		}}
	c.Flags().StringVar(&key, "idempotency-key", "", "makes a repeat of this push harmless")
	return c
}

// showPush prints the answers of a push. Leads that cannot be taken are an
// error, so that a script notices.
func showPush(w io.Writer, r io.Reader) error {
	var answer struct {
		Results []struct {
			Status string `json:"status"`
		} `json:"results"`
	}
	var text bytes.Buffer
	if err := indent(&text, r); err != nil {
		return err
	}
	if err := json.Unmarshal(text.Bytes(), &answer); err != nil {
		return fmt.Errorf("the service sent an answer that is not its API's: %w", err)
	}
	if _, err := text.WriteTo(w); err != nil {
		return err
	}
	invalid := 0
	for _, a := range answer.Results {
		if a.Status == "invalid" {
			invalid++
		}
	}
	if invalid > 0 {
		return fmt.Errorf("%d of %d leads cannot be taken; their reasons stand above", invalid, len(answer.Results))
	}
	return nil
}

func (p program) leadGet(verb, path, short string) *cobra.Command {
	return &cobra.Command{Use: verb + " ID", Short: short, Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if _, err := ids(args); err != nil {
				return err
			}
			k, err := p.client(c)
			if err != nil {
				return err
			}
			resp, err := k.do(c.Context(), "GET", "/api/v1/leads/"+seg(args[0])+path, nil)
			if err != nil {
				return err
			}
			defer resp.Body.Close()
			return indent(c.OutOrStdout(), resp.Body)
		}}
}

func (p program) leadExplain() *cobra.Command {
	return &cobra.Command{Use: "explain ID", Short: "why a lead is, or is not, called now", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if _, err := ids(args); err != nil {
				return err
			}
			k, err := p.client(c)
			if err != nil {
				return err
			}
			var e struct {
				Summary string    `json:"summary"`
				NextAt  time.Time `json:"next_at"`
				Reasons []struct {
					Check string    `json:"check"`
					OK    bool      `json:"ok"`
					Text  string    `json:"text"`
					Until time.Time `json:"until"`
				} `json:"reasons"`
				LastCall *struct {
					EndedAt     time.Time `json:"ended_at"`
					Disposition string    `json:"disposition"`
					Heard       []struct {
						Text string `json:"text"`
					} `json:"heard"`
				} `json:"last_call"`
			}
			if err := k.call(c.Context(), "GET", "/api/v1/leads/"+seg(args[0])+"/explain", nil, &e); err != nil {
				return err
			}
			w := c.OutOrStdout()
			fmt.Fprintln(w, e.Summary)
			rows := make([][]string, len(e.Reasons))
			for i, r := range e.Reasons {
				rows[i] = []string{r.Check, map[bool]string{true: "yes", false: "no"}[r.OK], r.Text, when(r.Until)}
			}
			table(w, []string{"CHECK", "PASSES", "WHY", "UNTIL"}, rows)
			if l := e.LastCall; l != nil {
				fmt.Fprintf(w, "last call: %s %s\n", l.Disposition, when(l.EndedAt))
				for _, h := range l.Heard {
					fmt.Fprintln(w, "  heard:", h.Text)
				}
			}
			return nil
		}}
}

// indent copies JSON in a form for people.
func indent(w io.Writer, r io.Reader) error {
	var v any
	if err := json.NewDecoder(io.LimitReader(r, maxAnswer)).Decode(&v); err != nil {
		return fmt.Errorf("the service sent an answer that is not its API's: %w", err)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// ids reads lead or delivery ids.
func ids(args []string) ([]int64, error) {
	out := make([]int64, len(args))
	for i, a := range args {
		n, err := strconv.ParseInt(a, 10, 64)
		if err != nil || n <= 0 {
			return nil, app.Usage(fmt.Errorf("%q is no id; ids are whole numbers from 1 on", a))
		}
		out[i] = n
	}
	return out, nil
}
