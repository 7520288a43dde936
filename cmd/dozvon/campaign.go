package main

import (
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"dozvon/app"
	"dozvon/internal/reason"

	"github.com/spf13/cobra"
)

// campaignStatus is what the API tells of a campaign.
type campaignStatus struct {
	Name     string         `json:"name"`
	Scenario string         `json:"scenario"`
	State    string         `json:"state"`
	Reason   string         `json:"reason"`
	Leads    map[string]int `json:"leads"`
	Lists    map[string]int `json:"lists"`
	Calls    map[string]int `json:"calls"`
	CallsUp  int            `json:"calls_up"`
	Lines    int            `json:"lines"`
	ASR      float64        `json:"asr"`
	Abandon  float64        `json:"abandon_rate"`
}

// standing is the state, with its reason if there is one.
func (s campaignStatus) standing() string {
	if s.Reason == "" {
		return s.State
	}
	return s.State + " (" + s.Reason + ")"
}

func (p program) campaignCommand() *cobra.Command {
	c := &cobra.Command{Use: "campaign", Short: "campaigns of a running service: list, show, pause, resume, drain", Args: cobra.NoArgs,
		Example: `  dozvon campaign list
  dozvon campaign show leads
  dozvon campaign pause leads
  dozvon campaign resume leads
  dozvon campaign drain leads`}
	serverFlag(c)
	list := &cobra.Command{Use: "list", Short: "every campaign and how it stands", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			k, err := p.client(c)
			if err != nil {
				return err
			}
			var all []campaignStatus
			if err := k.call(c.Context(), "GET", "/api/v1/campaigns", nil, &all); err != nil {
				return err
			}
			rows := make([][]string, len(all))
			for i, s := range all {
				rows[i] = []string{s.Name, s.standing(), strconv.Itoa(s.CallsUp),
					strconv.Itoa(sum(s.Leads)), strconv.Itoa(s.Leads["done"]), fmt.Sprintf("%.0f%%", s.ASR*100)}
			}
			table(c.OutOrStdout(), []string{"CAMPAIGN", "STATE", "UP", "LEADS", "DONE", "ASR"}, rows)
			return nil
		}}
	show := &cobra.Command{Use: "show NAME", Short: "one campaign: leads by state, lists, calls by disposition", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			k, err := p.client(c)
			if err != nil {
				return err
			}
			var s campaignStatus
			if err := k.call(c.Context(), "GET", "/api/v1/campaigns/"+seg(args[0]), nil, &s); err != nil {
				return err
			}
			showCampaign(c.OutOrStdout(), s)
			return nil
		}}
	c.AddCommand(list, show, p.steer("pause", "no new calls; calls that are up go on"),
		p.steer("resume", "call again after a pause"), p.steer("drain", "no new calls, finish with the calls that are up"))
	return c
}

func showCampaign(w io.Writer, s campaignStatus) {
	fmt.Fprintf(w, "%s (%s): %s\n", s.Name, s.Scenario, s.standing())
	fmt.Fprintf(w, "calls up %d of %d, answered %.1f%%, abandoned %.1f%%\n", s.CallsUp, s.Lines, s.ASR*100, s.Abandon*100)
	for _, part := range []struct {
		title string
		m     map[string]int
	}{{"LEADS", s.Leads}, {"LIST", s.Lists}, {"CALLS", s.Calls}} {
		rows := [][]string{}
		for _, k := range slices.Sorted(maps.Keys(part.m)) {
			rows = append(rows, []string{k, strconv.Itoa(part.m[k])})
		}
		fmt.Fprintln(w)
		table(w, []string{part.title, "COUNT"}, rows)
	}
}

// steer is a command that changes a campaign's state.
func (p program) steer(verb, short string) *cobra.Command {
	return &cobra.Command{Use: verb + " NAME", Short: short, Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			k, err := p.client(c)
			if err != nil {
				return err
			}
			var s campaignStatus
			if err := k.call(c.Context(), "POST", "/api/v1/campaigns/"+seg(args[0])+"/"+verb, nil, &s); err != nil {
				return err
			}
			fmt.Fprintf(c.OutOrStdout(), "%s is %s, calls up: %d\n", s.Name, s.standing(), s.CallsUp)
			return nil
		}}
}

var listFormats = []string{"csv", "xlsx", "json"}

func (p program) listCommand() *cobra.Command {
	c := &cobra.Command{Use: "list", Short: "lists of a campaign of a running service", Args: cobra.NoArgs,
		Example: "  dozvon list show leads\n  dozvon list get leads connected --format xlsx > connected.xlsx"}
	serverFlag(c)
	show := &cobra.Command{Use: "show CAMPAIGN", Short: "every list with its size", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			k, err := p.client(c)
			if err != nil {
				return err
			}
			var lists []struct {
				List  string `json:"list"`
				Leads int    `json:"leads"`
			}
			if err := k.call(c.Context(), "GET", "/api/v1/campaigns/"+seg(args[0])+"/lists", nil, &lists); err != nil {
				return err
			}
			rows := make([][]string, len(lists))
			for i, l := range lists {
				rows[i] = []string{l.List, strconv.Itoa(l.Leads)}
			}
			table(c.OutOrStdout(), []string{"LIST", "LEADS"}, rows)
			return nil
		}}
	var format string
	get := &cobra.Command{Use: "get CAMPAIGN LIST", Short: "one list as CSV, XLSX or JSON", Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			if !slices.Contains(listFormats, format) {
				return app.Usage(fmt.Errorf("%q is no format of a list; take one of %s", format, strings.Join(listFormats, ", ")))
			}
			k, err := p.client(c)
			if err != nil {
				return err
			}
			resp, err := k.do(c.Context(), "GET", "/api/v1/campaigns/"+seg(args[0])+"/lists/"+seg(args[1])+"?format="+seg(format), nil)
			if err != nil {
				return err
			}
			defer resp.Body.Close()
			_, err = io.Copy(c.OutOrStdout(), resp.Body)
			return err
		}}
	get.Flags().StringVar(&format, "format", "csv", "csv, xlsx or json")
	cobra.CheckErr(get.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(listFormats, cobra.ShellCompDirectiveNoFileComp)))
	c.AddCommand(show, get)
	return c
}

func sum(m map[string]int) int {
	n := 0
	for _, v := range m {
		n += v
	}
	return n
}

// inputName is what an input is called in a message.
func inputName(path string) string {
	if path == "-" {
		return "standard input"
	}
	return path
}

// readInput reads a file, or standard input for "-".
func (p program) readInput(path string) ([]byte, error) {
	if path == "-" {
		return io.ReadAll(p.in)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, app.Usage(fmt.Errorf("%s cannot be read: %w; check the path and the file's rights", path, reason.Of(err)))
	}
	return b, nil
}
