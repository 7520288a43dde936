package store

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"

	"dozvon/dialer"
	"dozvon/store/base"
)

const (
	// Rows and bytes of one transaction. Numbers come in no order, so that a
	// chunk touches pages all over their index: larger chunks write far less.
	// It must stay short all the same: calls wait for it.
	chunkRows  = 8000
	chunkBytes = 4 << 20
	rowMax     = 16 << 10 // bytes of a rejected row that are kept
)

// Import reads a base into a campaign in one pass and bounded memory. Rows
// that can't become leads are recorded with line and reason. It may be broken
// off at any moment and run again: a row whose lead is there already is
// counted as known, and nothing is imported twice.
//
// A base as a whole that can't be imported (no phone column, no rows) is
// ErrBase, with the place and the remedy; then nothing was imported.
func (s *Store) Import(ctx context.Context, spec ImportSpec) (Report, error) {
	file, name, done, err := openBase(spec)
	if err != nil {
		return Report{}, err
	}
	defer done()
	if spec.Name == "" {
		spec.Name = name
	}
	im := &importer{store: s, spec: spec, report: Report{Reasons: map[string]int{}}}
	if im.report.Fingerprint, im.size, err = fileFingerprint(ctx, file); err == nil {
		err = im.run(ctx, file)
	}
	return im.report, err
}

// baseError words an error of a base as a whole.
func baseError(name string, err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return tell(ErrBase, err, "the base %s: %v", name, err)
}

// importer is one import under way.
type importer struct {
	store    *Store
	spec     ImportSpec
	reader   base.Reader
	mapping  base.Mapping
	size     int64
	campaign int64
	begun    bool // the base's row is written
	dnc      bool // the do-not-call list is not empty
	report   Report
}

func (im *importer) run(ctx context.Context, file *os.File) error {
	reader, err := base.Open(file)
	if err != nil {
		return baseError(im.spec.Name, err)
	}
	defer reader.Close()
	im.reader, im.report.Format = reader, reader.Format()
	first, err := im.head()
	if err != nil {
		return baseError(im.spec.Name, err)
	}
	ctx, cancel := context.WithCancel(ctx)
	chunks := im.produce(ctx, first)
	defer func() { // the producer must be gone before the reader is closed
		cancel()
		for c := range chunks {
			<-c.ready
		}
	}()
	for c := range chunks {
		<-c.ready
		if c.err != nil {
			return baseError(im.spec.Name, c.err)
		}
		if len(c.rows) == 0 {
			continue
		}
		if err := im.commit(ctx, c); err != nil {
			return err
		}
		im.progress(c.offset)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if im.report.Rows == 0 {
		return baseError(im.spec.Name, errors.New("it has titles but no rows; check that the right file was given"))
	}
	return im.finish(ctx)
}

func (im *importer) progress(offset int64) {
	if im.spec.Progress != nil {
		im.spec.Progress(Progress{Bytes: offset, Total: im.size, Rows: im.report.Rows, Rejected: im.report.Rejected})
	}
}

// head reads the titles and maps the columns; it returns the rows that it had
// to read for that and that are data.
func (im *importer) head() ([]base.Row, error) {
	top, err := im.reader.Next()
	if errors.Is(err, io.EOF) {
		return nil, base.ErrEmpty
	}
	if err != nil {
		return nil, err
	}
	if top.Fault != "" {
		return nil, fmt.Errorf("line %d: %s", top.Line, top.Fault)
	}
	w := base.Want{Columns: im.spec.Columns, Map: im.spec.Map, Region: im.spec.Region}
	second, err := im.reader.Next()
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	ended := err != nil
	if im.mapping, err = base.MapHeader(top.Values, second.Values, w); err != nil {
		return nil, err
	}
	im.describe()
	var rows []base.Row
	if im.mapping.Headless {
		rows = append(rows, top)
	}
	if !ended {
		rows = append(rows, second)
	}
	return rows, nil
}

// describe puts the mapping into the report.
func (im *importer) describe() {
	m := im.mapping
	im.report.Header = m.Header
	im.report.Mapping = map[string]string{base.TargetPhone: m.Header[m.Phone]}
	if m.Zone >= 0 {
		im.report.Mapping[base.TargetZone] = m.Header[m.Zone]
	}
	if m.External >= 0 {
		im.report.Mapping[base.TargetExternal] = m.Header[m.External]
	}
	for i, v := range m.Vars {
		if v != m.Header[i] {
			im.report.Mapping[v] = m.Header[i]
		}
	}
}

// chunk is a part of the base on its way to the database.
type chunk struct {
	rows   []base.Row
	leads  []newRow // leads[i] is made of rows[i]
	offset int64
	err    error
	ready  chan struct{} // closed when leads are made
}

// newRow is a row that was looked at.
type newRow struct {
	phone, zone, external string
	row                   string // JSON of the values
	class, reason         string // why it is rejected, if it is
}

// produce reads chunks in their order and looks at their rows on all cores.
func (im *importer) produce(ctx context.Context, first []base.Row) <-chan *chunk {
	chunks := make(chan *chunk, runtime.GOMAXPROCS(0))
	go func() {
		defer close(chunks)
		rows := first
		for ended := false; !ended; {
			c := &chunk{ready: make(chan struct{})}
			rows, ended, c.err = im.read(rows)
			c.rows, c.offset = rows, im.reader.Offset()
			rows = nil
			go func() {
				defer close(c.ready)
				c.leads = make([]newRow, len(c.rows))
				for i, r := range c.rows {
					c.leads[i] = im.look(r)
				}
			}()
			select {
			case chunks <- c:
			case <-ctx.Done():
				<-c.ready
				return
			}
		}
	}()
	return chunks
}

// read fills a chunk's rows.
func (im *importer) read(rows []base.Row) (_ []base.Row, ended bool, err error) {
	for size := 0; len(rows) < chunkRows && size < chunkBytes; {
		row, err := im.reader.Next()
		if errors.Is(err, io.EOF) {
			return rows, true, nil
		}
		if err != nil {
			return nil, true, err
		}
		if i := im.mapping.Phone; row.Fault == "" && i < len(row.Values) && base.Shortened(row.Values[i]) {
			exact, err := im.reader.Exact(i)
			if err != nil {
				return nil, true, err
			}
			row.Values[i] = exact
		}
		rows = append(rows, row)
		for _, v := range row.Values {
			size += len(v)
		}
	}
	return rows, false, nil
}

// look turns a row into what is to be stored. It runs on several goroutines.
func (im *importer) look(r base.Row) (n newRow) {
	if r.Fault != "" {
		n.class, n.reason = RejectRow, r.Fault
		return n
	}
	m := im.mapping
	values := r.Values
	for i := len(m.Header); i < len(values); i++ {
		if strings.TrimSpace(values[i]) != "" {
			n.class, n.reason = RejectRow, fmt.Sprintf("it has %d values, the base has %d columns; put values that hold the delimiter into quotes", len(values), len(m.Header))
			return n
		}
	}
	values = make([]string, len(m.Header))
	copy(values, r.Values)
	phone, err := base.CleanPhone(values[m.Phone], im.spec.Region)
	if err != nil {
		n.class, n.reason = RejectPhone, err.Error()
		return n
	}
	n.phone, n.zone = phone.E164, phone.Zone
	if err := im.store.forbids(n.phone); err != nil {
		n.class, n.reason = RejectForbidden, err.Error()
		return n
	}
	if m.Zone >= 0 {
		zone, err := base.ParseZone(values[m.Zone])
		if err != nil {
			n.class, n.reason = RejectZone, err.Error()
			return n
		}
		if zone != "" {
			n.zone = zone
		}
	}
	if n.zone == "" {
		n.zone = im.spec.DefaultZone
	}
	if m.External >= 0 {
		n.external = strings.TrimSpace(values[m.External])
	}
	if im.spec.CheckRow != nil {
		columns := make(map[string]string, len(values))
		for i, v := range values {
			columns[m.Vars[i]] = v
		}
		if err := im.spec.CheckRow(columns); err != nil {
			n.class, n.reason = RejectRow, err.Error()
			return n
		}
	}
	n.row = tojson(values)
	return n
}

// rowText is how a rejected row is kept: as it would stand in a CSV file.
func rowText(values []string) string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	if err := w.Write(values); err != nil { // a builder takes everything
		return strings.Join(values, ",")
	}
	w.Flush()
	text := strings.TrimSuffix(b.String(), "\n")
	if len(text) > rowMax {
		text = strings.ToValidUTF8(text[:rowMax], "") + "…"
	}
	return text
}

// known is what a row met in the database.
type known struct {
	lead dialer.LeadID
	base int64
	line int
}
