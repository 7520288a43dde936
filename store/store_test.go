package store_test

import (
	"context"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"dozvon/store"
	"dozvon/store/storetest"
)

var _ storetest.Store = (*store.Store)(nil)

func open(t testing.TB, path string, o store.Options) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestSQLite(t *testing.T) {
	storetest.Run(t, func(t testing.TB, o store.Options) storetest.Store {
		return open(t, filepath.Join(t.TempDir(), "a?b#100%.db"), o) // any name will do
	})
}

func verify(m *testing.M) { goleak.VerifyTestMain(m) }
