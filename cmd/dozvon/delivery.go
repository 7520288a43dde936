package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"dozvon/app"

	"github.com/spf13/cobra"
)

// deadDelivery is a delivery that was given up.
type deadDelivery struct {
	ID        int64     `json:"id"`
	Kind      string    `json:"kind"`
	Type      string    `json:"type"`
	Endpoint  string    `json:"endpoint"`
	Campaign  string    `json:"campaign"`
	Lead      int64     `json:"lead"`
	Attempts  int       `json:"attempts"`
	CreatedAt time.Time `json:"created_at"`
	Error     string    `json:"error"`
}

func (p program) deliveryCommand() *cobra.Command {
	c := &cobra.Command{Use: "delivery", Short: "webhooks and texts that were given up: list them, send them again",
		Long: `Dead letters: deliveries whose receiver refused them or stayed away for too
long. With --db those of a database of ` + "`dozvon run`" + `, otherwise those of a
running service. After a replay they are sent by the service, or by the next
run (with --db: at once, by this command's own run of the deliveries).`,
		Example: "  dozvon delivery dead\n  dozvon delivery replay 17 18\n  dozvon delivery replay --db leads.db --all --config dozvon.yaml",
		Args:    cobra.NoArgs}
	serverFlag(c)
	var db string
	c.PersistentFlags().StringVar(&db, "db", "", "database `FILE` of a run")
	c.AddCommand(p.deliveryDead(&db), p.deliveryReplay(&db))
	return c
}

func (p program) deliveryDead(db *string) *cobra.Command {
	return &cobra.Command{Use: "dead", Short: "every delivery that was given up, and why", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			var dead []deadDelivery
			if *db != "" {
				list, err := app.DeadDeliveries(c.Context(), *db)
				if err != nil {
					return err
				}
				for _, d := range list {
					dead = append(dead, deadDelivery{d.ID, d.Kind, d.Type, d.Endpoint, d.Campaign, int64(d.Lead), d.Attempts, d.CreatedAt, d.LastError})
				}
			} else {
				k, err := p.client(c)
				if err != nil {
					return err
				}
				if dead, err = k.deadDeliveries(c); err != nil {
					return err
				}
			}
			showDead(c.OutOrStdout(), dead)
			return nil
		}}
}

func (k *client) deadDeliveries(c *cobra.Command) ([]deadDelivery, error) {
	var all []deadDelivery
	for after := int64(0); ; {
		var page []deadDelivery
		path := fmt.Sprintf("/api/v1/deliveries/dead?limit=1000&after=%d", after)
		if err := k.call(c.Context(), "GET", path, nil, &page); err != nil {
			return nil, err
		}
		all = append(all, page...)
		if len(page) < 1000 {
			return all, nil
		}
		after = page[len(page)-1].ID
	}
}

func showDead(w io.Writer, dead []deadDelivery) {
	if len(dead) == 0 {
		fmt.Fprintln(w, "no dead deliveries")
		return
	}
	rows := make([][]string, len(dead))
	for i, d := range dead {
		rows[i] = []string{strconv.FormatInt(d.ID, 10), d.Type, d.Campaign, strconv.FormatInt(d.Lead, 10), when(d.CreatedAt), strconv.Itoa(d.Attempts), d.Error}
	}
	table(w, []string{"ID", "TYPE", "CAMPAIGN", "LEAD", "MADE", "TRIES", "LAST ERROR"}, rows)
}

func (p program) deliveryReplay(db *string) *cobra.Command {
	var all bool
	var config string
	c := &cobra.Command{Use: "replay [ID…]", Short: "send dead deliveries again", Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			list, err := ids(args)
			if err != nil {
				return err
			}
			slices.Sort(list)
			list = slices.Compact(list)
			if all == (len(list) > 0) {
				return app.Usage(fmt.Errorf("name ids, or --all; `dozvon delivery dead` lists them"))
			}
			n := 0
			if *db != "" {
				n, err = app.ReplayDeliveries(c.Context(), app.ReplayOptions{DB: *db, Config: config, IDs: list, Env: p.env})
			} else {
				n, err = p.replayByService(c, list)
			}
			if err != nil {
				return err
			}
			fmt.Fprintf(c.OutOrStdout(), "deliveries on their way again: %d\n", n)
			if n < len(list) {
				return fmt.Errorf("%d of the ids are no dead deliveries; `dozvon delivery dead` lists them", len(list)-n)
			}
			return nil
		}}
	c.Flags().BoolVar(&all, "all", false, "every dead delivery")
	c.Flags().StringVar(&config, "config", "", "with --db: configuration `FILE` with webhooks and sms")
	return c
}

func (p program) replayByService(c *cobra.Command, list []int64) (int, error) {
	k, err := p.client(c)
	if err != nil {
		return 0, err
	}
	var answer struct {
		Replayed int `json:"replayed"`
	}
	err = k.call(c.Context(), "POST", "/api/v1/deliveries/replay", map[string]any{"ids": list}, &answer)
	return answer.Replayed, err
}
