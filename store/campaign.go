package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"dozvon/dialer"
)

// PutCampaign adds a campaign, or changes the plan's part of one (hash,
// region, zone, recent). State and reason of a campaign that exists are left
// alone: SaveCampaign changes them.
func (s *Store) PutCampaign(ctx context.Context, c Campaign, now time.Time) error {
	if c.Name == "" {
		return tell(ErrWrongUse, nil, "saving a campaign: it has no name")
	}
	if c.State == "" {
		c.State = dialer.CampaignDraft
	}
	return s.change(ctx, "saving the campaign "+c.Name, func(t *tx) error {
		_, err := t.exec(`INSERT INTO campaigns (name, hash, region, zone, recent, state, reason, created_at, updated_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?8, ?8)
			ON CONFLICT (name) DO UPDATE SET hash = excluded.hash, region = excluded.region,
				zone = excluded.zone, recent = excluded.recent, updated_at = excluded.updated_at`,
			c.Name, c.Hash, c.Region, c.Zone, c.Recent, c.State, c.Reason, nanos(now))
		return err
	})
}

// SaveCampaign records a campaign's state and what leaves with it, in one
// transaction; it adds the campaign if need be. The end of a campaign is told
// once: a later run that finds nothing to do ends with the same leads on the
// same lists, and tells nothing.
func (s *Store) SaveCampaign(ctx context.Context, c dialer.CampaignChanged, now time.Time) error {
	return s.change(ctx, "saving the state of the campaign "+c.Campaign, func(t *tx) error {
		_, err := t.exec(`INSERT INTO campaigns (name, state, reason, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?4)
			ON CONFLICT (name) DO UPDATE SET state = excluded.state, reason = excluded.reason, updated_at = excluded.updated_at`,
			c.Campaign, c.State, c.Reason, nanos(now))
		if err != nil || len(c.Notices) == 0 || s.encoder == nil {
			return err
		}
		return t.tell(s.encoder, c, now)
	})
}

// tell writes what leaves with a campaign's new state into the outbox.
func (t *tx) tell(enc Encoder, c dialer.CampaignChanged, now time.Time) error {
	var packed, told string
	_, err := t.get(`SELECT told, (SELECT json_group_object(list, n) FROM (SELECT list, sum(n) AS n FROM lead_totals
		WHERE campaign_id = c.id AND list <> '' AND n > 0 GROUP BY list)) FROM campaigns c WHERE name = ?`, []any{c.Campaign}, &told, &packed)
	if err != nil {
		return err
	}
	lists := map[string]int{}
	if err := unjson(packed, &lists); err != nil {
		return err
	}
	state := string(c.State) + tojson(lists)
	if state == told {
		return nil
	}
	items, err := enc.EncodeCampaign(now, c, lists)
	if err != nil || len(items) == 0 {
		return err
	}
	for _, item := range items {
		if item.Campaign == "" {
			item.Campaign = c.Campaign
		}
		if item.At.IsZero() {
			item.At = now
		}
		if err := t.enqueue(item); err != nil {
			return err
		}
	}
	_, err = t.exec("UPDATE campaigns SET told = ? WHERE name = ?", state, c.Campaign)
	return err
}

const campaignColumns = "name, hash, region, zone, recent, state, reason, created_at, updated_at"

func scanCampaign(row scanner) (c Campaign, err error) {
	var created, updated int64
	err = row.Scan(&c.Name, &c.Hash, &c.Region, &c.Zone, &c.Recent, &c.State, &c.Reason, &created, &updated)
	c.CreatedAt, c.UpdatedAt = moment(created), moment(updated)
	return c, err
}

// Campaign returns a campaign by name; ErrNotFound if there is none.
func (s *Store) Campaign(ctx context.Context, name string) (Campaign, error) {
	c, err := scanCampaign(s.read.QueryRowContext(ctx, "SELECT "+campaignColumns+" FROM campaigns WHERE name = ?", name))
	if errors.Is(err, sql.ErrNoRows) {
		return c, tell(ErrNotFound, nil, "there is no campaign %q in %s", name, s.path)
	}
	return c, s.fault("reading the campaign "+name, err)
}

// Campaigns returns all campaigns, oldest first.
func (s *Store) Campaigns(ctx context.Context) ([]Campaign, error) {
	return collect(ctx, s, "reading the campaigns", scanCampaign, "SELECT "+campaignColumns+" FROM campaigns ORDER BY id")
}

// collect runs a query and scans every row.
func collect[T any](ctx context.Context, s *Store, doing string, scan func(scanner) (T, error), query string, args ...any) ([]T, error) {
	rows, err := s.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, s.fault(doing, err)
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, s.fault(doing, err)
		}
		all = append(all, one)
	}
	return all, s.fault(doing, rows.Err())
}

// campaignID finds a campaign inside a transaction, and adds it if need be.
func (t *tx) campaignID(name string) (id int64, err error) {
	found, err := t.get("SELECT id FROM campaigns WHERE name = ?", []any{name}, &id)
	if found || err != nil {
		return id, err
	}
	return t.insert("INSERT INTO campaigns (name) VALUES (?)", name)
}
