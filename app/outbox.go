package app

import (
	"context"
	"time"

	"dozvon/crm"
	"dozvon/dialer"
	"dozvon/store"
)

// outbox lets crm's workers drain the store.
type outbox struct{ db *store.Store }

func (o outbox) Pending(ctx context.Context, l crm.Lane, now time.Time, limit int) ([]crm.Delivery, time.Time, error) {
	rows, next, err := o.db.Pending(ctx, store.Lane{Kind: string(l.Kind), Endpoint: l.Endpoint}, now, limit)
	out := make([]crm.Delivery, len(rows))
	for i, d := range rows {
		out[i] = delivery(d)
	}
	return out, next, err
}

func (o outbox) Add(ctx context.Context, now time.Time, items []crm.Item) error {
	return o.db.Enqueue(ctx, now, rows(items)...)
}

func (o outbox) MarkSent(ctx context.Context, id int64, now time.Time) error {
	return o.db.MarkSent(ctx, id, now)
}

func (o outbox) MarkRetry(ctx context.Context, id int64, next time.Time, why string) error {
	return o.db.MarkRetry(ctx, id, next, why)
}

func (o outbox) MarkDead(ctx context.Context, id int64, now time.Time, why string) error {
	return o.db.MarkDead(ctx, id, now, why)
}

func (o outbox) EndpointsOff(ctx context.Context) (map[string]string, error) {
	off, err := o.db.EndpointsOff(ctx)
	out := make(map[string]string, len(off))
	for name, why := range off {
		out[name] = why.Why
	}
	return out, err
}

func (o outbox) TurnOff(ctx context.Context, endpoint, why string, now time.Time) error {
	return o.db.TurnOff(ctx, endpoint, why, now)
}

// encoder lets the store write crm's rows in the transaction of a Save. It
// never returns an error: one would fail the whole batch and with it the
// results of calls. What can't be filled in travels with the event instead
// (crm.Encoder), and what crm encodes are strings, numbers and times that JSON
// can hold.
type encoder struct {
	*crm.Encoder
	now func() time.Time // the campaign's clock
}

func (e encoder) Encode(save dialer.Save) ([]store.OutboxItem, error) {
	return rows(e.Encoder.Encode(e.now(), save)), nil
}

// EncodeCampaign makes the rows of a campaign's own notices.
func (e encoder) EncodeCampaign(now time.Time, c dialer.CampaignChanged, lists map[string]int) ([]store.OutboxItem, error) {
	var items []crm.Item
	for _, n := range c.Notices {
		if n.Type == dialer.NoticeCampaignFinished {
			items = append(items, e.CampaignFinished(now, c.Campaign, lists)...)
		}
	}
	return rows(items), nil
}

func rows(items []crm.Item) []store.OutboxItem {
	out := make([]store.OutboxItem, len(items))
	for i, it := range items {
		out[i] = store.OutboxItem{Kind: string(it.Kind), Type: it.Type, Campaign: it.Campaign, LeadID: it.Lead,
			Key: it.Key, Endpoint: it.Endpoint, Body: it.Body}
	}
	return out
}

func delivery(d store.Delivery) crm.Delivery {
	return crm.Delivery{ID: d.ID, Key: d.Key, Kind: crm.Kind(d.Kind), Endpoint: d.Endpoint, Type: d.Type, Campaign: d.Campaign,
		Lead: d.Lead, Body: d.Body, Attempts: d.Attempts, CreatedAt: d.CreatedAt, NextAt: d.NextAt, LastError: d.LastError, State: crm.State(d.State)}
}
