package store

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"dozvon/dialer"
)

// outcomeTitles are the columns of outcomes.csv after the base's own.
var outcomeTitles = []string{"lead_id", "phone_e164", "list", "disposition", "attempts",
	"first_call_at", "last_call_at", "next_call_at", "answers"}

// attemptTitles are the columns of attempts.csv.
var attemptTitles = []string{"attempt_id", "lead_id", "phone_e164", "number", "trunk", "placed_at", "ringing_at",
	"answered_at", "ended_at", "cause", "disposition", "verdict", "keys", "words", "operator", "recording",
	"caller_id", "loss", "jitter_ms", "round_trip_ms", "mos", "srtp",
	"heard_label", "heard_cause", "heard_confidence", "heard_after_s"}

// layout says where the columns of a campaign's leads stand in its files: those
// of its bases in their order, then those of pushed leads by name.
type layout struct {
	titles []string
	place  map[string]int
	bases  *bases
	zones  zones
}

func newLayout(ctx context.Context, q queryer, campaign int64) (*layout, error) {
	l := &layout{place: map[string]int{}, bases: newBases(q), zones: zones{}}
	ids, err := column[int64](ctx, q, "SELECT id FROM bases WHERE campaign_id = ? ORDER BY id", campaign)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		info, err := l.bases.info(ctx, id)
		if err != nil {
			return nil, err
		}
		for _, title := range info.header {
			l.add(title)
		}
	}
	pushed, err := column[string](ctx, q, `SELECT DISTINCT j.key FROM leads l, json_each(nullif(l.row, '')) j
		WHERE l.campaign_id = ? AND l.base_id = 0 ORDER BY 1`, campaign)
	for _, title := range pushed {
		l.add(title)
	}
	return l, err
}

func (l *layout) add(title string) {
	if _, ok := l.place[title]; !ok {
		l.place[title] = len(l.titles)
		l.titles = append(l.titles, title)
	}
}

func (l *layout) header() []string { return append(slices.Clone(l.titles), outcomeTitles...) }

// row writes a lead out.
func (l *layout) row(ctx context.Context, r *leadRow) ([]string, error) {
	row := make([]string, len(l.titles), len(l.titles)+len(outcomeTitles))
	if r.base == 0 {
		for k, v := range r.Columns {
			row[l.place[k]] = v
		}
	} else {
		info, err := l.bases.info(ctx, r.base)
		if err != nil {
			return nil, err
		}
		var values []string
		if err := unjson(r.row, &values); err != nil {
			return nil, fmt.Errorf("row of lead %d: %w", r.ID, err)
		}
		for i, v := range values {
			if i < len(info.header) {
				row[l.place[info.header[i]]] = v
			}
		}
	}
	zone := l.zones.find(r.Zone)
	next := ""
	if r.State == dialer.LeadReady || r.State == dialer.LeadWaiting {
		next = stamp(r.NextAt, zone)
	}
	answers := tojson(r.Answers)
	if answers == "" {
		answers = "{}"
	}
	return append(row, strconv.FormatInt(int64(r.ID), 10), r.Phone, r.List, string(r.Last), strconv.Itoa(r.Attempts),
		stamp(r.FirstCall, zone), stamp(r.LastCall, zone), next, answers), nil
}

// outcomes goes through the leads of a campaign by id.
func (l *layout) outcomes(ctx context.Context, q queryer, campaign int64, do func(*leadRow) error) error {
	rows, err := q.QueryContext(ctx, leadFrom+"WHERE l.campaign_id = ? ORDER BY l.id", campaign)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		r, err := scanLead(rows)
		if err == nil && r.base == 0 {
			err = l.bases.columns(ctx, r)
		}
		if err == nil {
			err = do(r)
		}
		if err != nil {
			return err
		}
	}
	return rows.Err()
}

// column runs a query of one column.
func column[T any](ctx context.Context, q queryer, query string, args ...any) ([]T, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		var v T
		if err := rows.Scan(&v); err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, rows.Err()
}

// zones remembers time zones: to load one reads a file.
type zones map[string]*time.Location

// find returns a lead's zone; UTC if this machine does not know it.
func (z zones) find(name string) *time.Location {
	if loc := z[name]; loc != nil {
		return loc
	}
	loc, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		loc = time.UTC
	}
	z[name] = loc
	return loc
}

// stamp writes a time in a lead's zone.
func stamp(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format(time.RFC3339)
}

// attemptRow writes an attempt out, with times in its lead's zone.
func attemptRow(a dialer.Attempt, zone *time.Location) []string {
	return slices.Concat([]string{strconv.FormatInt(int64(a.ID), 10), strconv.FormatInt(int64(a.Lead), 10), a.Phone,
		strconv.Itoa(a.Number), a.Trunk, stamp(a.Placed, zone), stamp(a.Ringing, zone), stamp(a.Answered, zone),
		stamp(a.Ended, zone), causeText(a.Result.Cause), string(a.Result.Disposition), string(a.Result.Verdict),
		a.Result.Keys, strings.Join(a.Result.Words, "; "), a.Result.Operator, a.Result.Recording, a.Result.CallerID},
		qualityCells(a.Result.Quality), heardCells(&a.Result))
}

// heardCells writes out what the verdict came from; all empty where nobody
// listened. The seconds are those since the answer; of a call without one,
// those since the first sound.
func heardCells(r *dialer.Result) []string {
	h, ok := r.Decided()
	if !ok {
		return make([]string, 4)
	}
	return []string{h.Label, h.Cause, number(h.Confidence, 2), number(h.After.Seconds(), 2)}
}

// qualityCells writes out how well the sound got through: loss as a share of 1,
// times in milliseconds; all empty where nothing was measured.
func qualityCells(q dialer.Quality) []string {
	if q == (dialer.Quality{}) {
		return make([]string, 5)
	}
	ms := func(d time.Duration) string { return number(float64(d)/float64(time.Millisecond), 1) }
	cells := []string{number(q.Loss, 4), ms(q.Jitter), "", "", "no"}
	if q.RoundTrip > 0 {
		cells[2] = ms(q.RoundTrip)
	}
	if q.MOS > 0 {
		cells[3] = number(q.MOS, 2)
	}
	if q.Secure {
		cells[4] = "yes"
	}
	return cells
}

// number writes a number with at most so many digits after the point.
func number(v float64, digits int) string {
	unit := math.Pow10(digits)
	return strconv.FormatFloat(math.Round(v*unit)/unit, 'f', -1, 64)
}

// causeText writes a cause as "SIP 486; Q.850 17; Busy Here", without what was
// not said.
func causeText(c dialer.Cause) string {
	var parts []string
	if c.SIP != 0 {
		parts = append(parts, fmt.Sprintf("SIP %d", c.SIP))
	}
	if c.Q850 != 0 {
		parts = append(parts, fmt.Sprintf("Q.850 %d", c.Q850))
	}
	if c.Failed != dialer.TrunkOK {
		parts = append(parts, "trunk "+string(c.Failed))
	}
	if c.Text != "" {
		parts = append(parts, c.Text)
	}
	return strings.Join(parts, "; ")
}

// attempts goes through the attempts of a campaign by id.
func attempts(ctx context.Context, q queryer, campaign int64, do func([]string) error) error {
	rows, err := q.QueryContext(ctx, "SELECT "+attemptColumns+`, l.zone FROM attempts a JOIN campaigns c ON c.id = a.campaign_id
		JOIN leads l ON l.id = a.lead_id WHERE a.campaign_id = ? ORDER BY a.id`, campaign)
	if err != nil {
		return err
	}
	defer rows.Close()
	known := zones{}
	for rows.Next() {
		var zone string
		a, err := scanAttempt(rows, &zone)
		if err != nil {
			return err
		}
		if err := do(attemptRow(a, known.find(zone))); err != nil {
			return err
		}
	}
	return rows.Err()
}

// rejected goes through the rejected rows of a campaign.
func rejected(ctx context.Context, q *sql.Tx, campaign int64, do func([]string) error) error {
	rows, err := q.QueryContext(ctx, `SELECT r.line, r.reason, r.row FROM rejected_rows r JOIN bases b ON b.id = r.base_id
		WHERE b.campaign_id = ? ORDER BY r.base_id, r.line`, campaign)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		cells := make([]string, 3)
		if err := rows.Scan(&cells[0], &cells[1], &cells[2]); err != nil {
			return err
		}
		if err := do(cells); err != nil {
			return err
		}
	}
	return rows.Err()
}
