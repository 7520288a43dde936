package siptest

import (
	"fmt"
	"strings"
)

// Fault is one thing wrong with a book of subscribers.
type Fault struct {
	File         string
	Line, Column int // from 1; 0: not from a file
	What         string
}

// Error returns the fault with its place.
func (f Fault) Error() string {
	switch {
	case f.Line == 0 && f.File == "":
		return f.What
	case f.Line == 0:
		return f.File + ": " + f.What
	case f.File == "":
		return fmt.Sprintf("line %d, column %d: %s", f.Line, f.Column, f.What)
	}
	return fmt.Sprintf("%s:%d:%d: %s", f.File, f.Line, f.Column, f.What)
}

// Faults are all faults of a book, found in one pass.
type Faults []Fault

// Error returns one line a fault.
func (fs Faults) Error() string {
	lines := make([]string, len(fs))
	for i, f := range fs {
		lines[i] = f.Error()
	}
	return strings.Join(lines, "\n")
}

func (fs Faults) err() error {
	if len(fs) == 0 {
		return nil
	}
	return fs
}
