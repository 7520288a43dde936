package store

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"dozvon/dialer"
)

// calledSpan is how far back Lead.Called reaches.
const calledSpan = 24 * time.Hour

// calledQuery finds when the numbers of a JSON array were called since a
// moment, over all campaigns, and as no lead's. Calls that failed on our side or
// in a trunk before anything rang reached nobody and do not count; calls that
// are up do, and those that a crash has cut.
const calledQuery = `SELECT o.phone, o.placed FROM json_each(?1) j CROSS JOIN outside o INDEXED BY outside_phone
	ON o.phone = j.value WHERE o.placed > ?2 AND o.placed <= ?3
	UNION ALL
	SELECT a.phone, a.placed FROM json_each(?1) j CROSS JOIN attempts a INDEXED BY attempts_phone
	ON a.phone = j.value WHERE a.placed > ?2 AND a.placed <= ?3
	AND NOT (a.state = 'ended' AND a.disposition = 'failed' AND a.ringing = 0 AND a.answered = 0)`

// fillCalled fills Lead.Called.
func fillCalled(ctx context.Context, q queryer, leads []dialer.Lead, now time.Time) error {
	if len(leads) == 0 {
		return nil
	}
	phones := make([]string, len(leads))
	for i, l := range leads {
		phones[i] = l.Phone
	}
	called, err := calledSince(ctx, q, phones, now)
	for i, l := range leads {
		leads[i].Called = called[l.Phone]
	}
	return err
}

func calledSince(ctx context.Context, q queryer, phones []string, now time.Time) (map[string][]time.Time, error) {
	slices.Sort(phones)
	rows, err := q.QueryContext(ctx, calledQuery, tojson(slices.Compact(phones)), now.Add(-calledSpan).UnixNano(), now.UnixNano())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	called := map[string][]time.Time{}
	for rows.Next() {
		var phone string
		var at int64
		if err := rows.Scan(&phone, &at); err != nil {
			return nil, err
		}
		called[phone] = append(called[phone], moment(at))
	}
	for _, calls := range called {
		slices.SortFunc(calls, func(a, b time.Time) int { return b.Compare(a) })
	}
	return called, rows.Err()
}

// Called returns when a number was called in the 24 hours before now, over all
// campaigns and as no lead's, newest first.
func (s *Store) Called(ctx context.Context, phone string, now time.Time) (calls []time.Time, err error) {
	err = s.snapshot(ctx, func(q *sql.Tx) error {
		called, err := calledSince(ctx, q, []string{phone}, now)
		calls = called[phone]
		return err
	})
	return calls, s.fault("looking up calls to a number", err)
}

// PlacedSince returns when the latest calls were placed, at most n and none
// before since: what an engine must know to keep a ceiling of calls an hour
// over a restart.
func (s *Store) PlacedSince(ctx context.Context, since time.Time, n int) ([]time.Time, error) {
	scan := func(row scanner) (time.Time, error) {
		var at int64
		err := row.Scan(&at)
		return moment(at), err
	}
	all, err := collect(ctx, s, "looking up the last calls", scan, "SELECT placed FROM attempts ORDER BY id DESC LIMIT ?", n)
	if err != nil {
		return nil, err
	}
	others, err := collect(ctx, s, "looking up the last calls", scan, "SELECT placed FROM outside ORDER BY placed DESC LIMIT ?", n)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(append(all, others...), func(at time.Time) bool { return at.Before(since) })
	slices.SortFunc(all, func(a, b time.Time) int { return b.Compare(a) })
	return all[:min(n, len(all))], nil
}

// Barred reports whether a number is on the do-not-call list.
func (s *Store) Barred(ctx context.Context, phone string) (bool, error) {
	_, found, err := s.DNC(ctx, phone)
	return found, err
}

// PlaceOutside records a call to a number that is no lead's, and forgets those
// that are too old to matter.
func (s *Store) PlaceOutside(ctx context.Context, phone string, now time.Time) error {
	return s.change(ctx, "recording a call to a number that is no lead's", func(t *tx) error {
		if _, err := t.exec("DELETE FROM outside WHERE placed < ?", now.Add(-calledSpan).UnixNano()); err != nil {
			return err
		}
		_, err := t.exec("INSERT INTO outside (phone, placed) VALUES (?, ?)", phone, now.UnixNano())
		return err
	})
}
