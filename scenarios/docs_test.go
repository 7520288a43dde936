package scenarios

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

// The example of the guide is a whole scenario that passes its own tests.
func TestExampleOfTheGuide(t *testing.T) {
	text, err := os.ReadFile("../docs/scenarios.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), "```yaml\n")
	example, _, closed := strings.Cut(rest, "```")
	if !found || !closed {
		t.Fatal("docs/scenarios.md has no yaml example")
	}
	sc, err := LoadFS(fstest.MapFS{"example/scenario.yaml": {Data: []byte(example)}}, "example/scenario.yaml")
	if err != nil {
		t.Fatal(err)
	}
	results := sc.RunTests()
	if len(results) == 0 {
		t.Fatal("the example has no tests")
	}
	for _, r := range results {
		for _, f := range r.Faults {
			t.Errorf("%s: %s (heard %q)", r.Name, f, r.Heard)
		}
	}
}
