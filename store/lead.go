package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"

	"dozvon/dialer"
)

// leadFrom selects leads as scanLead reads them.
const leadFrom = `SELECT l.id, c.name, l.external_id, l.phone, l.zone, l.base_id, l.row, l.state, l.next_at,
	l.promised, l.list, l.last, l.answers, l.attempts, l.progress, l.first_call, l.last_call
	FROM leads l JOIN campaigns c ON c.id = l.campaign_id `

// leadRow is a lead with what decoding its columns needs.
type leadRow struct {
	dialer.Lead
	base int64
	row  string
}

// scanLead reads one row of leadFrom, and further columns into more.
func scanLead(row scanner, more ...any) (*leadRow, error) {
	l := new(leadRow)
	var next, first, last int64
	var answers, progress string
	into := []any{&l.ID, &l.Campaign, &l.ExternalID, &l.Phone, &l.Zone, &l.base, &l.row, &l.State, &next,
		&l.Promised, &l.List, &l.Last, &answers, &l.Attempts, &progress, &first, &last}
	if err := row.Scan(append(into, more...)...); err != nil {
		return nil, err
	}
	l.NextAt, l.FirstCall, l.LastCall = moment(next), moment(first), moment(last)
	if err := unjson(answers, &l.Answers); err != nil {
		return nil, fmt.Errorf("answers of lead %d: %w", l.ID, err)
	}
	if err := unjson(progress, &l.Progress); err != nil {
		return nil, fmt.Errorf("progress of lead %d: %w", l.ID, err)
	}
	return l, nil
}

// queryer is a read connection, or a read transaction.
type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// baseInfo is what a base's rows have in common.
type baseInfo struct{ header, vars []string }

// bases remembers the bases that one call of the store has met.
type bases struct {
	q    queryer
	seen map[int64]baseInfo
}

func newBases(q queryer) *bases { return &bases{q: q, seen: map[int64]baseInfo{}} }

func (b *bases) info(ctx context.Context, id int64) (baseInfo, error) {
	if i, ok := b.seen[id]; ok || id == 0 {
		return i, nil
	}
	var header, vars string
	var i baseInfo
	err := b.q.QueryRowContext(ctx, "SELECT header, vars FROM bases WHERE id = ?", id).Scan(&header, &vars)
	if err == nil {
		err = unjson(header, &i.header)
	}
	if err == nil {
		err = unjson(vars, &i.vars)
	}
	if err != nil {
		return i, fmt.Errorf("base %d: %w", id, err)
	}
	b.seen[id] = i
	return i, nil
}

// columns fills the lead's columns.
func (b *bases) columns(ctx context.Context, l *leadRow) error {
	if l.base == 0 {
		return unjson(l.row, &l.Columns)
	}
	info, err := b.info(ctx, l.base)
	if err != nil {
		return err
	}
	var values []string
	if err := unjson(l.row, &values); err != nil {
		return err
	}
	l.Columns = make(map[string]string, len(values))
	for i, v := range values {
		if i < len(info.vars) {
			l.Columns[info.vars[i]] = v
		}
	}
	return nil
}

// selectLeads runs leadFrom with a condition and returns whole leads.
func selectLeads(ctx context.Context, q queryer, where string, args ...any) ([]dialer.Lead, error) {
	rows, err := q.QueryContext(ctx, leadFrom+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []*leadRow
	for rows.Next() {
		l, err := scanLead(rows)
		if err != nil {
			return nil, err
		}
		found = append(found, l)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	b := newBases(q)
	leads := make([]dialer.Lead, len(found))
	for i, l := range found {
		if err := b.columns(ctx, l); err != nil {
			return nil, err
		}
		leads[i] = l.Lead
	}
	return leads, nil
}

func (s *Store) oneLead(ctx context.Context, what, where string, args ...any) (dialer.Lead, error) {
	leads, err := selectLeads(ctx, s.read, where, args...)
	if err != nil {
		return dialer.Lead{}, s.fault("reading "+what, err)
	}
	if len(leads) == 0 {
		return dialer.Lead{}, tell(ErrNotFound, nil, "there is no %s", what)
	}
	return leads[0], nil
}

// Lead returns a lead by id; ErrNotFound if there is none.
func (s *Store) Lead(ctx context.Context, id dialer.LeadID) (dialer.Lead, error) {
	return s.oneLead(ctx, fmt.Sprintf("lead %d", id), "WHERE l.id = ?", id)
}

// LeadByExternalID returns a lead by another system's id; ErrNotFound if
// there is none.
func (s *Store) LeadByExternalID(ctx context.Context, campaign, externalID string) (dialer.Lead, error) {
	what := fmt.Sprintf("lead with the external id %q in the campaign %q", externalID, campaign)
	return s.oneLead(ctx, what, "WHERE c.name = ? AND l.external_id = ? AND l.external_id <> ''", campaign, externalID)
}

// LeadPartner returns whose lead it is; empty for leads of no partner.
func (s *Store) LeadPartner(ctx context.Context, id dialer.LeadID) (partner string, err error) {
	err = s.read.QueryRowContext(ctx, "SELECT partner FROM leads WHERE id = ?", id).Scan(&partner)
	if err == sql.ErrNoRows {
		return "", tell(ErrNotFound, nil, "there is no lead %d", id)
	}
	return partner, s.fault("reading a lead", err)
}

// Leads returns leads by ascending id.
func (s *Store) Leads(ctx context.Context, q LeadQuery) ([]dialer.Lead, error) {
	where, args := []string{"l.id > ?"}, []any{q.After}
	and := func(condition, value string) {
		if value != "" {
			where, args = append(where, condition), append(args, value)
		}
	}
	and("l.campaign_id = (SELECT id FROM campaigns WHERE name = ?)", q.Campaign)
	and("l.list = ? AND l.list <> ''", q.List) // the second half lets SQLite use the partial index
	and("l.state = ?", string(q.State))
	and("l.campaign_id IN (SELECT id FROM campaigns) AND l.phone = ?", q.Phone)
	and("l.partner = ? AND l.partner <> ''", q.Partner)
	limit := min(q.Limit, 1000)
	if limit <= 0 {
		limit = 100
	}
	leads, err := selectLeads(ctx, s.read, "WHERE "+strings.Join(where, " AND ")+" ORDER BY l.id LIMIT ?", append(args, limit)...)
	return leads, s.fault("reading leads", err)
}

// tojson is how maps and slices are stored; empty ones as the empty text.
func tojson(v any) string {
	b, err := json.Marshal(v)
	if err != nil { // only strings, numbers and times are stored
		panic(err)
	}
	if s := string(b); s != "null" && s != "{}" {
		return s
	}
	return ""
}

func unjson(s string, into any) error {
	if s == "" {
		return nil
	}
	return json.Unmarshal([]byte(s), into)
}

// scanner is a row of a query.
type scanner interface{ Scan(into ...any) error }
