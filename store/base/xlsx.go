package base

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/xuri/excelize/v2"
)

// Limits of a workbook.
const (
	workbookMax = 256 << 20 // bytes, compressed: it is held in memory
	unpackedMax = 4 << 30   // bytes of all its parts; the large ones go to temporary files
	partMax     = 16 << 20  // a part that is unpacked in memory
	sheetRows   = 1 << 20   // Excel's own limit
)

// xlsxReader reads the first visible sheet of a workbook that is not empty,
// row by row. Cells are read as the spreadsheet shows them; Exact reads the
// bare value by a second walk over the sheet, begun when it is first needed.
type xlsxReader struct {
	book  *excelize.File
	sheet string
	size  int64
	total int // rows the sheet claims to have, at least 1
	rows  *excelize.Rows
	line  int
	exact *excelize.Rows
	at    int // line of exact
	bare  []string
}

// NewXLSX reads a base as a workbook of size bytes.
func NewXLSX(r io.Reader, size int64) (rd Reader, err error) {
	defer recoverBook(&err)
	if size > workbookMax {
		return nil, fmt.Errorf("the workbook has %d MB, at most %d MB can be read; save it as CSV", size>>20, workbookMax>>20)
	}
	book, err := excelize.OpenReader(io.LimitReader(r, workbookMax+1), excelize.Options{
		UnzipSizeLimit: unpackedMax, UnzipXMLSizeLimit: partMax,
		ShortDatePattern: "yyyy-mm-dd", LongDatePattern: "yyyy-mm-dd",
	})
	if err != nil {
		return nil, fmt.Errorf("the workbook can't be opened (%v); if it has a password, remove it, or save it as CSV", err)
	}
	x := &xlsxReader{book: book, size: size}
	for _, name := range book.GetSheetList() {
		if visible, _ := book.GetSheetVisible(name); !visible {
			continue
		}
		if found, err := x.begin(name); err != nil || found {
			if err != nil {
				book.Close()
			}
			return x, err
		}
	}
	book.Close()
	return nil, ErrEmpty
}

// recoverBook turns a panic of the spreadsheet library into an error: a broken
// workbook must not end the program.
func recoverBook(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("the workbook is broken (%v); open it in a spreadsheet program and save it again, or save it as CSV", p)
	}
}

// begin starts on a sheet; found is false if it holds nothing.
func (x *xlsxReader) begin(sheet string) (found bool, err error) {
	probe, err := x.book.Rows(sheet)
	if err != nil {
		return false, fmt.Errorf("the sheet %q can't be read: %v", sheet, err)
	}
	for n := 0; n < 1000 && !found && probe.Next(); n++ {
		cells, err := probe.Columns()
		if err != nil {
			probe.Close()
			return false, fmt.Errorf("the sheet %q can't be read: %v", sheet, err)
		}
		found = !allBlank(cells)
	}
	if err := probe.Close(); err != nil || !found {
		return false, err
	}
	x.sheet, x.total = sheet, 1
	if dimension, err := x.book.GetSheetDimension(sheet); err == nil {
		if _, last, ok := strings.Cut(dimension, ":"); ok {
			if _, row, err := excelize.CellNameToCoordinates(last); err == nil {
				x.total = row
			}
		}
	}
	x.rows, err = x.book.Rows(sheet)
	return true, err
}

func (x *xlsxReader) Format() Format { return Format{Kind: "xlsx", Sheet: x.sheet} }

func (x *xlsxReader) Offset() int64 {
	return int64(float64(x.size) * min(1, float64(x.line)/float64(x.total)))
}

func (x *xlsxReader) Next() (row Row, err error) {
	defer recoverBook(&err)
	for x.line < sheetRows && x.rows.Next() {
		x.line++
		cells, err := x.rows.Columns()
		if err != nil {
			return Row{}, fmt.Errorf("line %d of the sheet %q can't be read: %v", x.line, x.sheet, err)
		}
		if allBlank(cells) {
			continue
		}
		row := Row{Line: x.line, Values: cells}
		for _, c := range cells {
			if len(c) > fieldMax {
				row.Fault, row.Values = fmt.Sprintf("a value is longer than %d bytes", fieldMax), []string{clip(c, 200)}
				break
			}
		}
		return row, nil
	}
	if err := x.rows.Error(); err != nil && !errors.Is(err, io.EOF) {
		return Row{}, fmt.Errorf("the sheet %q can't be read beyond line %d: %v", x.sheet, x.line, err)
	}
	return Row{}, io.EOF
}

func (x *xlsxReader) Exact(column int) (cell string, err error) {
	defer recoverBook(&err)
	if x.exact == nil {
		if x.exact, err = x.book.Rows(x.sheet); err != nil {
			return "", err
		}
	}
	for x.at < x.line && x.exact.Next() {
		x.at++
		x.bare = nil
	}
	if x.bare == nil {
		if x.bare, err = x.exact.Columns(excelize.Options{RawCellValue: true}); err != nil {
			return "", err
		}
	}
	if column < len(x.bare) {
		return x.bare[column], nil
	}
	return "", nil
}

func (x *xlsxReader) Close() error {
	errs := []error{x.rows.Close()}
	if x.exact != nil {
		errs = append(errs, x.exact.Close())
	}
	return errors.Join(append(errs, x.book.Close())...)
}

// Open finds out what a file is by its first bytes and reads it from the
// beginning.
func Open(f *os.File) (Reader, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() == 0 {
		return nil, ErrEmpty
	}
	magic := make([]byte, len(magicZIP))
	if _, err := f.ReadAt(magic, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	if string(magic) == string(magicZIP) {
		return NewXLSX(f, info.Size())
	}
	return NewCSV(f)
}
