package base

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// Limits of one record: a quote that is never closed must not swallow the file.
const (
	recordLines = 100
	recordMax   = 256 << 10
	fieldMax    = 64 << 10
)

// csvReader reads delimited text. It follows RFC 4180 where the text does, and
// otherwise takes what a person would see: a quote inside a value is a
// character; a quote that is never closed belongs to its line alone.
type csvReader struct {
	lines  *lines
	delim  byte
	width  int // fields of the first record
	values []string
}

// NewCSV reads a base as delimited text.
func NewCSV(r io.Reader) (Reader, error) {
	l, err := newLines(r)
	if err != nil {
		return nil, err
	}
	c := &csvReader{lines: l}
	return c, c.detect()
}

// detect looks at the first lines for a delimiter.
func (c *csvReader) detect() error {
	var seen []line
	var sample []string
	named := false
	for len(seen) < 20 {
		next, err := c.lines.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if d, ok := strings.CutPrefix(strings.ToLower(next.text), "sep="); ok && len(seen) == 0 && len(d) == 1 {
			c.delim, named = d[0], true
			continue // Excel's own way to name the delimiter
		}
		seen = append(seen, next)
		if !blank(next.text) && !next.long {
			sample = append(sample, next.text)
		}
	}
	c.lines.unread(seen)
	if !named {
		c.delim = delimiterOf(sample)
	}
	return nil
}

func (c *csvReader) Format() Format {
	f := Format{Kind: "csv", Encoding: c.lines.encoding}
	if c.delim != noDelimiter {
		f.Delimiter = string(c.delim)
	}
	return f
}

func (c *csvReader) Offset() int64 { return c.lines.src.n }
func (c *csvReader) Close() error  { return nil }

func (c *csvReader) Exact(column int) (string, error) {
	if column < len(c.values) {
		return c.values[column], nil
	}
	return "", nil
}

func (c *csvReader) Next() (Row, error) {
	for {
		row, err := c.record()
		if err != nil {
			return Row{}, err
		}
		if row.Fault == "" && allBlank(row.Values) {
			continue
		}
		if c.width == 0 && row.Fault == "" {
			c.width = len(row.Values)
		}
		c.values = row.Values
		return row, nil
	}
}

// record reads one record, whose quoted values may hold line breaks.
func (c *csvReader) record() (Row, error) {
	first, err := c.lines.next()
	if err != nil {
		return Row{}, err
	}
	if first.long {
		return Row{Line: first.number, Values: []string{first.text}, Fault: fmt.Sprintf("the line is longer than %d bytes", lineMax)}, nil
	}
	if strings.IndexByte(first.text, '"') < 0 {
		return c.row(first.number, strings.Split(first.text, string([]byte{c.delim}))), nil
	}
	r := record{delim: c.delim}
	if r.feed(first.text); !r.open {
		return c.row(first.number, r.fields), nil
	}
	further, err := c.join(&r)
	if err != nil {
		return Row{}, err
	}
	// Two stray quotes can make one record of two. A record over several lines
	// that has such quotes, or another width than the first, gives way to its
	// first line if that is a whole record by itself.
	alone := splitLenient(first.text, c.delim)
	if r.open || c.width > 0 && len(alone) == c.width && (r.stray || len(r.fields) != c.width) {
		c.lines.unread(further)
		return c.row(first.number, alone), nil
	}
	return c.row(first.number, r.fields), nil
}

// join feeds lines to a record until its quotes are closed; it stays open if
// they never are. further are the lines that were taken.
func (c *csvReader) join(r *record) (further []line, err error) {
	for size := 0; r.open && len(further) < recordLines && size < recordMax; {
		next, err := c.lines.next()
		if errors.Is(err, io.EOF) {
			return further, nil
		}
		if err != nil {
			return nil, err
		}
		further = append(further, next)
		if next.long {
			return further, nil
		}
		r.feed(next.text)
		size += len(next.text)
	}
	return further, nil
}

func (c *csvReader) row(number int, fields []string) Row {
	row := Row{Line: number, Values: fields}
	for _, f := range fields {
		if len(f) > fieldMax {
			row.Fault = fmt.Sprintf("a value is longer than %d bytes", fieldMax)
		}
	}
	if len(fields) > 2*columnsMax {
		row.Fault = fmt.Sprintf("the row has %d values", len(fields))
	}
	if row.Fault != "" {
		row.Values = []string{clip(strings.Join(fields, string(c.delim)), 200)}
	}
	return row
}

// record takes a record apart, line by line. A quote that neither begins a
// value nor ends one is a character.
type record struct {
	delim  byte
	fields []string
	part   strings.Builder // the quoted value that is not closed yet
	open   bool            // there is one
	stray  bool            // a quoted value had a quote that is a character
}

// feed takes the next line.
func (r *record) feed(s string) {
	if r.open {
		r.part.WriteByte('\n')
	}
	for {
		if !r.open {
			body := strings.TrimLeft(s, " ")
			if !strings.HasPrefix(body, `"`) {
				field, rest, more := strings.Cut(s, string([]byte{r.delim}))
				r.fields = append(r.fields, field)
				if !more {
					return
				}
				s = rest
				continue
			}
			s, r.open = body[1:], true
		}
		if s = r.quoted(s); r.open || s == "" {
			return
		}
		s = s[1:]
	}
}

// quoted goes on with a quoted value. If it ends, open is false and rest
// begins with the delimiter or is empty.
func (r *record) quoted(s string) (rest string) {
	for {
		i := strings.IndexByte(s, '"')
		if i < 0 {
			r.part.WriteString(s)
			return ""
		}
		r.part.WriteString(s[:i])
		after := s[i+1:]
		tail := strings.TrimLeft(after, " ")
		switch {
		case strings.HasPrefix(after, `"`):
			r.part.WriteByte('"')
			s = after[1:]
		case tail == "" || tail[0] == r.delim:
			r.fields, r.open = append(r.fields, r.part.String()), false
			r.part.Reset()
			return tail
		default:
			r.part.WriteByte('"')
			s, r.stray = after, true
		}
	}
}

// splitLenient takes one line apart whose quotes do not add up: a quoted value
// ends at the first quote before a delimiter; one that has none is plain.
func splitLenient(s string, delim byte) (fields []string) {
	closing := `"` + string([]byte{delim})
	closes := true // the rest of the line has a quote before a delimiter
	for {
		end := strings.IndexByte(s, delim)
		field := ""
		if strings.HasPrefix(s, `"`) {
			i := -1
			if closes {
				i = strings.Index(s[1:], closing)
				closes = i >= 0
			}
			if i >= 0 {
				field, end = s[1:1+i], 1+i+1
			} else if strings.HasSuffix(s, `"`) && len(s) > 1 && end < 0 {
				field = s[1 : len(s)-1]
			}
		}
		if field == "" {
			field = s
			if end >= 0 {
				field = s[:end]
			}
		}
		fields = append(fields, field)
		if end < 0 {
			return fields
		}
		s = s[end+1:]
	}
}

// clip cuts a text to n bytes at most, at a rune's edge.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xc0 == 0x80 {
		n--
	}
	return s[:n]
}
