package scenarios

import (
	"fmt"
	"sort"
	"strings"
)

// Fault is one thing wrong with a scenario file: what, where, and what to do.
type Fault struct {
	File   string // as it was given
	Line   int    // 1-based; 0: the file as a whole
	Column int    // 1-based, in characters
	What   string // what is wrong
	Do     string // what to do about it
	Source string // the line itself
}

// Error gives the fault in a compiler's form, with the line and a caret.
func (f Fault) Error() string {
	var b strings.Builder
	if f.Line == 0 {
		fmt.Fprintf(&b, "%s: %s", f.File, f.What)
	} else {
		fmt.Fprintf(&b, "%s:%d:%d: %s", f.File, f.Line, f.Column, f.What)
	}
	if f.Do != "" {
		b.WriteString("; " + f.Do)
	}
	if f.Source != "" {
		fmt.Fprintf(&b, "\n  %4d | %s\n       | %s^", f.Line, f.Source, strings.Repeat(" ", max(f.Column-1, 0)))
	}
	return b.String()
}

// Faults is every fault of a file, in the order of its lines.
type Faults []Fault

// Error lists every fault.
func (fs Faults) Error() string {
	lines := make([]string, len(fs))
	for i, f := range fs {
		lines[i] = f.Error()
	}
	return strings.Join(lines, "\n")
}

// maxFaults keeps the report of a hostile file readable.
const maxFaults = 100

// faultLog gathers the faults of one file.
type faultLog struct {
	file   string
	lines  []string
	faults Faults
}

// at records a fault at a node.
func (l *faultLog) at(n *node, do, format string, args ...any) {
	f := Fault{File: l.file, What: fmt.Sprintf(format, args...), Do: do}
	if n != nil {
		f.Line, f.Column = n.line, n.col
	}
	l.add(f)
}

func (l *faultLog) add(f Fault) {
	if len(l.faults) >= maxFaults {
		return
	}
	if f.Line > 0 && f.Line <= len(l.lines) {
		f.Source, f.Column = excerpt(l.lines[f.Line-1], f.Column)
	}
	l.faults = append(l.faults, f)
}

// err returns the faults in the order of the file, or nil.
func (l *faultLog) err() error {
	if len(l.faults) == 0 {
		return nil
	}
	sort.SliceStable(l.faults, func(i, j int) bool { return l.faults[i].Line < l.faults[j].Line })
	return l.faults
}

// excerpt cuts a long line around the column and makes it safe for a terminal.
func excerpt(line string, col int) (string, int) {
	const width = 100
	r := []rune(strings.Map(func(c rune) rune {
		if c == '\t' || c < ' ' || c == 0x7f {
			return ' '
		}
		return c
	}, line))
	if col > width {
		from := min(col-width/2, len(r))
		r, col = r[from:], col-from
	}
	if len(r) > width {
		r = append(r[:width:width], '…')
	}
	return string(r), col
}

// didYouMean proposes the nearest of the known words, or lists them all.
func didYouMean(word string, known []string) string {
	if len(known) == 0 {
		return ""
	}
	best, dist := "", 3
	for _, k := range known {
		if d := editDistance(strings.ToLower(word), strings.ToLower(k)); d < dist && d < len([]rune(k)) {
			best, dist = k, d
		}
	}
	if best != "" {
		return fmt.Sprintf("did you mean %q?", best)
	}
	return "use one of: " + strings.Join(known, ", ")
}

// editDistance is the Levenshtein distance in characters.
func editDistance(a, b string) int {
	x, y := []rune(a), []rune(b)
	if len(x) > 64 || len(y) > 64 {
		return 64
	}
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(x); i++ {
		diag := row[0]
		row[0] = i
		for j := 1; j <= len(y); j++ {
			cost := diag
			if x[i-1] != y[j-1] {
				cost++
			}
			diag = row[j]
			row[j] = min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(y)]
}
