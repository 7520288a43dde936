package store

import (
	"errors"
	"fmt"

	"github.com/mattn/go-sqlite3"

	"dozvon/dialer"
)

// Errors of a store, for errors.Is. What a method returns says in words what
// happened, to which file, and what to do.
var (
	ErrInUse        = errors.New("the database is in use")
	ErrDiskFull     = errors.New("the disk is full")
	ErrReadOnly     = errors.New("the database can't be written")
	ErrNotADatabase = errors.New("not a database of dozvon")
	ErrNewer        = errors.New("the database was made by a newer dozvon")
	ErrCorrupt      = errors.New("the database is damaged")
	ErrClosed       = errors.New("the store is closed")
	ErrNotFound     = errors.New("not found")
	ErrKeyReused    = errors.New("the idempotency key was used for another request")
	ErrBase         = errors.New("the base can't be imported") // wrong header, empty base, unreadable file
	ErrBusy         = errors.New("the lead is being called")
	ErrWrongUse     = errors.New("wrong use of the store")
)

// RefusedError says that leads of a Place can't be dialled, because they are
// not (or no longer) ready or waiting: a number that joined the do-not-call
// list a moment ago. Nothing of the batch was committed.
type RefusedError struct {
	Leads  []dialer.LeadID
	States []dialer.LeadState // States[i] is the state of Leads[i]; empty if it does not exist
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("placing calls: %d lead(s) can't be dialled (the first: lead %d is %q); nothing was placed",
		len(e.Leads), e.Leads[0], e.States[0])
}

// Refused returns the leads that were refused.
func (e *RefusedError) Refused() []dialer.LeadID { return e.Leads }

// told is an error whose words are complete; its cause stays reachable for
// errors.Is and errors.As but is not shown.
type told struct {
	kind  error
	words string
	cause error
}

func (t *told) Error() string { return t.words }

func (t *told) Unwrap() []error {
	if t.cause == nil {
		return []error{t.kind}
	}
	return []error{t.kind, t.cause}
}

func tell(kind, cause error, format string, args ...any) error {
	return &told{kind: kind, cause: cause, words: fmt.Sprintf(format, args...)}
}

// explain words an error of the database: doing is what was being done
// ("saving calls"), path the database's file.
func explain(path, doing string, err error) error {
	if err == nil {
		return nil
	}
	var known *told
	var refused *RefusedError
	if errors.As(err, &known) || errors.As(err, &refused) {
		return err
	}
	var lite sqlite3.Error
	if !errors.As(err, &lite) {
		return fmt.Errorf("%s: %w", doing, err)
	}
	switch lite.Code {
	case sqlite3.ErrFull:
		return tell(ErrDiskFull, err, "%s: no room left on the disk for %s; free some space and run the same command again: everything committed so far is kept", doing, path)
	case sqlite3.ErrReadonly, sqlite3.ErrPerm, sqlite3.ErrAuth:
		return tell(ErrReadOnly, err, "%s: %s can't be written; check the rights of the file and of its folder (and that the disk is not mounted read-only), or choose another file", doing, path)
	case sqlite3.ErrCantOpen:
		return tell(ErrReadOnly, err, "%s: %s can't be opened or created; check that its folder exists and that you may write there", doing, path)
	case sqlite3.ErrNotADB:
		return tell(ErrNotADatabase, err, "%s: %s is not a database of dozvon; choose another file for the database", doing, path)
	case sqlite3.ErrCorrupt:
		return tell(ErrCorrupt, err, "%s: %s is damaged (%v); copy the file away, then restore it from a backup", doing, path, lite)
	case sqlite3.ErrIoErr:
		return tell(ErrDiskFull, err, "%s: the disk refused to read or write %s (%v); check that it has room and is healthy, then run the same command again: everything committed so far is kept", doing, path, lite)
	case sqlite3.ErrBusy, sqlite3.ErrLocked:
		return tell(ErrInUse, err, "%s: another program holds %s; close it (a database browser, a backup) and try again", doing, path)
	}
	return fmt.Errorf("%s: the database %s refused it: %w", doing, path, err)
}
