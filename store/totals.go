package store

import (
	"context"
	"database/sql"
	"iter"

	"dozvon/dialer"
)

// Totals counts a campaign's leads and calls from counters that the database
// keeps: its cost does not grow with the campaign.
func (s *Store) Totals(ctx context.Context, campaign string) (Totals, error) {
	t := Totals{States: map[dialer.LeadState]int{}, Lists: map[string]int{}, Dispositions: map[dialer.Disposition]int{}}
	err := s.snapshot(ctx, func(q *sql.Tx) error {
		var id int64
		err := q.QueryRowContext(ctx, "SELECT id FROM campaigns WHERE name = ?", campaign).Scan(&id)
		if err == sql.ErrNoRows {
			return tell(ErrNotFound, nil, "there is no campaign %q in %s", campaign, s.path)
		}
		if err != nil {
			return err
		}
		err = each(ctx, q, "SELECT state, list, n FROM lead_totals WHERE campaign_id = ? AND n > 0", id, func(state, list string, n int) {
			t.Leads += n
			t.States[dialer.LeadState(state)] += n
			if list != "" {
				t.Lists[list] += n
			}
		})
		if err != nil {
			return err
		}
		err = each(ctx, q, "SELECT disposition, '', n FROM attempt_totals WHERE campaign_id = ?", id, func(d, _ string, n int) {
			t.Attempts += n
			t.Dispositions[dialer.Disposition(d)] += n
		})
		if err != nil {
			return err
		}
		err = q.QueryRowContext(ctx, "SELECT count(*) FROM attempts WHERE campaign_id = ? AND state <> 'ended'", id).Scan(&t.Up)
		if err != nil {
			return err
		}
		return q.QueryRowContext(ctx, "SELECT coalesce(sum(rejected), 0) FROM bases WHERE campaign_id = ?", id).Scan(&t.Rejected)
	})
	return t, s.fault("counting the campaign "+campaign, err)
}

// each calls do for every row of two words and a count.
func each(ctx context.Context, q queryer, query string, arg any, do func(a, b string, n int)) error {
	rows, err := q.QueryContext(ctx, query, arg)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var a, b string
		var n int
		if err := rows.Scan(&a, &b, &n); err != nil {
			return err
		}
		do(a, b, n)
	}
	return rows.Err()
}

// Lists counts the final leads of a campaign by list; only a partner's leads
// if partner is not empty.
func (s *Store) Lists(ctx context.Context, campaign, partner string) (map[string]int, error) {
	if partner == "" {
		t, err := s.Totals(ctx, campaign)
		return t.Lists, err
	}
	lists := map[string]int{}
	rows, err := s.read.QueryContext(ctx, `SELECT list, count(*) FROM leads WHERE partner = ? AND partner <> '' AND list <> ''
		AND campaign_id = (SELECT id FROM campaigns WHERE name = ?) GROUP BY list`, partner, campaign)
	if err != nil {
		return nil, s.fault("counting lists", err)
	}
	defer rows.Close()
	for rows.Next() {
		var list string
		var n int
		if err := rows.Scan(&list, &n); err != nil {
			return nil, s.fault("counting lists", err)
		}
		lists[list] = n
	}
	return lists, s.fault("counting lists", rows.Err())
}

// ListLeads goes through the leads that ended on a list, by id; only a
// partner's leads if partner is not empty. It holds no connection between
// leads, so a slow reader harms nobody. After an error nothing follows.
func (s *Store) ListLeads(ctx context.Context, campaign, list, partner string) iter.Seq2[dialer.Lead, error] {
	return func(yield func(dialer.Lead, error) bool) {
		after := dialer.LeadID(0)
		for {
			leads, err := s.Leads(ctx, LeadQuery{Campaign: campaign, List: list, Partner: partner, After: after, Limit: 500})
			if err != nil {
				yield(dialer.Lead{}, err)
				return
			}
			for _, l := range leads {
				if !yield(l, nil) {
					return
				}
				after = l.ID
			}
			if len(leads) == 0 {
				return
			}
		}
	}
}
