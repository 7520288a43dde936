package store

import (
	"context"
	"fmt"
	"time"

	"dozvon/dialer"
)

// Enqueue writes further items into the outbox. An item whose key and endpoint
// are known already is left alone.
func (s *Store) Enqueue(ctx context.Context, now time.Time, items ...OutboxItem) error {
	return s.change(ctx, "writing into the outbox", func(t *tx) error {
		for _, item := range items {
			if item.At.IsZero() {
				item.At = now
			}
			if err := t.enqueue(item); err != nil {
				return err
			}
		}
		return nil
	})
}

// enqueue adds an item. It is the head of its stream if nothing of the stream
// waits before it.
func (t *tx) enqueue(i OutboxItem) error {
	if i.Key == "" || i.Kind == "" {
		return tell(ErrWrongUse, nil, "writing into the outbox: an item of type %q has no key or no kind", i.Type)
	}
	body := i.Body
	if body == nil {
		body = []byte{}
	}
	_, err := t.exec(`INSERT INTO outbox (key, kind, type, endpoint, campaign_id, lead_id, body, created_at, head)
		VALUES (?1, ?2, ?3, ?4, coalesce((SELECT id FROM campaigns WHERE name = ?5), 0), ?6, ?7, ?8,
			?6 = 0 OR NOT EXISTS (SELECT 1 FROM outbox WHERE lead_id = ?6 AND kind = ?2 AND endpoint = ?4
				AND state IN ('pending', 'waiting')))
		ON CONFLICT (key, endpoint) DO NOTHING`,
		i.Key, i.Kind, i.Type, i.Endpoint, i.Campaign, i.LeadID, body, nanos(i.At))
	return err
}

const deliveryFrom = `SELECT o.id, o.key, o.kind, o.type, o.endpoint, coalesce(c.name, ''), o.lead_id, o.body, o.attempts,
	o.created_at, o.next_at, o.last_error, o.state FROM outbox o LEFT JOIN campaigns c ON c.id = o.campaign_id `

func scanDelivery(row scanner) (d Delivery, err error) {
	var created, next int64
	err = row.Scan(&d.ID, &d.Key, &d.Kind, &d.Type, &d.Endpoint, &d.Campaign, &d.Lead, &d.Body, &d.Attempts,
		&created, &next, &d.LastError, &d.State)
	d.CreatedAt, d.NextAt = moment(created), moment(next)
	return d, err
}

// Pending returns at most limit deliveries of a lane that may be sent at now,
// the one that waits longest first, and the moment when the next one falls due
// (zero: none). Of each lead only the earliest delivery that is neither sent
// nor dead is ever returned: the order of a lead's deliveries holds. A lane
// whose endpoint is off returns nothing.
func (s *Store) Pending(ctx context.Context, lane Lane, now time.Time, limit int) ([]Delivery, time.Time, error) {
	const doing = "reading the outbox"
	due, err := collect(ctx, s, doing, scanDelivery, deliveryFrom+`WHERE o.kind = ? AND o.endpoint = ? AND o.next_at <= ?
		AND o.head = 1 AND o.state IN ('pending', 'waiting')
		AND NOT EXISTS (SELECT 1 FROM endpoints_off WHERE name = o.endpoint)
		ORDER BY o.next_at, o.id LIMIT ?`, lane.Kind, lane.Endpoint, now.UnixNano(), limit)
	if err != nil {
		return nil, time.Time{}, err
	}
	var next int64
	err = s.read.QueryRowContext(ctx, `SELECT coalesce(min(next_at), 0) FROM outbox WHERE kind = ? AND endpoint = ? AND next_at > ?
		AND head = 1 AND state IN ('pending', 'waiting') AND NOT EXISTS (SELECT 1 FROM endpoints_off WHERE name = ?)`,
		lane.Kind, lane.Endpoint, now.UnixNano(), lane.Endpoint).Scan(&next)
	return due, moment(next), s.fault(doing, err)
}

// MarkSent ends a delivery well.
func (s *Store) MarkSent(ctx context.Context, id int64, now time.Time) error {
	return s.conclude(ctx, id, "UPDATE outbox SET state = 'sent', attempts = attempts + 1, sent_at = ?, last_error = '' WHERE id = ?", nanos(now))
}

// MarkDead counts a failed try and gives the delivery up. Later deliveries of
// its lead go on.
func (s *Store) MarkDead(ctx context.Context, id int64, _ time.Time, why string) error {
	return s.conclude(ctx, id, "UPDATE outbox SET state = 'dead', attempts = attempts + 1, last_error = ? WHERE id = ?", why)
}

// MarkRetry counts a failed try and sets the moment of the next. The lead's
// later deliveries wait with it.
func (s *Store) MarkRetry(ctx context.Context, id int64, next time.Time, why string) error {
	return s.conclude(ctx, id, "UPDATE outbox SET state = 'waiting', attempts = attempts + 1, next_at = ?, last_error = ? WHERE id = ?", nanos(next), why)
}

// conclude records what became of a try; update ends with the id's
// placeholder.
func (s *Store) conclude(ctx context.Context, id int64, update string, args ...any) error {
	return s.change(ctx, "recording a delivery", func(t *tx) error {
		changed, err := t.exec(update, append(args[:len(args):len(args)], id)...)
		if err != nil {
			return err
		}
		if changed == 0 {
			return tell(ErrNotFound, nil, "recording a delivery: there is no delivery %d", id)
		}
		return t.rehead(id)
	})
}

// rehead makes the earliest undelivered row the head of the stream that the
// delivery belongs to.
func (t *tx) rehead(id int64) error {
	var lead int64
	var kind, endpoint string
	if _, err := t.get("SELECT lead_id, kind, endpoint FROM outbox WHERE id = ?", []any{id}, &lead, &kind, &endpoint); err != nil {
		return err
	}
	if lead == 0 {
		return nil
	}
	var first int64
	_, err := t.get(`SELECT coalesce(min(id), 0) FROM outbox WHERE lead_id = ? AND kind = ? AND endpoint = ?
		AND state IN ('pending', 'waiting')`, []any{lead, kind, endpoint}, &first)
	if err != nil {
		return err
	}
	_, err = t.exec(`UPDATE outbox SET head = (id = ?4) WHERE lead_id = ?1 AND kind = ?2 AND endpoint = ?3
		AND state IN ('pending', 'waiting') AND head <> (id = ?4)`, lead, kind, endpoint, first)
	return err
}

// Dead returns at most limit dead deliveries with greater ids than after.
func (s *Store) Dead(ctx context.Context, after int64, limit int) ([]Delivery, error) {
	return collect(ctx, s, "reading dead deliveries", scanDelivery,
		deliveryFrom+"WHERE o.state = 'dead' AND o.id > ? ORDER BY o.id LIMIT ?", after, limit)
}

// replayMax is how many deliveries one transaction of a replay takes, so that
// calls need not wait behind a long one.
const replayMax = 500

// Replay makes dead deliveries pending again, due at now, and returns how
// many. Without ids it takes all of them.
func (s *Store) Replay(ctx context.Context, now time.Time, ids ...int64) (int, error) {
	if len(ids) > 0 {
		return s.replay(ctx, now, ids)
	}
	total, after := 0, int64(0)
	for {
		dead, err := s.Dead(ctx, after, replayMax)
		if err != nil || len(dead) == 0 {
			return total, err
		}
		batch := make([]int64, len(dead))
		for i, d := range dead {
			batch[i] = d.ID
		}
		n, err := s.replay(ctx, now, batch)
		if total += n; err != nil {
			return total, err
		}
		after = batch[len(batch)-1]
	}
}

// Hasten makes the deliveries that wait for another try due at now, and
// returns how many: somebody is here who says that the receiver works again.
func (s *Store) Hasten(ctx context.Context, now time.Time) (n int, err error) {
	err = s.change(ctx, "hastening deliveries", func(t *tx) error {
		changed, err := t.exec("UPDATE outbox SET next_at = ?1 WHERE state = 'waiting' AND next_at > ?1", nanos(now))
		n = int(changed)
		return err
	})
	return n, err
}

func (s *Store) replay(ctx context.Context, now time.Time, ids []int64) (n int, err error) {
	err = s.change(ctx, "replaying deliveries", func(t *tx) error {
		n = 0
		for _, id := range ids {
			changed, err := t.exec("UPDATE outbox SET state = 'pending', next_at = ?, head = (lead_id = 0) WHERE id = ? AND state = 'dead'", nanos(now), id)
			if err != nil {
				return fmt.Errorf("delivery %d: %w", id, err)
			}
			if changed == 0 {
				continue
			}
			n++
			if err := t.rehead(id); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}

// Deliveries returns everything that left, or is to leave, for a lead.
func (s *Store) Deliveries(ctx context.Context, lead dialer.LeadID) ([]Delivery, error) {
	return collect(ctx, s, "reading deliveries", scanDelivery, deliveryFrom+"WHERE o.lead_id = ? AND o.lead_id > 0 ORDER BY o.id", lead)
}

// OutboxStats counts deliveries by state.
func (s *Store) OutboxStats(ctx context.Context) (st OutboxStats, err error) {
	var oldest int64
	err = s.read.QueryRowContext(ctx, `SELECT
		coalesce(sum(n) FILTER (WHERE state = 'pending'), 0), coalesce(sum(n) FILTER (WHERE state = 'waiting'), 0),
		coalesce(sum(n) FILTER (WHERE state = 'sent'), 0), coalesce(sum(n) FILTER (WHERE state = 'dead'), 0),
		(SELECT coalesce(min(created_at), 0) FROM outbox WHERE state IN ('pending', 'waiting'))
		FROM outbox_totals`).Scan(&st.Pending, &st.Waiting, &st.Sent, &st.Dead, &oldest)
	st.Oldest = moment(oldest)
	return st, s.fault("counting deliveries", err)
}

// TurnOff records that an endpoint takes no deliveries (it answered 410).
func (s *Store) TurnOff(ctx context.Context, endpoint, why string, now time.Time) error {
	return s.change(ctx, "turning an endpoint off", func(t *tx) error {
		_, err := t.exec("INSERT INTO endpoints_off VALUES (?, ?, ?) ON CONFLICT DO NOTHING", endpoint, why, nanos(now))
		return err
	})
}

// TurnOn lets an endpoint take deliveries again.
func (s *Store) TurnOn(ctx context.Context, endpoint string) error {
	return s.change(ctx, "turning an endpoint on", func(t *tx) error {
		_, err := t.exec("DELETE FROM endpoints_off WHERE name = ?", endpoint)
		return err
	})
}

// EndpointsOff returns the endpoints that are off.
func (s *Store) EndpointsOff(ctx context.Context) (map[string]Off, error) {
	type named struct {
		name string
		Off
	}
	all, err := collect(ctx, s, "reading endpoints", func(row scanner) (n named, err error) {
		var since int64
		err = row.Scan(&n.name, &n.Why, &since)
		n.Since = moment(since)
		return n, err
	}, "SELECT name, why, since FROM endpoints_off")
	off := make(map[string]Off, len(all))
	for _, n := range all {
		off[n.name] = n.Off
	}
	return off, err
}
