package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"dozvon/dialer"
)

// result is the part of a dialer.Result that is stored as JSON. Effects are
// not kept: what they became is in the outbox.
type result struct {
	Cause     *dialer.Cause     `json:"cause,omitempty"`
	Verdict   dialer.Verdict    `json:"verdict,omitempty"`
	Heard     []dialer.Heard    `json:"heard,omitempty"`
	Keys      string            `json:"keys,omitempty"`
	Words     []string          `json:"words,omitempty"`
	Said      []dialer.Said     `json:"said,omitempty"`
	Operator  string            `json:"operator,omitempty"`
	Recording string            `json:"recording,omitempty"`
	Detail    string            `json:"detail,omitempty"`
	List      string            `json:"list,omitempty"`
	Promise   *time.Time        `json:"promise,omitempty"`
	Answers   map[string]string `json:"answers,omitempty"`
	Bridged   bool              `json:"bridged,omitempty"`
	Quality   *dialer.Quality   `json:"quality,omitempty"`
	CallerID  string            `json:"caller_id,omitempty"`
}

func packResult(r dialer.Result) string {
	p := result{Verdict: r.Verdict, Heard: r.Heard, Keys: r.Keys, Words: r.Words, Said: r.Said, Operator: r.Operator,
		Recording: r.Recording, Detail: r.Detail, List: r.List, Answers: r.Answers, Bridged: r.Bridged, CallerID: r.CallerID}
	if r.Quality != (dialer.Quality{}) {
		p.Quality = &r.Quality
	}
	if r.Cause != (dialer.Cause{}) {
		p.Cause = &r.Cause
	}
	if !r.Promise.IsZero() {
		p.Promise = &r.Promise
	}
	return tojson(p)
}

func unpackResult(s string, disposition dialer.Disposition) (dialer.Result, error) {
	var p result
	err := unjson(s, &p)
	r := dialer.Result{Disposition: disposition, Verdict: p.Verdict, Heard: p.Heard, Keys: p.Keys, Words: p.Words, Said: p.Said, Operator: p.Operator,
		Recording: p.Recording, Detail: p.Detail, List: p.List, Answers: p.Answers, Bridged: p.Bridged, CallerID: p.CallerID}
	if p.Quality != nil {
		r.Quality = *p.Quality
	}
	if p.Cause != nil {
		r.Cause = *p.Cause
	}
	if p.Promise != nil {
		r.Promise = p.Promise.UTC()
	}
	return r, err
}

// attemptColumns are the columns as scanAttempt reads them.
const attemptColumns = `a.id, a.lead_id, c.name, a.phone, a.number, a.trunk, a.state, a.placed, a.ringing, a.answered, a.ended,
	a.disposition, a.result`

const attemptFrom = "SELECT " + attemptColumns + " FROM attempts a JOIN campaigns c ON c.id = a.campaign_id "

// scanAttempt reads one row of attemptColumns, and further columns into more.
func scanAttempt(row scanner, more ...any) (a dialer.Attempt, err error) {
	var placed, ringing, answered, ended int64
	var disposition dialer.Disposition
	var packed string
	into := []any{&a.ID, &a.Lead, &a.Campaign, &a.Phone, &a.Number, &a.Trunk, &a.State,
		&placed, &ringing, &answered, &ended, &disposition, &packed}
	if err = row.Scan(append(into, more...)...); err != nil {
		return a, err
	}
	a.Placed, a.Ringing, a.Answered, a.Ended = moment(placed), moment(ringing), moment(answered), moment(ended)
	if a.Result, err = unpackResult(packed, disposition); err != nil {
		return a, fmt.Errorf("result of attempt %d: %w", a.ID, err)
	}
	return a, nil
}

// Attempts returns the history of a lead, oldest attempt first.
func (s *Store) Attempts(ctx context.Context, lead dialer.LeadID) ([]dialer.Attempt, error) {
	scan := func(row scanner) (dialer.Attempt, error) { return scanAttempt(row) }
	return collect(ctx, s, "reading attempts", scan, attemptFrom+"WHERE a.lead_id = ? ORDER BY a.id", lead)
}

// OpenAttempts returns the attempts that a crash left open, with their leads.
func (s *Store) OpenAttempts(ctx context.Context) (dialer.Recovered, error) {
	var r dialer.Recovered
	err := s.snapshot(ctx, func(q *sql.Tx) error {
		// The plus sign keeps SQLite from walking all attempts by id.
		rows, err := q.QueryContext(ctx, attemptFrom+"WHERE a.state <> 'ended' ORDER BY +a.id")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			a, err := scanAttempt(rows)
			if err != nil {
				return err
			}
			r.Attempts = append(r.Attempts, a)
		}
		if err := rows.Err(); err != nil {
			return err
		}
		for _, a := range r.Attempts {
			leads, err := selectLeads(ctx, q, "WHERE l.id = ?", a.Lead)
			if err != nil {
				return err
			}
			if len(leads) == 0 {
				return fmt.Errorf("attempt %d belongs to lead %d, which does not exist", a.ID, a.Lead)
			}
			r.Leads = append(r.Leads, leads[0])
		}
		return nil
	})
	return r, s.fault("looking for calls that were cut", err)
}
