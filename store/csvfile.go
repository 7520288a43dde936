package store

import (
	"bufio"
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"

	"dozvon/internal/csvcell"
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
		f.row = append(f.row, csvcell.Harmless(cell))
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
