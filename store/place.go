package store

import (
	"context"
	"fmt"

	"dozvon/dialer"
)

// NextAttemptID reserves n consecutive attempt ids and returns the first. Ids
// that were reserved and not placed before a restart may be given out again:
// no INVITE has left for them.
func (s *Store) NextAttemptID(_ context.Context, n int) (dialer.AttemptID, error) {
	if n < 1 {
		return 0, tell(ErrWrongUse, nil, "reserving attempt ids: %d is not a count", n)
	}
	return dialer.AttemptID(s.lastID.Add(int64(n)) - int64(n) + 1), nil
}

// Place commits attempts with their leads as dialing, in one transaction. If
// a lead is no longer ready or waiting, nothing is committed and the error is
// a *RefusedError.
func (s *Store) Place(ctx context.Context, places []dialer.Place) error {
	return s.change(ctx, "recording calls before they are placed", func(t *tx) error {
		var refused RefusedError
		for _, p := range places {
			taken, err := t.place(p)
			if err != nil {
				return err
			}
			if !taken {
				var state dialer.LeadState
				if _, err := t.get("SELECT state FROM leads WHERE id = ?", []any{p.Lead.ID}, &state); err != nil {
					return err
				}
				refused.Leads = append(refused.Leads, p.Lead.ID)
				refused.States = append(refused.States, state)
			}
		}
		if len(refused.Leads) > 0 {
			return &refused
		}
		return nil
	})
}

// place takes the lead and adds the attempt; taken is false if the lead can't
// be dialled.
func (t *tx) place(p dialer.Place) (taken bool, err error) {
	changed, err := t.exec(`UPDATE leads SET state = 'dialing', next_at = ?, promised = ?, attempts = ?, progress = ?,
		first_call = ?, last_call = ? WHERE id = ? AND state IN ('ready', 'waiting')`,
		nanos(p.Lead.NextAt), p.Lead.Promised, p.Lead.Attempts, tojson(p.Lead.Progress),
		nanos(p.Lead.FirstCall), nanos(p.Lead.LastCall), p.Lead.ID)
	if err != nil || changed == 0 {
		return false, err
	}
	a := p.Attempt
	state := a.State
	if state == "" {
		state = dialer.AttemptPlaced
	}
	_, err = t.exec(`INSERT INTO attempts (id, lead_id, campaign_id, phone, number, trunk, state, placed)
		SELECT ?, id, campaign_id, phone, ?, ?, ?, ? FROM leads WHERE id = ?`,
		a.ID, a.Number, a.Trunk, state, nanos(a.Placed), p.Lead.ID)
	if err != nil {
		return false, fmt.Errorf("attempt %d of lead %d: %w", a.ID, p.Lead.ID, err)
	}
	return true, nil
}

// SaveProgress records states of attempts that are up. An attempt that has
// ended meanwhile stays ended.
func (s *Store) SaveProgress(ctx context.Context, attempts []dialer.Attempt) error {
	return s.change(ctx, "recording the progress of calls", func(t *tx) error { return t.progress(attempts) })
}

func (t *tx) progress(attempts []dialer.Attempt) error {
	for _, a := range attempts {
		if a.State == dialer.AttemptEnded {
			continue // an end comes with Save, together with its lead
		}
		_, err := t.exec("UPDATE attempts SET state = ?, ringing = ?, answered = ? WHERE id = ? AND state <> 'ended'",
			a.State, nanos(a.Ringing), nanos(a.Answered), a.ID)
		if err != nil {
			return err
		}
	}
	return nil
}
