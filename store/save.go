package store

import (
	"context"
	"fmt"
	"time"

	"dozvon/dialer"
)

// SuppressedList is the list of leads that the do-not-call list ended.
const SuppressedList = "suppressed"

// Save commits leads, attempts and outbox rows, in one transaction. A lead
// whose number joined the do-not-call list while it was being dialled becomes
// suppressed instead of ready or waiting.
func (s *Store) Save(ctx context.Context, saves []dialer.Save) error {
	return s.Record(ctx, saves, nil)
}

// Record is SaveProgress and Save in one transaction.
func (s *Store) Record(ctx context.Context, saves []dialer.Save, attempts []dialer.Attempt) error {
	items, err := s.encode(saves)
	if err != nil {
		return err
	}
	return s.change(ctx, "recording results of calls", func(t *tx) error {
		if err := t.progress(attempts); err != nil {
			return err
		}
		for i, save := range saves {
			if err := t.saveLead(save.Lead); err != nil {
				return err
			}
			if save.Attempt != nil {
				if err := t.saveAttempt(*save.Attempt); err != nil {
					return err
				}
			}
			for _, item := range items[i] {
				if err := t.enqueue(item); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// encode asks the Encoder for what leaves with each save, and fills in what
// the save knows.
func (s *Store) encode(saves []dialer.Save) ([][]OutboxItem, error) {
	items := make([][]OutboxItem, len(saves))
	if s.encoder == nil {
		return items, nil
	}
	for i, save := range saves {
		if len(save.Effects) == 0 && len(save.Notices) == 0 {
			continue
		}
		made, err := s.encoder.Encode(save)
		if err != nil {
			return nil, fmt.Errorf("preparing what leaves for lead %d: %w", save.Lead.ID, err)
		}
		for j := range made {
			if made[j].Campaign == "" {
				made[j].Campaign = save.Lead.Campaign
			}
			if made[j].LeadID == 0 {
				made[j].LeadID = save.Lead.ID
			}
			if made[j].At.IsZero() {
				made[j].At = savedAt(save)
			}
		}
		items[i] = made
	}
	return items, nil
}

// savedAt is the moment of a save by the campaign's clock.
func savedAt(save dialer.Save) time.Time {
	if save.Attempt != nil && !save.Attempt.Ended.IsZero() {
		return save.Attempt.Ended
	}
	return save.Lead.LastCall
}

func (t *tx) saveLead(l dialer.Lead) error {
	if !l.State.Final() && l.State != dialer.LeadDialing {
		// On the list now, or suppressed by it and taken off it since.
		var one int
		barred, err := t.get(`SELECT 1 FROM leads WHERE id = ? AND
			(state = 'suppressed' OR EXISTS (SELECT 1 FROM dnc WHERE phone = leads.phone))`, []any{l.ID}, &one)
		if err != nil {
			return err
		}
		if barred {
			l.State, l.List, l.Promised = dialer.LeadSuppressed, SuppressedList, false
		}
	}
	changed, err := t.exec(`UPDATE leads SET state = ?, next_at = ?, promised = ?, list = ?, last = ?, answers = ?, attempts = ?,
		progress = ?, first_call = ?, last_call = ? WHERE id = ?`,
		l.State, nanos(l.NextAt), l.Promised, l.List, l.Last, tojson(l.Answers), l.Attempts,
		tojson(l.Progress), nanos(l.FirstCall), nanos(l.LastCall), l.ID)
	if err == nil && changed == 0 {
		err = tell(ErrNotFound, nil, "recording results of calls: there is no lead %d", l.ID)
	}
	return err
}

func (t *tx) saveAttempt(a dialer.Attempt) error {
	changed, err := t.exec(`UPDATE attempts SET state = ?, ringing = ?, answered = ?, ended = ?, disposition = ?, result = ?
		WHERE id = ?`, a.State, nanos(a.Ringing), nanos(a.Answered), nanos(a.Ended), a.Result.Disposition, packResult(a.Result), a.ID)
	if err == nil && changed == 0 {
		err = tell(ErrNotFound, nil, "recording results of calls: attempt %d was never placed", a.ID)
	}
	return err
}
