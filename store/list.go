package store

import (
	"context"
	"database/sql"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/xuri/excelize/v2"

	"dozvon/dialer"
)

// ListFormat is the format of a written list.
type ListFormat string

// Formats of lists.
const (
	ListCSV  ListFormat = "csv"
	ListXLSX ListFormat = "xlsx"
	ListJSON ListFormat = "json"
)

// WriteList writes the leads that ended on a list: as CSV and XLSX with the
// columns of outcomes.csv, as JSON with an array of objects. XLSX cells are
// texts: nothing in them is ever a formula. A list with no leads gives a file
// with titles only.
func (s *Store) WriteList(ctx context.Context, w io.Writer, format ListFormat, campaign, list string) error {
	if list == "" {
		return tell(ErrWrongUse, nil, "writing a list: it has no name")
	}
	var begin func(*layout) (rowWriter, error)
	switch format {
	case ListCSV:
		begin = func(l *layout) (rowWriter, error) { return csvList(w, l) }
	case ListXLSX:
		begin = func(l *layout) (rowWriter, error) { return xlsxList(w, l) }
	case ListJSON:
		begin = func(l *layout) (rowWriter, error) { return &jsonList{w: w, layout: l}, nil }
	default:
		return tell(ErrWrongUse, nil, "writing a list: there is no format %q; use csv, xlsx or json", format)
	}
	err := s.snapshot(ctx, func(q *sql.Tx) error {
		var id int64
		err := q.QueryRowContext(ctx, "SELECT id FROM campaigns WHERE name = ?", campaign).Scan(&id)
		if err == sql.ErrNoRows {
			return tell(ErrNotFound, nil, "there is no campaign %q in %s", campaign, s.path)
		}
		if err != nil {
			return err
		}
		l, err := newLayout(ctx, q, id)
		if err != nil {
			return err
		}
		rows, err := begin(l)
		if err != nil {
			return err
		}
		err = l.outcomes(ctx, q, id, list, func(r *leadRow) error { return rows.lead(ctx, r) })
		return rows.end(err)
	})
	return s.exportFault("the list "+list, err)
}

// rowWriter writes one lead after the other.
type rowWriter interface {
	lead(ctx context.Context, r *leadRow) error
	end(err error) error // completes the file, or gives it up if err is set, and returns err
}

type listCSV struct {
	layout *layout
	w      *csv.Writer
}

func csvList(w io.Writer, l *layout) (rowWriter, error) {
	c := &listCSV{l, csv.NewWriter(w)}
	return c, c.write(l.header())
}

func (c *listCSV) write(row []string) error {
	for i := range row {
		row[i] = harmless(row[i])
	}
	return c.w.Write(row)
}

func (c *listCSV) lead(ctx context.Context, r *leadRow) error {
	row, err := c.layout.row(ctx, r)
	if err != nil {
		return err
	}
	return c.write(row)
}

func (c *listCSV) end(err error) error {
	c.w.Flush()
	if err == nil {
		err = c.w.Error()
	}
	return err
}

type listXLSX struct {
	layout *layout
	out    io.Writer
	book   *excelize.File
	stream *excelize.StreamWriter
	line   int
}

func xlsxList(w io.Writer, l *layout) (rowWriter, error) {
	x := &listXLSX{layout: l, out: w, book: excelize.NewFile()}
	var err error
	if x.stream, err = x.book.NewStreamWriter("Sheet1"); err == nil {
		err = x.write(l.header())
	}
	if err != nil {
		x.book.Close()
		return nil, err
	}
	return x, nil
}

func (x *listXLSX) write(row []string) error {
	if x.line++; x.line > excelize.TotalRows {
		return tell(ErrWrongUse, nil, "writing a list: a spreadsheet holds %d rows at most; take the list as CSV", excelize.TotalRows)
	}
	cells := make([]any, len(row))
	for i, v := range row {
		if r := []rune(v); len(r) > excelize.TotalCellChars {
			v = string(r[:excelize.TotalCellChars])
		}
		cells[i] = v
	}
	return x.stream.SetRow(fmt.Sprintf("A%d", x.line), cells)
}

func (x *listXLSX) lead(ctx context.Context, r *leadRow) error {
	row, err := x.layout.row(ctx, r)
	if err != nil {
		return err
	}
	return x.write(row)
}

func (x *listXLSX) end(err error) error {
	defer x.book.Close()
	if err == nil {
		err = x.stream.Flush()
	}
	if err == nil {
		_, err = x.book.WriteTo(x.out)
	}
	return err
}

// listLead is a lead of a JSON list.
type listLead struct {
	ID          dialer.LeadID      `json:"lead_id"`
	ExternalID  string             `json:"external_id,omitempty"`
	Phone       string             `json:"phone"`
	List        string             `json:"list"`
	Disposition dialer.Disposition `json:"disposition"`
	Attempts    int                `json:"attempts"`
	FirstCall   time.Time          `json:"first_call_at,omitzero"`
	LastCall    time.Time          `json:"last_call_at,omitzero"`
	Answers     map[string]string  `json:"answers"`
	Columns     map[string]string  `json:"columns"`
}

type jsonList struct {
	layout *layout
	w      io.Writer
	begun  bool
}

func (j *jsonList) lead(ctx context.Context, r *leadRow) error {
	if err := j.layout.bases.columns(ctx, r); err != nil {
		return err
	}
	zone := j.layout.zones.find(r.Zone)
	l := listLead{ID: r.ID, ExternalID: r.ExternalID, Phone: r.Phone, List: r.List, Disposition: r.Last, Attempts: r.Attempts,
		Answers: r.Answers, Columns: r.Columns}
	if !r.FirstCall.IsZero() {
		l.FirstCall, l.LastCall = r.FirstCall.In(zone), r.LastCall.In(zone)
	}
	b, err := json.Marshal(l)
	if err != nil {
		return err
	}
	sep := ",\n"
	if !j.begun {
		sep, j.begun = "[\n", true
	}
	_, err = io.WriteString(j.w, sep+string(b))
	return err
}

func (j *jsonList) end(err error) error {
	if err != nil {
		return err
	}
	tail := "\n]\n"
	if !j.begun {
		tail = "[]\n"
	}
	_, err = io.WriteString(j.w, tail)
	return err
}
