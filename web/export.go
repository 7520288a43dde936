package web

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"reflect"
	"strconv"
	"time"

	"github.com/xuri/excelize/v2"

	"dozvon/dialer"
	"dozvon/internal/csvcell"
)

// Lists leave row by row; memory does not grow with their length.

type leadSeq = iter.Seq2[dialer.Lead, error]

func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }

// fixedColumns follow the base's own ones, as in the files of a run.
var fixedColumns = []string{"lead_id", "external_id", "phone_e164", "list", "disposition", "attempts",
	"first_call_at", "last_call_at", "answers"}

// tableRow is a lead as a row of a table.
func tableRow(columns []string, l dialer.Lead) []string {
	row := make([]string, 0, len(columns)+len(fixedColumns))
	for _, c := range columns {
		row = append(row, l.Columns[c])
	}
	answers, err := json.Marshal(nonNil(l.Answers))
	if err != nil { // a map of texts always encodes
		answers = nil
	}
	return append(row, strconv.FormatInt(int64(l.ID), 10), l.ExternalID, l.Phone, l.List, string(l.Last),
		strconv.Itoa(l.Attempts), stamp(l.FirstCall), stamp(l.LastCall), string(answers))
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}

func writeCSV(w io.Writer, columns []string, leads leadSeq) error {
	buffered := bufio.NewWriterSize(w, 32<<10)
	out := csv.NewWriter(buffered)
	titles := append(append([]string{}, columns...), fixedColumns...)
	for i := range titles {
		titles[i] = csvcell.Harmless(titles[i])
	}
	if err := out.Write(titles); err != nil {
		return fmt.Errorf("web: %w", err)
	}
	for l, err := range leads {
		if err != nil {
			return err
		}
		row := tableRow(columns, l)
		for i := range row {
			row[i] = csvcell.Harmless(row[i])
		}
		if err := out.Write(row); err != nil {
			return fmt.Errorf("web: %w", err)
		}
	}
	out.Flush()
	return errors.Join(out.Error(), buffered.Flush())
}

func writeJSON(w io.Writer, _ []string, leads leadSeq) error {
	out := bufio.NewWriterSize(w, 32<<10)
	separator := "["
	for l, err := range leads {
		if err != nil {
			return err
		}
		b, err := json.Marshal(viewLead(l))
		if err != nil {
			return fmt.Errorf("web: lead %d: %w", l.ID, err)
		}
		if _, err := out.WriteString(separator + string(b)); err != nil {
			return fmt.Errorf("web: %w", err)
		}
		separator = ",\n"
	}
	end := "]\n"
	if separator == "[" {
		end = "[]\n"
	}
	if _, err := out.WriteString(end); err != nil {
		return fmt.Errorf("web: %w", err)
	}
	return out.Flush()
}

// maxSheetRows is what a sheet holds.
const maxSheetRows = excelize.TotalRows

// writeXLSX makes the sheet in a temporary file and sends it once it is whole.
func writeXLSX(w io.Writer, columns []string, leads leadSeq) (err error) {
	book := excelize.NewFile()
	defer func() { err = errors.Join(err, book.Close()) }()
	sheet, err := book.NewStreamWriter("Sheet1")
	if err != nil {
		return fmt.Errorf("web: %w", err)
	}
	row := 1
	put := func(values []string) error {
		cells := make([]any, len(values))
		for i, v := range values {
			cells[i] = v // texts only: a value is never a formula
		}
		if row > maxSheetRows {
			return fmt.Errorf("%w: a sheet holds %d rows and this list has more; take it as csv", ErrInvalid, maxSheetRows)
		}
		row++
		return sheet.SetRow("A"+strconv.Itoa(row-1), cells)
	}
	if err := put(append(append([]string{}, columns...), fixedColumns...)); err != nil {
		return err
	}
	for l, err := range leads {
		if err != nil {
			return err
		}
		if err := put(tableRow(columns, l)); err != nil {
			return err
		}
	}
	if err := sheet.Flush(); err != nil {
		return fmt.Errorf("web: %w", err)
	}
	_, err = book.WriteTo(w)
	return err
}
