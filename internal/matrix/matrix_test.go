package matrix

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// row is a line of the table: | behaviour | tests | peers |.
var row = regexp.MustCompile(`^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$`)

// mention is a test as the table names it: `room.TestName`, or
// `room.TestName/part`, where the part is a word that stands in the test's
// file.
var mention = regexp.MustCompile("`([a-z/]+)\\.((?:Test|Fuzz|Benchmark)\\w+)(?:/([^`]+))?`")

func TestTheMatrixNamesTestsThatExist(t *testing.T) {
	root := filepath.Join("..", "..")
	text, err := os.ReadFile(filepath.Join(root, "docs", "matrix.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for _, line := range strings.Split(string(text), "\n") {
		m := row.FindStringSubmatch(line)
		if m == nil || strings.HasPrefix(line, "| behaviour") || strings.HasPrefix(line, "|---") {
			continue
		}
		rows++
		named := mention.FindAllStringSubmatch(m[2], -1)
		if len(named) == 0 {
			t.Errorf("no test shows: %s", m[1])
		}
		for _, n := range named {
			if !exists(t, filepath.Join(root, n[1]), n[2], n[3]) {
				t.Errorf("%s: there is no test %s", m[1], n[0])
			}
		}
	}
	if rows < 60 {
		t.Errorf("the matrix has only %d rows", rows)
	}
}

// exists looks for a test in a folder, and for the word of its part in the
// same file.
func exists(t *testing.T, dir, name, part string) bool {
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "func "+name+"(") && strings.Contains(string(text), part) {
			return true
		}
	}
	return false
}
