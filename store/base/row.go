package base

import "io"

// Format is what a base turned out to be.
type Format struct {
	Kind      string // csv | xlsx
	Encoding  string // csv: UTF-8, windows-1251, UTF-16LE, UTF-16BE
	Delimiter string // csv
	Sheet     string // xlsx
}

// Row is one row of a base.
type Row struct {
	Line   int // of its beginning in the file, from 1
	Values []string
	Fault  string // why it can't be read; Values then hold its beginning as one text
}

// Reader reads the rows of a base. Rows that hold nothing are skipped.
type Reader interface {
	Format() Format
	// Next returns the next row, or io.EOF. Other errors end the base.
	Next() (Row, error)
	// Exact returns a cell of the row that Next returned last without the
	// rounding of its display.
	Exact(column int) (string, error)
	// Offset tells how much of the file has been read, in bytes; for a
	// spreadsheet it is an estimate.
	Offset() int64
	io.Closer
}
