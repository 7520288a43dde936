package storetest

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"dozvon/dialer"
	"dozvon/store"
	"dozvon/store/base"
)

// Open opens a fresh, empty database that is closed when the test ends.
type Open func(t testing.TB, o store.Options) Store

// Run runs the whole suite.
func Run(t *testing.T, open Open) {
	for _, c := range []struct {
		name string
		test func(*testing.T, Open)
	}{
		{"Campaigns", campaigns}, {"DueOrder", dueOrder}, {"DueNextAndOpen", dueNextAndOpen}, {"Recent", recent}, {"Called", called}, {"Outside", outside}, {"Forbidden", forbidden},
		{"AttemptIDs", attemptIDs}, {"PlaceIsAllOrNothing", placeIsAllOrNothing}, {"PlaceSaveRoundTrip", placeSaveRoundTrip},
		{"ProgressNeverReopens", progressNeverReopens}, {"Recovery", recovery}, {"SaveIsAllOrNothing", saveIsAllOrNothing},
		{"RecordIsOneTransaction", recordIsOneTransaction},
		{"Totals", totals}, {"Pages", pages},
		{"Import", importBase}, {"ImportAgain", importAgain}, {"ImportZones", importZones}, {"ImportWorkbook", importWorkbook}, {"ImportRefuses", importRefuses}, {"ImportCancelled", importCancelled},
		{"Push", push}, {"PushIdempotent", pushIdempotent},
		{"DNC", dnc}, {"DNCWhileDialling", dncWhileDialling}, {"DNCImport", dncImport},
		{"OutboxWithSave", outboxWithSave}, {"OutboxWithCampaign", outboxWithCampaign}, {"OutboxOrder", outboxOrder}, {"OutboxDeadAndReplay", outboxDeadAndReplay}, {"Endpoints", endpoints},
		{"Export", export}, {"ExportNames", exportNames}, {"Lists", lists}, {"Tokens", tokens}, {"Settings", settings}, {"HearingLabels", hearingLabels}, {"LateAnswers", lateAnswers}, {"Concurrent", concurrent},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open) })
	}
}

// t0 is the moment at which the tests begin, a Monday.
var t0 = time.Date(2026, 3, 2, 7, 0, 0, 123456789, time.UTC)

func at(d time.Duration) time.Time { return t0.Add(d) }

var bg = context.Background()

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func get[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		must(t, err)
		return v
	}
}

// wantErr looks that err is of a kind and says something.
func wantErr(t testing.TB, err, kind error) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Fatalf("got error %v, want %v", err, kind)
	}
}

// importText imports a CSV text into a campaign "c".
func importText(t testing.TB, s Store, text string, change ...func(*store.ImportSpec)) store.Report {
	t.Helper()
	spec := store.ImportSpec{Campaign: "c", Reader: strings.NewReader(text), Name: "base.csv", DefaultZone: "Europe/Moscow", NextAt: t0}
	for _, f := range change {
		f(&spec)
	}
	return get(s.Import(bg, spec))(t)
}

// threeLeads imports leads 1 to 3.
func threeLeads(t testing.TB, s Store) []dialer.Lead {
	t.Helper()
	importText(t, s, "phone,name\n89161234501,Иван\n89161234502,Ольга\n89161234503,Пётр\n")
	leads := get(s.Leads(bg, store.LeadQuery{Campaign: "c"}))(t)
	if len(leads) != 3 {
		t.Fatalf("%d leads", len(leads))
	}
	return leads
}

// place places a lead's next attempt.
func place(t testing.TB, s Store, l dialer.Lead, now time.Time) (dialer.Lead, dialer.Attempt) {
	t.Helper()
	id := get(s.NextAttemptID(bg, 1))(t)
	l.State, l.LastCall = dialer.LeadDialing, now
	if l.FirstCall.IsZero() {
		l.FirstCall = now
	}
	a := dialer.Attempt{ID: id, Lead: l.ID, Campaign: l.Campaign, Phone: l.Phone, Number: l.Attempts + 1, Trunk: "main",
		State: dialer.AttemptPlaced, Placed: now}
	must(t, s.Place(bg, []dialer.Place{{Attempt: a, Lead: l}}))
	return l, a
}

// end ends an attempt and its lead, on a list if one is given.
func end(t testing.TB, s Store, l dialer.Lead, a dialer.Attempt, now time.Time, d dialer.Disposition, list string, more ...func(*dialer.Save)) dialer.Lead {
	t.Helper()
	a.State, a.Ended = dialer.AttemptEnded, now
	a.Result.Disposition = d
	if d == dialer.Answered && a.Answered.IsZero() {
		a.Answered = a.Placed.Add(5 * time.Second)
	}
	l.Attempts++
	l.Last = d
	l.State, l.NextAt = dialer.LeadWaiting, now.Add(time.Hour)
	if list != "" {
		l.State, l.List, l.NextAt = dialer.LeadDone, list, time.Time{}
	}
	save := dialer.Save{Lead: l, Attempt: &a}
	for _, f := range more {
		f(&save)
	}
	must(t, s.Save(bg, []dialer.Save{save}))
	return get(s.Lead(bg, l.ID))(t)
}

// scenarioColumns are what the tests' scenario uses.
var scenarioColumns = []base.Column{{Name: "name", Label: "Имя", Required: true}, {Name: "amount", Label: "Сумма"}}

func ids(leads []dialer.Lead) (all []dialer.LeadID) {
	for _, l := range leads {
		all = append(all, l.ID)
	}
	return all
}
