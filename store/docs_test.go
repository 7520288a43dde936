package store

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"dozvon/dialer"
)

// docs/results.md lists the columns of the files as they are, in their order.
func TestResultsOfTheGuide(t *testing.T) {
	text, err := os.ReadFile("../docs/results.md")
	if err != nil {
		t.Fatal(err)
	}
	var fields []string
	for f := range reflect.TypeFor[Summary]().Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		fields = append(fields, name)
	}
	for title, want := range map[string][]string{
		"## outcomes.csv": outcomeTitles, "## attempts.csv": attemptTitles, "## summary.json": fields,
	} {
		if got := firstCells(string(text), title); !slices.Equal(got, want) {
			t.Errorf("%s of docs/results.md has %v, the file has %v", title, got, want)
		}
	}
	_, list, _ := strings.Cut(string(text), "Dispositions: ")
	list, _, _ = strings.Cut(list, "\n\n")
	for _, d := range dialer.Dispositions() {
		if !strings.Contains(list, "`"+string(d)+"`") {
			t.Errorf("docs/results.md does not name the disposition %s", d)
		}
	}
}

// firstCells are the names in the first column of a section's table.
func firstCells(text, title string) (names []string) {
	_, section, _ := strings.Cut(text, title)
	section, _, _ = strings.Cut(section, "\n## ")
	for line := range strings.Lines(section) {
		if cell, ok := strings.CutPrefix(line, "| `"); ok {
			name, _, _ := strings.Cut(cell, "`")
			names = append(names, name)
		}
	}
	return names
}
