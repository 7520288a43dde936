package store

import (
	"context"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// The loop asks what is due, and when the next promise is, again and again: the
// cost must not grow with the campaign.
func TestDueWalksItsIndex(t *testing.T) {
	ctx := context.Background()
	s, err := Open(ctx, filepath.Join(t.TempDir(), "x.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, c := range []struct {
		query string
		args  []any
		want  []string
	}{
		{leadFrom + dueWhere, []any{1, true, 5, 9}, []string{"SEARCH l USING INDEX leads_due (campaign_id=? AND promised=? AND next_at<?)"}},
		{countsQuery, []any{5, "c"}, []string{
			"SEARCH leads USING INDEX leads_due (campaign_id=? AND promised=? AND next_at<?)",
			"SEARCH leads USING INDEX leads_due (campaign_id=? AND promised=? AND next_at>?)",
			"SEARCH lead_totals USING PRIMARY KEY (campaign_id=? AND state=?)",
		}},
		{calledQuery, []any{"[1]", 5, 9}, []string{
			"SEARCH a USING INDEX attempts_phone (phone=? AND placed>? AND placed<?)",
			"SEARCH o USING COVERING INDEX outside_phone (phone=? AND placed>? AND placed<?)",
		}},
	} {
		query := c.query
		rows, err := s.read.QueryContext(ctx, "EXPLAIN QUERY PLAN "+query, c.args...)
		if err != nil {
			t.Fatal(err)
		}
		var plan []string
		for rows.Next() {
			var id, parent, unused int
			var step string
			if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
				t.Fatal(err)
			}
			plan = append(plan, step)
		}
		rows.Close()
		for _, want := range c.want {
			if !slices.Contains(plan, want) {
				t.Errorf("%s\nis done by %q\nwant %q", query, plan, want)
			}
		}
		for _, step := range plan {
			if strings.HasPrefix(step, "SCAN") && !strings.Contains(step, "VIRTUAL TABLE") || strings.Contains(step, "TEMP B-TREE") {
				t.Errorf("%s\nis done by %q", query, plan)
			}
		}
	}
}

func TestMomentsThatDoNotFitKeepTheirSide(t *testing.T) {
	for year, want := range map[int]int64{1500: math.MinInt64, 1970: 0, 3000: math.MaxInt64, 10000: math.MaxInt64} {
		if got := nanos(time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)); got != want {
			t.Errorf("the year %d is stored as %d, want %d", year, got, want)
		}
	}
	far := time.Date(2261, 12, 31, 0, 0, 0, 5, time.UTC)
	if !moment(nanos(far)).Equal(far) || nanos(time.Time{}) != 0 || !moment(0).IsZero() {
		t.Error("moments do not come back as they were stored")
	}
}
