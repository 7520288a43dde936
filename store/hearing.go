package store

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"time"

	"dozvon/dialer"
)

// HearingLabel is what a person who listened to a recorded call says was true
// of it.
type HearingLabel struct {
	Attempt  dialer.AttemptID
	Party    string   // who answered: human, machine, announcement, fax, tone, silence
	Words    []string // what was really said, one for each of the attempt's Result.Said: an answer's label, "other" or "nothing"
	Sample   string   // how the call was chosen: random, unsure, named
	Labeller string   // who listened
	At       time.Time
}

// HeardCall is an attempt of which something was recorded or heard.
type HeardCall struct {
	Attempt dialer.Attempt
	Label   *HearingLabel // the latest; nil: nobody has labelled it
}

// LabelHearing adds a label. An earlier one of the attempt stays on record but
// counts no more.
func (s *Store) LabelHearing(ctx context.Context, l HearingLabel) error {
	if l.Attempt <= 0 || l.Party == "" || l.Sample == "" {
		return tell(ErrWrongUse, nil, "labelling a call: attempt %d, answered by %q, chosen %q; all three are needed", l.Attempt, l.Party, l.Sample)
	}
	return s.change(ctx, fmt.Sprintf("labelling the attempt %d", l.Attempt), func(t *tx) error {
		var id int64
		found, err := t.get("SELECT id FROM attempts WHERE id = ?", []any{int64(l.Attempt)}, &id)
		if err != nil {
			return err
		}
		if !found {
			return tell(ErrNotFound, nil, "there is no attempt %d in %s", l.Attempt, s.path)
		}
		_, err = t.exec("INSERT INTO hearing_labels (attempt_id, party, words, sample, labeller, at) VALUES (?, ?, ?, ?, ?, ?)",
			id, l.Party, tojson(l.Words), l.Sample, l.Labeller, nanos(l.At))
		return err
	})
}

// HeardQuery selects ended attempts. Zero fields do not restrict.
type HeardQuery struct {
	Campaign string
	Attempt  dialer.AttemptID
	Since    time.Time // placed then or later
	Labelled bool      // only those with a label
}

const heardFrom = "SELECT " + attemptColumns + `, h.party, h.words, h.sample, h.labeller, h.at
	FROM attempts a JOIN campaigns c ON c.id = a.campaign_id
	LEFT JOIN hearing_labels h ON h.id = (SELECT max(id) FROM hearing_labels WHERE attempt_id = a.id)
	WHERE a.state = 'ended' AND (?1 = '' OR c.name = ?1) AND a.id BETWEEN ?2 AND ?3 AND a.placed >= ?4
	AND (h.id IS NOT NULL OR NOT ?5 AND (a.result LIKE '%"recording":%' OR a.result LIKE '%"heard":%'))
	ORDER BY a.id`

// HeardCalls hands the attempts that were recorded, heard or labelled to each,
// oldest first, until one returns an error. It walks all attempts: it is for
// commands, not for calls.
func (s *Store) HeardCalls(ctx context.Context, q HeardQuery, each func(HeardCall) error) error {
	since, least, most := int64(0), int64(0), int64(math.MaxInt64)
	if q.Attempt != 0 {
		least, most = int64(q.Attempt), int64(q.Attempt)
	}
	if !q.Since.IsZero() {
		since = nanos(q.Since)
	}
	rows, err := s.read.QueryContext(ctx, heardFrom, q.Campaign, least, most, since, q.Labelled)
	if err != nil {
		return s.fault("reading what was heard", err)
	}
	defer rows.Close()
	for rows.Next() {
		c, err := scanHeard(rows)
		if err != nil {
			return s.fault("reading what was heard", err)
		}
		if err := each(c); err != nil {
			return err
		}
	}
	return s.fault("reading what was heard", rows.Err())
}

func scanHeard(row scanner) (c HeardCall, err error) {
	var party, words, sample, labeller sql.NullString
	var at sql.NullInt64
	if c.Attempt, err = scanAttempt(row, &party, &words, &sample, &labeller, &at); err != nil || !party.Valid {
		return c, err
	}
	c.Label = &HearingLabel{Attempt: c.Attempt.ID, Party: party.String, Sample: sample.String, Labeller: labeller.String, At: moment(at.Int64)}
	if err = unjson(words.String, &c.Label.Words); err != nil {
		err = fmt.Errorf("label of attempt %d: %w", c.Attempt.ID, err)
	}
	return c, err
}
