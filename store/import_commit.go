package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// openBase opens what a spec names; a stream is first written to a temporary
// file, since the fingerprint must be known before the first row.
func openBase(spec ImportSpec) (f *os.File, name string, done func(), err error) {
	if spec.File != "" {
		f, err = os.Open(spec.File)
		switch {
		case errors.Is(err, os.ErrNotExist):
			return nil, "", nil, tell(ErrBase, err, "there is no file %s; check the path of the base", spec.File)
		case err != nil:
			return nil, "", nil, tell(ErrBase, err, "the base %s can't be opened: %v", spec.File, err)
		}
		if info, err := f.Stat(); err == nil && info.IsDir() {
			f.Close()
			return nil, "", nil, tell(ErrBase, nil, "%s is a folder; name the file of the base", spec.File)
		}
		return f, filepath.Base(spec.File), func() { f.Close() }, nil
	}
	if spec.Reader == nil {
		return nil, "", nil, tell(ErrWrongUse, nil, "importing a base: neither a file nor a reader was given")
	}
	if f, err = os.CreateTemp("", "dozvon-base-*"); err != nil {
		return nil, "", nil, tell(ErrDiskFull, err, "importing a base: no temporary file can be made (%v)", err)
	}
	done = func() {
		f.Close()
		os.Remove(f.Name())
	}
	if _, err = io.Copy(f, spec.Reader); err != nil {
		done()
		return nil, "", nil, tell(ErrBase, err, "importing a base: it can't be read to its end (%v)", err)
	}
	return f, "upload", done, nil
}

// fileFingerprint hashes a file from its beginning.
func fileFingerprint(ctx context.Context, f *os.File) (sum string, size int64, err error) {
	if _, err = f.Seek(0, io.SeekStart); err != nil {
		return "", 0, baseError(f.Name(), err)
	}
	h := sha256.New()
	for err == nil && ctx.Err() == nil {
		var n int64
		n, err = io.CopyN(h, f, 16<<20)
		size += n
	}
	if ctx.Err() != nil {
		return "", 0, ctx.Err()
	}
	if !errors.Is(err, io.EOF) {
		return "", 0, baseError(f.Name(), err)
	}
	return hex.EncodeToString(h.Sum(nil)), size, nil
}

// commit writes a chunk in one transaction. Counts are kept aside until it is
// done, since the transaction may run twice.
func (im *importer) commit(ctx context.Context, c *chunk) error {
	var part Report
	err := im.store.change(ctx, "importing the base "+im.spec.Name, func(t *tx) error {
		part = Report{Base: im.report.Base, Reasons: map[string]int{}}
		if !im.begun {
			if err := im.begin(t, &part); err != nil {
				return err
			}
		}
		for i, r := range c.rows {
			n := c.leads[i]
			if n.class == "" {
				if err := im.insert(t, &part, r.Line, &n); err != nil {
					return err
				}
			}
			if n.class == "" {
				continue
			}
			part.Rejected++
			part.Reasons[n.class]++
			_, err := t.exec(`INSERT INTO rejected_rows (base_id, line, reason, row) VALUES (?, ?, ?, ?)
				ON CONFLICT DO UPDATE SET reason = excluded.reason, row = excluded.row`,
				part.Base, r.Line, n.class+": "+n.reason, rowText(r.Values))
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	im.begun = true
	im.report.Base = part.Base
	im.report.Rows += len(c.rows)
	im.report.Accepted += part.Accepted
	im.report.Known += part.Known
	im.report.Rejected += part.Rejected
	for class, n := range part.Reasons {
		im.report.Reasons[class] += n
	}
	return nil
}

// begin writes the base's own row, or finds that of an earlier run, whose
// rejected rows are then looked at anew.
func (im *importer) begin(t *tx, part *Report) (err error) {
	if im.campaign, err = t.campaignID(im.spec.Campaign); err != nil {
		return err
	}
	var one int
	if im.dnc, err = t.get("SELECT 1 FROM dnc LIMIT 1", nil, &one); err != nil {
		return err
	}
	header, vars := tojson(im.mapping.Header), tojson(im.mapping.Vars)
	_, err = t.exec(`INSERT INTO bases (campaign_id, fingerprint, name, header, vars) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET name = excluded.name, header = excluded.header, vars = excluded.vars, complete = 0`,
		im.campaign, im.report.Fingerprint, im.spec.Name, header, vars)
	if err != nil {
		return err
	}
	_, err = t.get("SELECT id FROM bases WHERE campaign_id = ? AND fingerprint = ?", []any{im.campaign, im.report.Fingerprint}, &part.Base)
	if err != nil {
		return err
	}
	_, err = t.exec("DELETE FROM rejected_rows WHERE base_id = ?", part.Base)
	return err
}

// insert adds a lead, or finds out why not: then n has a class, or part counts
// it as known.
func (im *importer) insert(t *tx, part *Report, line int, n *newRow) error {
	if im.dnc {
		var reason string
		barred, err := t.get("SELECT reason FROM dnc WHERE phone = ?", []any{n.phone}, &reason)
		if err != nil {
			return err
		}
		if barred {
			return im.refuse(t, part, line, n, RejectDNC, strings.TrimSpace("the number is on the do-not-call list. "+reason))
		}
	}
	changed, err := t.exec(`INSERT OR IGNORE INTO leads (campaign_id, base_id, line, external_id, phone, zone, row, next_at)
		SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8
		WHERE NOT EXISTS (SELECT 1 FROM leads WHERE campaign_id = ?1 AND phone = ?5)`,
		im.campaign, part.Base, line, n.external, n.phone, n.zone, n.row, nanos(im.spec.NextAt))
	if err != nil {
		return err
	}
	if changed == 1 {
		part.Accepted++
		return nil
	}
	return im.refuse(t, part, line, n, RejectDuplicate, "")
}

// refuse rejects a row, unless its lead is there from an earlier run.
func (im *importer) refuse(t *tx, part *Report, line int, n *newRow, class, reason string) error {
	var k known
	same, err := t.get(`SELECT id, base_id, line FROM leads WHERE campaign_id = ?1 AND phone = ?2
		ORDER BY base_id = ?3 AND line = ?4 DESC, id LIMIT 1`,
		[]any{im.campaign, n.phone, part.Base, line}, &k.lead, &k.base, &k.line)
	if err != nil {
		return err
	}
	switch {
	case same && k.base == part.Base && k.line == line:
		part.Known++
		return nil
	case reason != "":
	case same && k.base == part.Base:
		reason = fmt.Sprintf("line %d has the same number", k.line)
	case same:
		reason = fmt.Sprintf("lead %d of the campaign has this number already", k.lead)
	default:
		reason = fmt.Sprintf("the external id %q was used before", clipText(n.external, 100))
	}
	n.class, n.reason = class, reason
	return nil
}

func clipText(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}

// finish marks the base as read to its end.
func (im *importer) finish(ctx context.Context) error {
	return im.store.change(ctx, "importing the base "+im.spec.Name, func(t *tx) error {
		_, err := t.exec("UPDATE bases SET complete = 1 WHERE id = ?", im.report.Base)
		return err
	})
}
