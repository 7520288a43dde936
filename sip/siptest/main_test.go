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
	// A message that sipgo sends while its listener closes gets a socket of its
	// own, which nothing can close any more: a fault of the library's at the very
	// end of a test's phone.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/emiago/sipgo/sip.(*TransportUDP).readUDPConnection"))
}

// testContext bounds what a test waits for.
func testContext(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	t.Cleanup(cancel)
	return ctx
}
