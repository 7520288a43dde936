package store

import (
	"context"

	"dozvon/dialer"
)

// AddAnswer notes something that became known of a lead after its call. While
// the lead is being called it fails with ErrBusy: the call's own end would
// write over it.
func (s *Store) AddAnswer(ctx context.Context, id dialer.LeadID, name, value string) error {
	const doing = "noting an answer"
	return s.change(ctx, doing, func(t *tx) error {
		var state dialer.LeadState
		var text string
		found, err := t.get("SELECT state, answers FROM leads WHERE id = ?", []any{id}, &state, &text)
		if err != nil {
			return err
		}
		if !found {
			return tell(ErrNotFound, nil, "%s: there is no lead %d", doing, id)
		}
		if state == dialer.LeadDialing {
			return tell(ErrBusy, nil, "%s: lead %d is being called; try again when the call is over", doing, id)
		}
		answers := map[string]string{}
		if err := unjson(text, &answers); err != nil {
			return err
		}
		answers[name] = value
		_, err = t.exec("UPDATE leads SET answers = ? WHERE id = ?", tojson(answers), id)
		return err
	})
}
