package store

import (
	"context"
	"database/sql"
	"time"

	"dozvon/dialer"
)

// recentSpan is how far back Lead.Recent reaches.
const recentSpan = 31 * 24 * time.Hour

// Due returns at most limit leads of the campaign that are due at now:
// promised ones first, then by NextAt.
func (s *Store) Due(ctx context.Context, campaign string, now time.Time, limit int) (dialer.Due, error) {
	due := dialer.Due{Campaign: campaign}
	err := s.snapshot(ctx, func(q *sql.Tx) error {
		var id int64
		var recent bool
		err := q.QueryRowContext(ctx, "SELECT id, recent FROM campaigns WHERE name = ?", campaign).Scan(&id, &recent)
		if err == sql.ErrNoRows {
			return nil
		}
		if err != nil {
			return err
		}
		if err := dueLeads(ctx, q, id, now, limit, &due); err != nil {
			return err
		}
		if err := dueCounts(ctx, q, id, now, &due); err != nil {
			return err
		}
		if err := fillCalled(ctx, q, due.Leads, now); err != nil || !recent {
			return err
		}
		for i := range due.Leads {
			if due.Leads[i].Recent, err = recentCalls(ctx, q, due.Leads[i].Phone, now); err != nil {
				return err
			}
		}
		return nil
	})
	return due, s.fault("looking for leads to call", err)
}

// Queries of Due: campaign, promised, moment (, limit). All of them walk the
// index leads_due or read counters, so that their cost does not grow with the
// campaign.
const (
	dueWhere = `WHERE l.campaign_id = ? AND l.promised = ? AND l.next_at <= ?
		AND l.state IN ('ready', 'waiting') ORDER BY l.next_at, l.id LIMIT ?`
	nextQuery = `SELECT coalesce(min(next_at), 0) FROM leads WHERE campaign_id = ? AND promised = ?
		AND next_at > ? AND state IN ('ready', 'waiting')`
	openQuery = `SELECT coalesce(sum(n), 0) FROM lead_totals
		WHERE campaign_id = ? AND state IN ('ready', 'waiting', 'dialing')`
)

// dueLeads walks the index leads_due: first its promised half, then the other.
// One lead beyond the limit tells whether there are more.
func dueLeads(ctx context.Context, q *sql.Tx, campaign int64, now time.Time, limit int, due *dialer.Due) error {
	for _, promised := range []bool{true, false} {
		leads, err := selectLeads(ctx, q, dueWhere, campaign, promised, now.UnixNano(), limit+1-len(due.Leads))
		if err != nil {
			return err
		}
		due.Leads = append(due.Leads, leads...)
		if len(due.Leads) > limit {
			due.Leads, due.More = due.Leads[:limit], true
			break
		}
	}
	return nil
}

// dueCounts fills Next, NextPromised and Open.
func dueCounts(ctx context.Context, q *sql.Tx, campaign int64, now time.Time, due *dialer.Due) error {
	for _, promised := range []bool{true, false} {
		var next int64
		err := q.QueryRowContext(ctx, nextQuery, campaign, promised, now.UnixNano()).Scan(&next)
		if err != nil {
			return err
		}
		if at := moment(next); next != 0 && (due.Next.IsZero() || at.Before(due.Next)) {
			due.Next = at
		}
		if promised {
			due.NextPromised = due.Next
		}
	}
	return q.QueryRowContext(ctx, openQuery, campaign).Scan(&due.Open)
}

// recentCalls returns when calls to a phone were answered, over all campaigns,
// newest first. Answers of machines, faxes and dead lines are no contact with
// a person and do not count; an answered call that is still up does.
func recentCalls(ctx context.Context, q queryer, phone string, now time.Time) ([]time.Time, error) {
	rows, err := q.QueryContext(ctx, `SELECT answered FROM attempts WHERE phone = ? AND answered > ?
		AND answered > 0 AND disposition NOT IN ('machine', 'fax', 'silent') ORDER BY answered DESC`,
		phone, now.Add(-recentSpan).UnixNano())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var calls []time.Time
	for rows.Next() {
		var at int64
		if err := rows.Scan(&at); err != nil {
			return nil, err
		}
		calls = append(calls, moment(at))
	}
	return calls, rows.Err()
}

// snapshot runs do on one unchanging view of the database.
func (s *Store) snapshot(ctx context.Context, do func(*sql.Tx) error) error {
	q, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	defer q.Rollback() // nothing was written
	return do(q)
}
