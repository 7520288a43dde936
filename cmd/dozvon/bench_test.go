package main

import (
	"context"
	"errors"
	"os/exec"
	"runtime"
	"strings"
	"testing"
)

// The benchmarks at their smallest: what they are about is checked by
// themselves (every call answered, every key heard, every prompt played), and
// how fast it goes is nobody's business here.
func TestBench(t *testing.T) {
	if runtime.GOOS != "linux" || runtime.NumCPU() < 2 {
		t.Skip("the benchmarks pin processes to two cores of Linux")
	}
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for args, want := range map[string][]string{
		"media --calls 4 --for 300ms":   {"4 calls at once", "ratio to the bare loop", "allocations a packet", "4 of 4 calls", "of 12 that followed another"},
		"setup --rates 20 --each 500ms": {"with the store", "ms at ", "no call failed"},
	} {
		c, o := command(ctx, t.TempDir(), append([]string{"bench"}, strings.Fields(args)...)...)
		err := c.Run()
		var exit *exec.ExitError
		if errors.As(err, &exit) && strings.Contains(o.err.String(), "cannot be used; the benchmarks need two") {
			t.Skip("this process may not use the second core")
		}
		if err != nil {
			t.Fatalf("bench %s: %v\n%s\n%s", args, err, o.out.String(), o.err.String())
		}
		for _, w := range want {
			if !strings.Contains(o.out.String(), w) {
				t.Errorf("bench %s says nothing of %q:\n%s", args, w, o.out.String())
			}
		}
	}
}
