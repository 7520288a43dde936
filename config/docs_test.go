package config

import (
	"os"
	"strings"
	"testing"
)

// The example of docs/configuration.md is a whole configuration.
func TestExampleOfTheGuide(t *testing.T) {
	text, err := os.ReadFile("../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), "```yaml\n")
	example, _, closed := strings.Cut(rest, "```")
	if !found || !closed {
		t.Fatal("docs/configuration.md has no yaml example")
	}
	known := func(string) (string, bool) { return "0123456789abcdef", true }
	if _, err := Parse("docs/configuration.md", []byte(example), known); err != nil {
		t.Fatal(err)
	}
}
