package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
	"unicode"
)

// Export writes the files of a campaign into a folder: outcomes.csv,
// lists/NAME.csv, attempts.csv, rejected_rows.csv and summary.json. All of
// them show one moment. Each appears whole or not at all, under its name only
// when it is complete. wall is how long the run took by the wall clock, for
// summary.json; zero if unknown.
//
// Values stand in the files as they came, with one exception: see csvcell.Harmless.
// Times are RFC 3339 in the lead's zone.
func (s *Store) Export(ctx context.Context, campaign, dir string, wall time.Duration) error {
	sum, err := s.Summary(ctx, campaign)
	if err != nil {
		return err
	}
	if wall > 0 {
		sum.WallTime = wall.Seconds()
	}
	e := &exporter{dir: dir, files: map[string]*csvFile{}}
	defer e.discard()
	err = s.snapshot(ctx, func(q *sql.Tx) error { return e.write(ctx, q, campaign) })
	if err == nil {
		err = e.summary(sum)
	}
	if err == nil {
		err = e.publish()
	}
	return s.exportFault(dir, err)
}

// exportFault words an error of writing files.
func (s *Store) exportFault(dir string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return tell(ErrDiskFull, err, "writing the results: no room left on the disk for %s; free some space and run the same command again: the results are safe in the database", dir)
	case errors.Is(err, os.ErrPermission), errors.Is(err, syscall.EROFS), errors.Is(err, syscall.ENOTDIR), errors.Is(err, os.ErrNotExist):
		return tell(ErrReadOnly, err, "writing the results: the folder %s can't be written (%v); choose another folder: the results are safe in the database", dir, err)
	}
	return s.fault("writing the results", err)
}

// exporter holds the files of one export until all are written.
type exporter struct {
	dir   string
	files map[string]*csvFile // by path
}

func (e *exporter) write(ctx context.Context, q *sql.Tx, campaign string) error {
	var id int64
	if err := q.QueryRowContext(ctx, "SELECT id FROM campaigns WHERE name = ?", campaign).Scan(&id); err != nil {
		return err
	}
	l, err := newLayout(ctx, q, id)
	if err != nil {
		return err
	}
	all, err := e.create(filepath.Join(e.dir, "outcomes.csv"), l.header())
	if err != nil {
		return err
	}
	names := listNames{}
	err = l.outcomes(ctx, q, id, func(r *leadRow) error {
		row, err := l.row(ctx, r)
		if err != nil {
			return err
		}
		if err := all.write(row); err != nil || r.List == "" {
			return err
		}
		list, err := e.create(filepath.Join(e.dir, "lists", names.file(r.List)+".csv"), l.header())
		if err != nil {
			return err
		}
		return list.write(row)
	})
	if err != nil {
		return err
	}
	calls, err := e.create(filepath.Join(e.dir, "attempts.csv"), attemptTitles)
	if err != nil {
		return err
	}
	if err := attempts(ctx, q, id, calls.write); err != nil {
		return err
	}
	bad, err := e.create(filepath.Join(e.dir, "rejected_rows.csv"), []string{"line", "reason", "row"})
	if err != nil {
		return err
	}
	return rejected(ctx, q, id, bad.write)
}

// create returns the file of that path, begun with its titles.
func (e *exporter) create(path string, titles []string) (*csvFile, error) {
	if f := e.files[path]; f != nil {
		return f, nil
	}
	f, err := createCSV(path)
	if err != nil {
		return nil, err
	}
	e.files[path] = f
	return f, f.write(titles)
}

func (e *exporter) summary(sum Summary) error {
	f, err := createCSV(filepath.Join(e.dir, "summary.json"))
	if err != nil {
		return err
	}
	e.files[f.path] = f
	enc := json.NewEncoder(f.buf)
	enc.SetIndent("", "  ")
	return enc.Encode(sum)
}

// publish completes all files before the first gets its name.
func (e *exporter) publish() error {
	for _, f := range e.files {
		if err := f.complete(); err != nil {
			return err
		}
	}
	for path, f := range e.files {
		if err := f.publish(); err != nil {
			return err
		}
		delete(e.files, path)
	}
	return nil
}

// discard removes what was not published.
func (e *exporter) discard() {
	for _, f := range e.files {
		f.discard()
	}
}

// listNames gives lists their file names.
type listNames map[string]string

// file returns the name of a list's file without its ending: letters, digits,
// dots, dashes and underscores of the list's name, never a path. Lists whose
// names would be the same on some file system are told apart by a number.
func (n listNames) file(list string) string {
	if name, ok := n[list]; ok {
		return name
	}
	clean := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_' || r == '.' {
			return r
		}
		return '_'
	}, strings.ToValidUTF8(list, "_"))
	clean = strings.Trim(clean, ".")
	for len(clean) > 100 {
		r := []rune(clean)
		clean = string(r[:len(r)-1])
	}
	if clean == "" || slices.Contains(reserved, strings.ToLower(clean)) {
		clean = "list_" + clean
	}
	name := clean
	for i := 2; n.taken(name); i++ {
		name = fmt.Sprintf("%s_%d", clean, i)
	}
	n[list] = name
	return name
}

func (n listNames) taken(name string) bool {
	for _, other := range n {
		if strings.EqualFold(other, name) {
			return true
		}
	}
	return false
}

// reserved are names that Windows can't use for files.
var reserved = []string{"con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "lpt1", "lpt2", "lpt3"}
