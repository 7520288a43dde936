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
	fields, open, _ := split(first.text, c.delim)
	if !open {
		return c.row(first.number, fields), nil
	}
	joined, stray, further, err := c.join(first)
	if err != nil {
		return Row{}, err
	}
	alone := splitLenient(first.text, c.delim)
	// Two stray quotes can make one record of two. A record over several lines
	// that has such quotes, or another width than the first, gives way to its
	// first line if that is a whole record by itself.
	if joined == nil || c.width > 0 && len(alone) == c.width && (stray || len(joined) != c.width) {
		c.lines.unread(further)
		joined = alone
	}
	return c.row(first.number, joined), nil
}

// join adds lines to the first one until its quotes are closed. fields is nil
// if they never are; further are the lines that were taken.
func (c *csvReader) join(first line) (fields []string, stray bool, further []line, err error) {
	whole := first.text
	for len(further) < recordLines && len(whole) < recordMax {
		next, err := c.lines.next()
		if errors.Is(err, io.EOF) {
			return nil, false, further, nil
		}
		if err != nil {
			return nil, false, nil, err
		}
		further = append(further, next)
		if next.long {
			return nil, false, further, nil
		}
		whole += "\n" + next.text
		if strings.IndexByte(next.text, '"') < 0 {
			continue // it can't close anything
		}
		if fields, open, stray := split(whole, c.delim); !open {
			return fields, stray, further, nil
		}
	}
	return nil, false, further, nil
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

// split takes a record apart. open means that a quoted value is not closed. A
// quote that neither begins a value nor ends one is a character; stray tells
// that a quoted value had one.
func split(s string, delim byte) (fields []string, open, stray bool) {
	for {
		body := strings.TrimLeft(s, " ")
		if !strings.HasPrefix(body, `"`) {
			field, rest, more := strings.Cut(s, string([]byte{delim}))
			fields = append(fields, field)
			if !more {
				return fields, false, stray
			}
			s = rest
			continue
		}
		value, rest, closed, odd := quoted(body[1:], delim)
		fields, stray = append(fields, value), stray || odd
		if !closed {
			return fields, true, stray
		}
		if rest == "" {
			return fields, false, stray
		}
		s = rest[1:]
	}
}

// quoted reads a value after its opening quote; rest begins with the delimiter
// or is empty.
func quoted(s string, delim byte) (value, rest string, closed, stray bool) {
	var b strings.Builder
	for {
		i := strings.IndexByte(s, '"')
		if i < 0 {
			return b.String() + s, "", false, stray
		}
		b.WriteString(s[:i])
		after := s[i+1:]
		tail := strings.TrimLeft(after, " ")
		switch {
		case strings.HasPrefix(after, `"`):
			b.WriteByte('"')
			s = after[1:]
		case tail == "" || tail[0] == delim:
			return b.String(), tail, true, stray
		default:
			b.WriteByte('"')
			s, stray = after, true
		}
	}
}

// splitLenient takes one line apart whose quotes do not add up: a quoted value
// ends at the first quote before a delimiter; one that has none is plain.
func splitLenient(s string, delim byte) (fields []string) {
	for {
		end, skip := strings.IndexByte(s, delim), 1
		field := ""
		if strings.HasPrefix(s, `"`) {
			if i := strings.Index(s[1:], `"`+string([]byte{delim})); i >= 0 {
				field, end, skip = s[1:1+i], 1+i+1, 1
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
		s = s[end+skip:]
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
