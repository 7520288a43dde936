package store

import (
	"bufio"
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// csvFile is a file that gets its name only when it is complete.
type csvFile struct {
	path string
	tmp  *os.File
	buf  *bufio.Writer
	csv  *csv.Writer
	row  []string
}

func createCSV(path string) (*csvFile, error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	tmp, err := os.CreateTemp(dir, ".dozvon-*")
	if err != nil {
		return nil, err
	}
	buf := bufio.NewWriterSize(tmp, 64<<10)
	return &csvFile{path: path, tmp: tmp, buf: buf, csv: csv.NewWriter(buf)}, nil
}

func (f *csvFile) write(row []string) error {
	f.row = f.row[:0]
	for _, cell := range row {
		f.row = append(f.row, harmless(cell))
	}
	return f.csv.Write(f.row)
}

// complete brings everything to the disk.
func (f *csvFile) complete() error {
	f.csv.Flush()
	err := f.csv.Error()
	if err == nil {
		err = f.buf.Flush()
	}
	if err == nil {
		err = f.tmp.Chmod(0o644)
	}
	if err == nil {
		err = f.tmp.Sync()
	}
	return errors.Join(err, f.tmp.Close())
}

func (f *csvFile) publish() error { return os.Rename(f.tmp.Name(), f.path) }

func (f *csvFile) discard() {
	f.tmp.Close() // it may be closed already
	os.Remove(f.tmp.Name())
}

// harmless keeps a value data when a spreadsheet opens the file: one that would
// be taken for a formula gets an apostrophe in front, which spreadsheets do
// not show. Such are values that begin with =, @, a tab or a line break, and
// those that begin with + or - and are not a number or a phone number. All
// other values stay as they came, so that programs read them back unchanged.
// (OWASP, "CSV Injection".)
func harmless(s string) string {
	if s == "" {
		return s
	}
	switch s[0] {
	case '=', '@', '\t', '\r', '\n':
		return "'" + s
	case '+', '-':
		if strings.Trim(s, "0123456789+-.,() ") != "" {
			return "'" + s
		}
	}
	return s
}
