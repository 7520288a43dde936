package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync/atomic"
	"time"

	_ "github.com/mattn/go-sqlite3" // the driver "sqlite3"
	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// applicationID marks a SQLite file as ours ("DOZV", PRAGMA application_id).
const applicationID = 0x444f5a56

// Options of a store.
type Options struct {
	Encoder Encoder // makes outbox items of saves; nil: nothing enters the outbox with a save
	Readers int     // connections for reading; 4 if zero
	// Forbidden says why a number (E.164) may not be called, nil if it may: rows
	// and pushes with such numbers are refused. nil: all may.
	Forbidden func(e164 string) error
	// Busy is how long a write waits for a foreign program (a backup, a
	// database browser) that holds the file; 5 s if zero.
	Busy time.Duration
	// Guest opens a database also while another process has it open, if its
	// schema is this dozvon's. Only what the other process never writes may be
	// written then: labels of calls.
	Guest bool

	maxPages int // limit of the file's size, for tests of a full disk
}

// Store is a database of dozvon in one SQLite file. Its methods may be called
// from any goroutine.
type Store struct {
	path    string
	encoder Encoder
	forbids func(e164 string) error
	lock    *lock // nil: a guest
	write   *sql.DB
	conn    *sql.Conn
	read    *sql.DB
	writer  *writer
	lastID  atomic.Int64 // last attempt id given out
	closed  atomic.Bool
}

// Open opens the database at path, creates it if need be, and brings its
// schema up to date. Only one process may have it open, but for guests:
// otherwise the error is ErrInUse and names the process.
func Open(ctx context.Context, path string, o Options) (*Store, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil, tell(ErrNotADatabase, nil, "opening the database %s: it is a folder; name a file", path)
	}
	l, err := acquire(path)
	if err != nil && !(o.Guest && errors.Is(err, ErrInUse)) {
		return nil, err
	}
	s := &Store{path: path, encoder: o.Encoder, forbids: o.Forbidden, lock: l}
	if s.forbids == nil {
		s.forbids = func(string) error { return nil }
	}
	if err := s.connect(ctx, o); err != nil {
		s.disconnect()
		return nil, explain(path, "opening the database", err)
	}
	s.writer = startWriter(s.conn)
	return s, nil
}

func (s *Store) connect(ctx context.Context, o Options) (err error) {
	busy := o.Busy
	if busy == 0 {
		busy = 5 * time.Second
	}
	// The driver keeps statements by their text: looking for leads is as dear to
	// prepare as to run.
	params := fmt.Sprintf("_busy_timeout=%d&_foreign_keys=on&_cache_size=-65536&_stmt_cache_size=64", busy.Milliseconds())
	// synchronous=FULL: a commit in WAL mode is on the disk when it returns.
	s.write, err = openPool(s.path, params+"&_txlock=immediate&_journal_mode=WAL&_synchronous=FULL", 1)
	if err != nil {
		return err
	}
	if err = s.checkOurs(ctx); err != nil {
		return err
	}
	if s.lock == nil {
		err = s.checkSchema(ctx)
	} else {
		err = s.migrate(ctx)
	}
	if err != nil {
		return err
	}
	if s.conn, err = s.write.Conn(ctx); err != nil {
		return err
	}
	// Pages that an import touches again and again are written back once per
	// 64 MB of log, not per 4 MB; the log shrinks to that size afterwards.
	for _, pragma := range []string{"PRAGMA wal_autocheckpoint=16384", "PRAGMA journal_size_limit=67108864"} {
		if _, err = s.conn.ExecContext(ctx, pragma); err != nil {
			return err
		}
	}
	if o.maxPages > 0 {
		if _, err = s.conn.ExecContext(ctx, fmt.Sprintf("PRAGMA max_page_count=%d", o.maxPages)); err != nil {
			return err
		}
	}
	// AUTOINCREMENT remembers the highest id ever used, also of deleted rows.
	var last int64
	err = s.conn.QueryRowContext(ctx, "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'attempts'").Scan(&last)
	if err != nil {
		return err
	}
	s.lastID.Store(last)
	readers := o.Readers
	if readers == 0 {
		readers = 4
	}
	s.read, err = openPool(s.path, params+"&_query_only=true", readers)
	return err
}

// openPool opens connections to a file whose name may hold any characters.
func openPool(path, params string, n int) (*sql.DB, error) {
	name := strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path)
	db, err := sql.Open("sqlite3", "file:"+name+"?"+params)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	db.SetConnMaxIdleTime(0)
	return db, nil
}

// checkOurs refuses the database of another program, and marks a new one.
func (s *Store) checkOurs(ctx context.Context) error {
	var id, tables int
	if err := s.write.QueryRowContext(ctx, "PRAGMA application_id").Scan(&id); err != nil {
		return err
	}
	if id == applicationID {
		return nil
	}
	if err := s.write.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables); err != nil {
		return err
	}
	if tables > 0 || id != 0 {
		return tell(ErrNotADatabase, nil, "opening the database %s: it belongs to another program; choose another file for the database", s.path)
	}
	_, err := s.write.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id=%d", applicationID))
	return err
}

func (s *Store) migrate(ctx context.Context) error {
	p, have, newest, err := s.versions(ctx)
	if err != nil {
		return err
	}
	if have > newest {
		return tell(ErrNewer, nil, "opening the database %s: it was made by a newer dozvon (schema %d, this one knows %d); update dozvon or choose another file", s.path, have, newest)
	}
	_, err = p.Up(ctx)
	return err
}

// checkSchema refuses a guest whose host has another schema.
func (s *Store) checkSchema(ctx context.Context) error {
	_, have, newest, err := s.versions(ctx)
	if err == nil && have != newest {
		err = tell(ErrInUse, nil, "the database %s is in use by another version of dozvon (schema %d, this one knows %d); wait until it has finished or stop it", s.path, have, newest)
	}
	return err
}

// versions returns the schema that the database has, and the newest known.
func (s *Store) versions(ctx context.Context) (p *goose.Provider, have, newest int64, err error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, 0, 0, err
	}
	if p, err = goose.NewProvider(goose.DialectSQLite3, s.write, files); err != nil {
		return nil, 0, 0, err
	}
	have, err = p.GetDBVersion(ctx)
	sources := p.ListSources()
	return p, have, sources[len(sources)-1].Version, err
}

// Close finishes the writes under way and gives the database back. It may be
// called more than once.
func (s *Store) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	s.writer.stop()
	// The statistics help the planner of the next run; without them it is only slower.
	_, _ = s.conn.ExecContext(context.Background(), "PRAGMA optimize")
	return explain(s.path, "closing the database", s.disconnect())
}

// disconnect closes whatever is open.
func (s *Store) disconnect() error {
	var errs []error
	if s.read != nil {
		errs = append(errs, s.read.Close())
	}
	if s.conn != nil {
		errs = append(errs, s.conn.Close())
	}
	if s.write != nil {
		errs = append(errs, s.write.Close())
	}
	return errors.Join(append(errs, s.lock.release())...)
}

// change runs do in a transaction and words its error.
func (s *Store) change(ctx context.Context, doing string, do func(*tx) error) error {
	err := s.writer.write(ctx, do)
	if errors.Is(err, ErrClosed) {
		return tell(ErrClosed, nil, "%s: the database %s is closed", doing, s.path)
	}
	return explain(s.path, doing, err)
}

// fault words an error of a read.
func (s *Store) fault(doing string, err error) error {
	if err != nil && s.closed.Load() {
		return tell(ErrClosed, err, "%s: the database %s is closed", doing, s.path)
	}
	return explain(s.path, doing, err)
}
