// Package storetest is the conformance suite of stores: every database that
// dozvon can stand on passes the same tests.
package storetest

import (
	"context"
	"io"
	"iter"
	"time"

	"dozvon/dialer"
	"dozvon/store"
)

// Store is everything that a store of dozvon can do. Other packages name the
// few methods they need in small interfaces of their own.
type Store interface {
	dialer.Ledger
	dialer.Recorder
	dialer.Directory

	PutCampaign(ctx context.Context, c store.Campaign, now time.Time) error
	Campaign(ctx context.Context, name string) (store.Campaign, error)
	Campaigns(ctx context.Context) ([]store.Campaign, error)
	Totals(ctx context.Context, campaign string) (store.Totals, error)

	Lead(ctx context.Context, id dialer.LeadID) (dialer.Lead, error)
	LeadByExternalID(ctx context.Context, campaign, externalID string) (dialer.Lead, error)
	PlacedSince(ctx context.Context, since time.Time, n int) ([]time.Time, error)
	LeadPartner(ctx context.Context, id dialer.LeadID) (string, error)
	Leads(ctx context.Context, q store.LeadQuery) ([]dialer.Lead, error)
	Lists(ctx context.Context, campaign, partner string) (map[string]int, error)
	ListLeads(ctx context.Context, campaign, list, partner string) iter.Seq2[dialer.Lead, error]
	Attempts(ctx context.Context, lead dialer.LeadID) ([]dialer.Attempt, error)

	Import(ctx context.Context, spec store.ImportSpec) (store.Report, error)
	Push(ctx context.Context, campaign string, leads []store.NewLead, idempotencyKey string, now time.Time) ([]store.PushResult, error)

	AddDNC(ctx context.Context, entries ...store.Entry) (suppressed int, err error)
	RemoveDNC(ctx context.Context, phone string) (found bool, err error)
	DNC(ctx context.Context, phone string) (store.Entry, bool, error)
	ListDNC(ctx context.Context, after string, limit int) ([]store.Entry, error)
	CountDNC(ctx context.Context) (int, error)
	ImportDNC(ctx context.Context, r io.Reader, region, source string, now time.Time) (store.DNCReport, error)

	LabelHearing(ctx context.Context, l store.HearingLabel) error
	HeardCalls(ctx context.Context, q store.HeardQuery, each func(store.HeardCall) error) error

	Export(ctx context.Context, campaign, dir string, wall time.Duration) error
	Summary(ctx context.Context, campaign string) (store.Summary, error)

	Enqueue(ctx context.Context, now time.Time, items ...store.OutboxItem) error
	Pending(ctx context.Context, lane store.Lane, now time.Time, limit int) ([]store.Delivery, time.Time, error)
	MarkSent(ctx context.Context, id int64, now time.Time) error
	MarkRetry(ctx context.Context, id int64, next time.Time, why string) error
	MarkDead(ctx context.Context, id int64, now time.Time, why string) error
	Dead(ctx context.Context, after int64, limit int) ([]store.Delivery, error)
	Deliveries(ctx context.Context, lead dialer.LeadID) ([]store.Delivery, error)
	Replay(ctx context.Context, now time.Time, ids ...int64) (int, error)
	Hasten(ctx context.Context, now time.Time) (int, error)
	OutboxStats(ctx context.Context) (store.OutboxStats, error)
	TurnOff(ctx context.Context, endpoint, why string, now time.Time) error
	TurnOn(ctx context.Context, endpoint string) error
	EndpointsOff(ctx context.Context) (map[string]store.Off, error)

	PutToken(ctx context.Context, t store.Token, secret string) error
	FindToken(ctx context.Context, secret string) (store.Token, error)
	Tokens(ctx context.Context) ([]store.Token, error)
	DeleteToken(ctx context.Context, name string) error
	Setting(ctx context.Context, key string) (string, bool, error)
	AddAnswer(ctx context.Context, id dialer.LeadID, name, value string) error
	SetSetting(ctx context.Context, key, value string) error

	Close() error
}
