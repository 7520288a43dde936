package store

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"os"
	"time"

	"dozvon/store/base"
)

// dncBatch is how many numbers one transaction adds.
const dncBatch = 1000

// AddDNC adds numbers in E.164 to the do-not-call list and suppresses their
// leads in every campaign, except those that are being dialled at the moment:
// these are suppressed when their call ends, unless it ends them otherwise. It
// returns how many leads were suppressed. Numbers that are on the list already
// keep their entry.
func (s *Store) AddDNC(ctx context.Context, entries ...Entry) (suppressed int, err error) {
	for len(entries) > 0 {
		batch := entries[:min(len(entries), dncBatch)]
		entries = entries[len(batch):]
		_, n, err := s.addDNC(ctx, batch)
		if suppressed += n; err != nil {
			return suppressed, err
		}
	}
	return suppressed, nil
}

func (s *Store) addDNC(ctx context.Context, batch []Entry) (added, suppressed int, err error) {
	err = s.change(ctx, "adding to the do-not-call list", func(t *tx) error {
		added, suppressed = 0, 0
		for _, e := range batch {
			if len(e.Phone) < 2 || e.Phone[0] != '+' {
				return tell(ErrWrongUse, nil, "adding to the do-not-call list: a number must be in E.164, with the plus sign")
			}
			fresh, err := t.exec("INSERT INTO dnc (phone, reason, source, added_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
				e.Phone, e.Reason, e.Source, nanos(e.AddedAt))
			if err != nil {
				return err
			}
			added += int(fresh)
			n, err := t.exec(`UPDATE leads SET state = 'suppressed', list = ?, promised = 0
				WHERE campaign_id IN (SELECT id FROM campaigns) AND phone = ? AND state IN ('ready', 'waiting')`, SuppressedList, e.Phone)
			if err != nil {
				return err
			}
			suppressed += int(n)
		}
		return nil
	})
	return added, suppressed, err
}

// RemoveDNC takes a number off the list; found is false if it was not there.
// Leads that it had suppressed stay suppressed.
func (s *Store) RemoveDNC(ctx context.Context, phone string) (found bool, err error) {
	err = s.change(ctx, "removing from the do-not-call list", func(t *tx) error {
		n, err := t.exec("DELETE FROM dnc WHERE phone = ?", phone)
		found = n > 0
		return err
	})
	return found, err
}

func scanEntry(row scanner) (e Entry, err error) {
	var added int64
	err = row.Scan(&e.Phone, &e.Reason, &e.Source, &added)
	e.AddedAt = moment(added)
	return e, err
}

// DNC looks a number up in the do-not-call list.
func (s *Store) DNC(ctx context.Context, phone string) (e Entry, found bool, err error) {
	e, err = scanEntry(s.read.QueryRowContext(ctx, "SELECT phone, reason, source, added_at FROM dnc WHERE phone = ?", phone))
	if errors.Is(err, sql.ErrNoRows) {
		return Entry{}, false, nil
	}
	return e, err == nil, s.fault("reading the do-not-call list", err)
}

// ListDNC returns at most limit entries with greater numbers than after.
func (s *Store) ListDNC(ctx context.Context, after string, limit int) ([]Entry, error) {
	return collect(ctx, s, "reading the do-not-call list", scanEntry,
		"SELECT phone, reason, source, added_at FROM dnc WHERE phone > ? ORDER BY phone LIMIT ?", after, limit)
}

// CountDNC returns the length of the list.
func (s *Store) CountDNC(ctx context.Context) (n int, err error) {
	err = s.read.QueryRowContext(ctx, "SELECT count(*) FROM dnc").Scan(&n)
	return n, s.fault("counting the do-not-call list", err)
}

// DNCReport is the result of an import into the do-not-call list.
type DNCReport struct {
	Rows       int
	Added      int // numbers that were not on the list
	Suppressed int // leads
	Rejected   []RejectedRow
	More       int // rejected rows beyond the first 1,000
}

// RejectedRow is a row that could not be read.
type RejectedRow struct {
	Line   int
	Reason string
}

// ImportDNC adds the numbers of a file (CSV or XLSX; its phone column, or its
// only column) to the do-not-call list. A bad row is reported and the rest is
// added.
func (s *Store) ImportDNC(ctx context.Context, r io.Reader, region, source string, now time.Time) (rep DNCReport, err error) {
	spec := ImportSpec{Reader: r, Name: source}
	if f, ok := r.(*os.File); ok { // a file need not be copied
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			spec.File, spec.Reader = f.Name(), nil
		}
	}
	file, _, done, err := openBase(spec)
	if err != nil {
		return rep, err
	}
	defer done()
	reader, err := base.Open(file)
	if err != nil {
		return rep, baseError(source, err)
	}
	defer reader.Close()
	im := &importer{spec: ImportSpec{Region: region}, reader: reader}
	rows, err := im.head()
	if err != nil {
		return rep, baseError(source, err)
	}
	for ended := false; !ended; {
		if rows, ended, err = im.read(rows); err != nil {
			return rep, baseError(source, err)
		}
		if err := s.addRows(ctx, im, rows, source, now, &rep); err != nil {
			return rep, err
		}
		rows = rows[:0]
	}
	return rep, nil
}

func (s *Store) addRows(ctx context.Context, im *importer, rows []base.Row, source string, now time.Time, rep *DNCReport) error {
	batch := make([]Entry, 0, len(rows))
	for _, r := range rows {
		rep.Rows++
		cell := ""
		if im.mapping.Phone < len(r.Values) {
			cell = r.Values[im.mapping.Phone]
		}
		phone, err := base.CleanPhone(cell, im.spec.Region)
		switch {
		case err == nil:
			batch = append(batch, Entry{Phone: phone.E164, Source: source, AddedAt: now})
		case len(rep.Rejected) < 1000:
			rep.Rejected = append(rep.Rejected, RejectedRow{r.Line, err.Error()})
		default:
			rep.More++
		}
	}
	if len(batch) == 0 {
		return nil
	}
	added, suppressed, err := s.addDNC(ctx, batch)
	rep.Added += added
	rep.Suppressed += suppressed
	return err
}
