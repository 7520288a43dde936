package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"dozvon/app"
	"dozvon/dialer"
	"dozvon/hearing/prints"

	"github.com/spf13/cobra"
)

func (p program) announcementCommand() *cobra.Command {
	o := app.AnnouncementOptions{Env: p.env}
	c := &cobra.Command{Use: "announcement", Short: "announcements that are known when they are heard: learn, list, remove, test",
		Long: `What networks and switchboards say in place of a person: "the subscriber is
switched off", "no such number", a voicemail's greeting. Two seconds of a known
one decide what the call is worth. Some of Asterisk's come with dozvon; those of
your carriers are learned from a recording, or from a call whose scenario
records (call: {record: true}). What is learned counts from the next call on,
also of a service or a run that is under way.

Labels: off, invalid, busy, machine, or a word of your own with --disposition.`,
		Example: "  dozvon announcement learn switched-off.wav --label off --name \"carrier A, Russian\"\n" +
			"  dozvon announcement learn --attempt 123 --data /var/lib/dozvon --label off\n" +
			"  dozvon announcement learn roaming.wav --label roaming --disposition unreachable\n" +
			"  dozvon announcement test recordings/123.wav\n" +
			"  dozvon announcement list\n" +
			"  dozvon announcement remove 69f31af971",
		Args: cobra.NoArgs}
	f := c.PersistentFlags()
	f.StringVar(&o.File, "file", "", "`FILE` of learned announcements (default: as --config says, or "+prints.DefaultFile+")")
	f.StringVar(&o.Config, "config", "", "configuration `FILE` of the run or the service")
	f.StringVar(&o.Data, "data", ".", "`DIR` of recordings: --data of the service, --out of a run")
	serverFlag(c)
	c.AddCommand(p.announcementLearn(&o), p.announcementList(&o), p.announcementRemove(&o), p.announcementTest(&o))
	return c
}

// served reports whether a running service is meant, by its address.
func served(c *cobra.Command) bool { return c.Flags().Changed("server") }

func (p program) announcementLearn(o *app.AnnouncementOptions) *cobra.Command {
	var n learnRequest
	var attempt int64
	c := &cobra.Command{Use: "learn [FILE.wav]", Short: "know an announcement again", Args: cobra.MaximumNArgs(1),
		Long: `Learns an announcement from a WAV file (any usual rate; A-law and µ-law too) or
from the recording of an attempt. Silence and tones around it are cut off.
Refused are sounds too short to be known again (2 s), tones, noise, and what is
known already.`,
		RunE: func(c *cobra.Command, args []string) error {
			if (attempt > 0) == (len(args) == 1) {
				return app.Usage(errors.New("name either a WAV file or an --attempt whose recording is meant"))
			}
			if served(c) {
				return p.learnFromService(c, attempt, n)
			}
			var pcm []int16
			var from string
			var err error
			if attempt > 0 {
				pcm, from, err = app.AttemptSound(o.Data, dialer.AttemptID(attempt), n.Answer)
			} else {
				from = filepath.Base(args[0])
				pcm, err = app.FarEnd(args[0])
			}
			if err != nil {
				return err
			}
			if n.Name != "" {
				from = n.Name
			}
			shelf, err := o.Shelf()
			if err != nil {
				return err
			}
			e, err := shelf.Learn(pcm, n.Label, n.Disposition, from)
			if err != nil {
				return fmt.Errorf("nothing was learned: %w", err)
			}
			learned(c, e.ID, e.Label, e.Disposition, e.Print.Duration())
			return nil
		}}
	f := c.Flags()
	f.StringVar(&n.Label, "label", "", "`WORD`: off, invalid, busy, machine, or your own (required)")
	f.StringVar(&n.Disposition, "disposition", "", "what a `WORD` of your own means: unreachable, invalid, busy or machine")
	f.StringVar(&n.Name, "name", "", "`TEXT` for people: whose announcement it is")
	f.Int64Var(&attempt, "attempt", 0, "`ID` of the attempt whose recording is meant (attempts.csv, or the API)")
	f.BoolVar(&n.Answer, "answer", false, "of the attempt, what came after the answer")
	cobra.CheckErr(c.MarkFlagRequired("label"))
	return c
}

func learned(c *cobra.Command, id, label, disposition string, length time.Duration) {
	fmt.Fprintf(c.OutOrStdout(), "learned %s: %.1f s, label %s, which means %s; it is known from the next call on\n", id, length.Seconds(), label, disposition)
}

type learnRequest struct {
	Label       string `json:"label"`
	Disposition string `json:"disposition,omitempty"`
	Name        string `json:"name,omitempty"`
	Answer      bool   `json:"answer,omitempty"`
}

type announcement struct {
	ID          string  `json:"id"`
	Label       string  `json:"label"`
	Disposition string  `json:"disposition"`
	Name        string  `json:"name"`
	Seconds     float64 `json:"seconds"`
	Shipped     bool    `json:"shipped"`
}

func (p program) learnFromService(c *cobra.Command, attempt int64, n learnRequest) error {
	if attempt <= 0 {
		return app.Usage(errors.New("a service learns from its own recordings: give --attempt, or leave --server out for a file"))
	}
	k, err := p.client(c)
	if err != nil {
		return err
	}
	var a announcement
	if err := k.call(c.Context(), "POST", fmt.Sprintf("/api/v1/attempts/%d/announcement", attempt), n, &a); err != nil {
		return err
	}
	learned(c, a.ID, a.Label, a.Disposition, time.Duration(a.Seconds*float64(time.Second)))
	return nil
}

func (p program) announcementList(o *app.AnnouncementOptions) *cobra.Command {
	return &cobra.Command{Use: "list", Short: "every announcement that is known", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			list, err := p.announcements(c, o)
			if err != nil {
				return err
			}
			rows := [][]string{}
			for _, a := range list {
				from := "learned"
				if a.Shipped {
					from = "shipped"
				}
				rows = append(rows, []string{a.ID, a.Label, a.Disposition, fmt.Sprintf("%.1f s", a.Seconds), from, a.Name})
			}
			table(c.OutOrStdout(), []string{"ID", "LABEL", "MEANS", "LENGTH", "FROM", "NAME"}, rows)
			return nil
		}}
}

// announcements are those of a service, or of the file.
func (p program) announcements(c *cobra.Command, o *app.AnnouncementOptions) (list []announcement, err error) {
	if served(c) {
		k, err := p.client(c)
		if err == nil {
			err = k.call(c.Context(), "GET", "/api/v1/announcements", nil, &list)
		}
		return list, err
	}
	shelf, err := o.Shelf()
	if err != nil {
		return nil, err
	}
	for _, e := range shelf.Library().Entries() {
		list = append(list, announcement{e.ID, e.Label, e.Disposition, e.Name, e.Print.Duration().Seconds(), e.Shipped})
	}
	return list, nil
}

func (p program) announcementRemove(o *app.AnnouncementOptions) *cobra.Command {
	return &cobra.Command{Use: "remove ID", Short: "forget an announcement, also one that came with dozvon", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if served(c) {
				k, err := p.client(c)
				if err == nil {
					err = k.call(c.Context(), "DELETE", "/api/v1/announcements/"+seg(args[0]), nil, nil)
				}
				return err
			}
			shelf, err := o.Shelf()
			if err != nil {
				return err
			}
			e, err := shelf.Remove(args[0])
			if err == nil {
				fmt.Fprintf(c.OutOrStdout(), "%s (%s, label %s) is forgotten\n", e.ID, e.Name, e.Label)
			}
			return err
		}}
}

func (p program) announcementTest(o *app.AnnouncementOptions) *cobra.Command {
	return &cobra.Command{Use: "test FILE.wav", Short: "what would be known again in a recording, and when", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if served(c) {
				return app.Usage(errors.New("a recording is tested here, not by a service; leave --server out"))
			}
			pcm, err := app.FarEnd(args[0])
			if err != nil {
				return err
			}
			shelf, err := o.Shelf()
			if err != nil {
				return err
			}
			found := shelf.Library().Find(pcm)
			if len(found) == 0 {
				fmt.Fprintf(c.OutOrStdout(), "none of the %d known announcements is in %s\n", shelf.Library().Len(), args[0])
				return nil
			}
			rows := [][]string{}
			for _, m := range found {
				rows = append(rows, []string{fmt.Sprintf("%.1f s", m.At.Seconds()), m.Entry.Label, m.Entry.Disposition,
					fmt.Sprintf("%.2f", m.Confidence), m.Entry.ID, m.Entry.Name})
			}
			table(c.OutOrStdout(), []string{"AT", "LABEL", "MEANS", "SURE", "ID", "NAME"}, rows)
			return nil
		}}
}
