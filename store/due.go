package store

import (
	"context"
	"database/sql"
	"fmt"
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
		id, recent, promised, err := dueCounts(ctx, q, campaign, now, &due)
		if err != nil || id == 0 {
			return err
		}
		if err := dueLeads(ctx, q, id, promised, now, limit, &due); err != nil {
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

// Queries of Due. All of them walk the index leads_due or read counters, so
// that their cost does not grow with the campaign. What can be asked at once is:
// each query costs as much as reading a dozen leads.
const (
	// campaign, promised, moment, limit
	dueWhere = `WHERE l.campaign_id = ? AND l.promised = ? AND l.next_at <= ?
		AND l.state IN ('ready', 'waiting') ORDER BY l.next_at, l.id LIMIT ?`
	nextQuery = `SELECT coalesce(min(next_at), 0) FROM leads WHERE campaign_id = c.id AND promised = %d
		AND next_at > ?1 AND state IN ('ready', 'waiting')`
	promisedQuery = `SELECT 1 FROM leads WHERE campaign_id = c.id AND promised = 1
		AND next_at <= ?1 AND state IN ('ready', 'waiting')`
	openQuery = `SELECT coalesce(sum(n), 0) FROM lead_totals
		WHERE campaign_id = c.id AND state IN ('ready', 'waiting', 'dialing')`
)

// countsQuery asks of a campaign (?2) all that Due tells besides leads at a
// moment (?1).
var countsQuery = fmt.Sprintf("SELECT c.id, c.recent, EXISTS (%s), (%s), (%s), (%s) FROM campaigns c WHERE c.name = ?2",
	promisedQuery, fmt.Sprintf(nextQuery, 1), fmt.Sprintf(nextQuery, 0), openQuery)

// dueLeads walks the index leads_due: first its promised half, if anything is
// due there, then the other. One lead beyond the limit tells whether there are
// more.
func dueLeads(ctx context.Context, q *sql.Tx, campaign int64, pledged bool, now time.Time, limit int, due *dialer.Due) error {
	for _, promised := range []bool{true, false} {
		if promised && !pledged {
			continue
		}
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

// dueCounts fills Next, NextPromised and Open, and returns the campaign's id (0
// if there is none), whether its leads' recent calls are wanted, and whether a
// promised lead is due.
func dueCounts(ctx context.Context, q *sql.Tx, campaign string, now time.Time, due *dialer.Due) (id int64, recent, promised bool, err error) {
	var pledge, other int64
	err = q.QueryRowContext(ctx, countsQuery, now.UnixNano(), campaign).Scan(&id, &recent, &promised, &pledge, &other, &due.Open)
	if err == sql.ErrNoRows {
		return 0, false, false, nil
	}
	due.NextPromised, due.Next = moment(pledge), moment(pledge)
	if pledge == 0 || other != 0 && other < pledge {
		due.Next = moment(other)
	}
	return id, recent, promised, err
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
