package siptest

import (
	"context"
	"flag"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// TestMain runs many tests at a time: they wait for sound more than they work.
func TestMain(m *testing.M) {
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

// testContext bounds what a test waits for.
func testContext(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	t.Cleanup(cancel)
	return ctx
}
