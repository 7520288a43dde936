package store_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"dozvon/dialer"
	"dozvon/store"
)

// wantErr looks that an error is of a kind and says what it should.
func wantErr(t testing.TB, err, kind error, says ...string) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Fatalf("got %v, want %v", err, kind)
	}
	for _, part := range says {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	if err := os.WriteFile(path("text.db"), []byte(strings.Repeat("no database at all ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	exec := func(name string, statements ...string) {
		db, err := sql.Open("sqlite3", path(name))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		for _, q := range statements {
			if _, err := db.Exec(q); err != nil {
				t.Fatal(err)
			}
		}
	}
	exec("foreign.db", "CREATE TABLE notes (text)")
	if err := open(t, path("newer.db"), store.Options{}).Close(); err != nil {
		t.Fatal(err)
	}
	exec("newer.db", "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)")
	if err := os.Mkdir(path("folder.db"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		kind error
		says []string
	}{
		"text.db":       {store.ErrNotADatabase, []string{"text.db", "choose another file"}},
		"foreign.db":    {store.ErrNotADatabase, []string{"foreign.db", "another program"}},
		"newer.db":      {store.ErrNewer, []string{"newer.db", "9999", "update dozvon"}},
		"folder.db":     {store.ErrNotADatabase, []string{"folder"}},
		"absent/new.db": {store.ErrReadOnly, []string{"does not exist", "create it"}},
		"text.db/x.db":  {store.ErrReadOnly, []string{"text.db"}},
	} {
		t.Run(name, func(t *testing.T) {
			for range 2 { // a refused database is given back
				_, err := store.Open(ctx, path(name), store.Options{})
				wantErr(t, err, c.kind, c.says...)
			}
		})
	}
}

func TestOpenTwiceInOneProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	s := open(t, path, store.Options{})
	_, err := store.Open(context.Background(), path, store.Options{})
	wantErr(t, err, store.ErrInUse, "in use by process")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, path, store.Options{})
}

// A guest labels calls while another has the database open.
func TestGuest(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "x.db")
	host := open(t, path, store.Options{})
	guest := open(t, path, store.Options{Guest: true})
	for i := range 20 { // both write by turns
		if err := errors.Join(host.SetSetting(ctx, "k", strings.Repeat("h", i)), guest.SetSetting(ctx, "g", strings.Repeat("g", i))); err != nil {
			t.Fatal(err)
		}
	}
	if err := guest.Close(); err != nil {
		t.Fatal(err)
	}
	if v, _, err := host.Setting(ctx, "g"); err != nil || len(v) != 19 {
		t.Errorf("%q, %v", v, err)
	}
	_, err := store.Open(ctx, path, store.Options{})
	wantErr(t, err, store.ErrInUse) // the guest took nothing from the host
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("DELETE FROM goose_db_version WHERE version_id = (SELECT max(version_id) FROM goose_db_version)"); err != nil {
		t.Fatal(err)
	}
	_, err = store.Open(ctx, path, store.Options{Guest: true})
	wantErr(t, err, store.ErrInUse, "another version")
}

func TestClosed(t *testing.T) {
	ctx := context.Background()
	s := open(t, filepath.Join(t.TempDir(), "x.db"), store.Options{})
	for range 2 {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	wantErr(t, s.SetSetting(ctx, "k", "v"), store.ErrClosed)
	_, _, err := s.Setting(ctx, "k")
	wantErr(t, err, store.ErrClosed)
}

func TestCloseWhileWriting(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "x.db")
	s := open(t, path, store.Options{})
	var wg sync.WaitGroup
	began := make(chan struct{}, 8)
	var mu sync.Mutex
	last := map[string]string{}
	for _, key := range []string{"a", "b", "c", "d"} {
		wg.Go(func() {
			for n := "x"; ; n += "x" {
				err := s.SetSetting(ctx, key, n)
				if errors.Is(err, store.ErrClosed) {
					return
				}
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				last[key] = n
				mu.Unlock()
				select {
				case began <- struct{}{}:
				default:
				}
			}
		})
	}
	for range 8 {
		<-began
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	s = open(t, path, store.Options{})
	for key, want := range last { // what was confirmed is there
		if got, _, err := s.Setting(ctx, key); err != nil || len(got) < len(want) {
			t.Errorf("%s: %d written, %d confirmed, %v", key, len(got), len(want), err)
		}
	}
}

func TestCancelledWrite(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "x.db"), store.Options{})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	wantErr(t, s.SetSetting(ctx, "k", "v"), context.Canceled)
	if _, found, err := s.Setting(context.Background(), "k"); err != nil || found {
		t.Fatal("a cancelled write was done")
	}
}

// keyless is an Encoder with a fault.
type keyless struct{}

func (keyless) Encode(dialer.Save) ([]store.OutboxItem, error) {
	return []store.OutboxItem{{Kind: "x"}}, nil // without a key
}

func (keyless) EncodeCampaign(time.Time, dialer.CampaignChanged, map[string]int) ([]store.OutboxItem, error) {
	return []store.OutboxItem{{Kind: "x"}}, nil
}

// TestOneBadWriteHarmsNoOther: in a group of commits only the bad one fails.
func TestOneBadWriteHarmsNoOther(t *testing.T) {
	ctx := context.Background()
	s := open(t, filepath.Join(t.TempDir(), "x.db"), store.Options{Encoder: keyless{}})
	if _, err := s.Import(ctx, store.ImportSpec{Campaign: "c", Reader: strings.NewReader("phone\n89161234567\n")}); err != nil {
		t.Fatal(err)
	}
	lead, err := s.Lead(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if err := s.SetSetting(ctx, "k", "v"); err != nil {
				t.Error(err)
			}
		})
		wg.Go(func() {
			err := s.Save(ctx, []dialer.Save{{Lead: lead, Notices: make([]dialer.Notice, 1)}})
			if !errors.Is(err, store.ErrWrongUse) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

// TestReadOnly runs a child without rights on a database of somebody else.
func TestReadOnly(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root to become a user without rights")
	}
	dir, err := os.MkdirTemp("/tmp", "dozvon-readonly-*") // every folder above it can be entered
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	binary := filepath.Join(dir, "test")
	content, err := os.ReadFile(os.Args[0])
	if err == nil {
		err = os.WriteFile(binary, content, 0o755)
	}
	path := filepath.Join(dir, "x.db")
	if err == nil {
		err = open(t, path, store.Options{}).Close()
	}
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	run := func() string {
		cmd := exec.Command(binary, path)
		cmd.Env = []string{childVar + "=readonly"}
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return string(out)
	}
	if said := run(); !strings.Contains(said, "can't be written") {
		t.Errorf("the folder: %s", said)
	}
	if err := os.Chmod(path+".lock", 0o666); err != nil {
		t.Fatal(err)
	}
	if said := run(); !strings.Contains(said, "can't be written") {
		t.Errorf("the file: %s", said)
	}
}
