package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/mattn/go-sqlite3"
)

// fill imports rows until the disk is full.
func fill(s *Store, campaign string, rows int) (Report, error) {
	var b strings.Builder
	b.WriteString("phone,name\n")
	for i := range rows {
		fmt.Fprintf(&b, "+7916%07d,a name of some length\n", i)
	}
	return s.Import(context.Background(), ImportSpec{Campaign: campaign, Reader: strings.NewReader(b.String()), DefaultZone: "Europe/Moscow"})
}

// wantFull looks that a full disk is said in words and that the store goes on.
func wantFull(t *testing.T, s *Store) {
	t.Helper()
	r, err := fill(s, "c", 20_000)
	if !errors.Is(err, ErrDiskFull) {
		t.Fatalf("%+v, %v", r, err)
	}
	for _, part := range []string{s.path, "free some space", "run the same command again"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
	if totals, err := s.Totals(context.Background(), "c"); err != nil || totals.Leads != r.Accepted {
		t.Fatalf("%d leads were confirmed, %d are there, %v", r.Accepted, totals.Leads, err)
	}
}

func TestDatabaseIsFull(t *testing.T) {
	path := filepath.Join(t.TempDir(), "full.db")
	s, err := Open(context.Background(), path, Options{maxPages: 600})
	if err != nil {
		t.Fatal(err)
	}
	wantFull(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	// With room again, the same import comes to its end.
	if s, err = Open(context.Background(), path, Options{}); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if r, err := fill(s, "c", 20_000); err != nil || r.Accepted+r.Known != 20_000 {
		t.Fatalf("%+v, %v", r, err)
	}
}

func TestDiskIsFull(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=3m"); err != nil {
		t.Skipf("needs the right to mount a small disk: %v", err)
	}
	defer func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	}()
	s, err := Open(context.Background(), filepath.Join(dir, "full.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	wantFull(t, s)
	err = s.Export(context.Background(), "c", filepath.Join(dir, "out"), time.Second)
	if !errors.Is(err, ErrDiskFull) || !strings.Contains(err.Error(), "safe in the database") {
		t.Fatalf("%v", err)
	}
	if files, err := filepath.Glob(filepath.Join(dir, "out", "*")); err != nil || len(files) > 0 {
		t.Fatalf("half an export was published: %q, %v", files, err)
	}
}

// TestEveryDatabaseErrorHasWords: no error of the library reaches a user bare.
func TestEveryDatabaseErrorHasWords(t *testing.T) {
	for code, kind := range map[sqlite3.ErrNo]error{
		sqlite3.ErrFull: ErrDiskFull, sqlite3.ErrReadonly: ErrReadOnly, sqlite3.ErrPerm: ErrReadOnly, sqlite3.ErrCantOpen: ErrReadOnly,
		sqlite3.ErrNotADB: ErrNotADatabase, sqlite3.ErrCorrupt: ErrCorrupt, sqlite3.ErrIoErr: ErrDiskFull, sqlite3.ErrBusy: ErrInUse, sqlite3.ErrLocked: ErrInUse,
	} {
		bare := sqlite3.Error{Code: code}
		err := explain("/x.db", "saving", fmt.Errorf("deep: %w", bare))
		if !errors.Is(err, kind) || !strings.HasPrefix(err.Error(), "saving: ") || !strings.Contains(err.Error(), "/x.db") {
			t.Errorf("%v: %v", code, err)
		}
		if again := explain("/y.db", "more", err); again != err {
			t.Errorf("%v was worded twice: %v", code, again)
		}
		var cause sqlite3.Error
		if !errors.As(err, &cause) {
			t.Errorf("%v: the cause is lost", code)
		}
	}
	if err := explain("/x.db", "saving", os.ErrInvalid); !strings.HasPrefix(err.Error(), "saving: ") || !errors.Is(err, os.ErrInvalid) {
		t.Error(err)
	}
	if explain("/x.db", "saving", nil) != nil {
		t.Error("an error out of nothing")
	}
}

func TestExportFolderCantBeWritten(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(context.Background(), filepath.Join(dir, "x.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := fill(s, "c", 3); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Export(context.Background(), "c", file, 0); !errors.Is(err, ErrReadOnly) || !strings.Contains(err.Error(), "choose another folder") {
		t.Fatalf("%v", err)
	}
}

func TestMeasureImport(t *testing.T) {
	m, err := MeasureImport(context.Background(), t.TempDir(), 5000)
	if err != nil || m.Rows != 5000 || m.RowsPerSec <= 0 || m.Database == 0 {
		t.Fatalf("%+v, %v", m, err)
	}
}
