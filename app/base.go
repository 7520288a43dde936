package app

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"dozvon/dialer"
	"dozvon/scenarios"
	"dozvon/store"
	"dozvon/store/base"
)

// importBase reads the base into the store and says what became of its rows.
func importBase(ctx context.Context, db *store.Store, p plan, o RunOptions, now time.Time, say *sayer) error {
	err := db.PutCampaign(ctx, store.Campaign{
		Name: p.name, Region: o.Region, Zone: p.scenario.Window.Default, Recent: capped(p.scenario.Policy),
	}, now)
	if err != nil {
		return err
	}
	bar := say.importing(o.Base)
	report, err := db.Import(ctx, store.ImportSpec{
		Campaign: p.name, File: o.Base, Map: o.Map, Region: o.Region, DefaultZone: p.scenario.Window.Default,
		Columns: columns(p.scenario), CheckRow: p.scenario.CheckLead, NextAt: now, Progress: bar,
	})
	if err != nil {
		if errors.Is(err, store.ErrDiskFull) || errors.Is(err, context.Canceled) {
			return err
		}
		return Invalid(err)
	}
	say.imported(o.Base, report)
	if report.Accepted+report.Known == 0 {
		// The reasons are what the person needs now, so that they are written
		// although there was no run.
		if err := db.Export(ctx, p.name, o.Out, 0); err != nil {
			return err
		}
		return Invalid(fmt.Errorf("nobody was called: none of the %d rows of %s can be dialled (%s); see rejected_rows.csv in %s",
			report.Rows, o.Base, reasons(report.Reasons), o.Out))
	}
	return nil
}

// checkRegion refuses a region that no numbering plan knows: numbers without a
// country code would be read as anybody's guess.
func checkRegion(region string) error {
	if base.KnownRegion(region) {
		return nil
	}
	return Invalid(fmt.Errorf("nobody was called: %q is no country of phone numbers; give --region or numbers.region as two letters, such as RU", region))
}

// capped reports whether a policy limits answered calls to a phone.
func capped(p dialer.Policy) bool { return p.PerDay+p.PerWeek+p.PerMonth > 0 }

// columns tells the store which titles of a base mean the scenario's columns.
func columns(sc *scenarios.Scenario) []base.Column {
	out := make([]base.Column, len(sc.Lead))
	for i, c := range sc.Lead {
		out[i] = base.Column{Name: c.Name, Label: c.Label, Aliases: c.Aliases, Required: c.Required}
	}
	return out
}

// reasons words a count of rejected rows, the most frequent reason first.
func reasons(m map[string]int) string {
	names := slices.SortedFunc(maps.Keys(m), func(a, b string) int { return m[b] - m[a] })
	for i, n := range names {
		names[i] = fmt.Sprintf("%d %s", m[n], n)
	}
	return strings.Join(names, ", ")
}
