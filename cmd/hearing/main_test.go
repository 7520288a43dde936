package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestListAndRefusals(t *testing.T) {
	var out strings.Builder
	if code, err := run(context.Background(), []string{"-list"}, &out); code != 0 || err != nil || !strings.Contains(out.String(), "talk-off") {
		t.Errorf("%d, %v: %s", code, err, out.String())
	}
	if code, err := run(context.Background(), []string{"-only", "nothing"}, &out); code != 2 || err == nil {
		t.Errorf("%d, %v", code, err)
	}
	if code, err := run(context.Background(), []string{"-fit", "nothing"}, &out); code != 2 || err == nil {
		t.Errorf("%d, %v", code, err)
	}
	if code, _ := run(context.Background(), []string{"-what"}, &out); code != 2 {
		t.Errorf("%d", code)
	}
}

func TestOneBarIsPrintedAndWritesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hearing.md")
	var out strings.Builder
	code, err := run(context.Background(), []string{"-only", "dtmf", "-o", path}, &out)
	if err != nil || code > 1 || !strings.Contains(out.String(), "errors in") {
		t.Errorf("%d, %v: %s", code, err, out.String())
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("a report was written: %v", err)
	}
}
