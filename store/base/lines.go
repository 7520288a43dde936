package base

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// lineMax bounds a line of a base, in bytes.
const lineMax = 1 << 20

// counter counts what passes through a reader.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// line is one physical line without its end.
type line struct {
	text   string
	number int
	long   bool // it was longer than lineMax; text is its beginning
}

// lines reads lines and decodes them.
type lines struct {
	src      *counter
	buf      *bufio.Reader
	encoding string
	end      byte // '\n', or '\r' in files of old Macs
	number   int
	back     []line // lines that were read too far
}

func newLines(r io.Reader) (*lines, error) {
	l := &lines{src: &counter{r: r}, end: '\n'}
	raw := bufio.NewReaderSize(l.src, sniffSize)
	sniff, err := raw.Peek(sniffSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if l.encoding, err = encodingOf(sniff); err != nil {
		return nil, err
	}
	l.buf = raw
	switch l.encoding {
	case utf16LEName, utf16BEName:
		decoder := unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder()
		l.buf = bufio.NewReaderSize(transform.NewReader(raw, decoder), sniffSize)
		if sniff, err = l.buf.Peek(sniffSize / 2); err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
	}
	if bytes.HasPrefix(sniff, bomUTF8) {
		if _, err := l.buf.Discard(len(bomUTF8)); err != nil {
			return nil, err
		}
	}
	if bytes.IndexByte(sniff, '\n') < 0 && bytes.IndexByte(sniff, '\r') >= 0 {
		l.end = '\r'
	}
	return l, nil
}

// next returns the next line, or io.EOF.
func (l *lines) next() (line, error) {
	if n := len(l.back); n > 0 {
		top := l.back[n-1]
		l.back = l.back[:n-1]
		return top, nil
	}
	var whole []byte
	long := false
	for {
		part, err := l.buf.ReadSlice(l.end)
		if room := lineMax - len(whole); len(part) > room+1 {
			part, long = part[:room], true
		}
		switch {
		case err == nil && whole == nil && !long:
			return l.finish(part, long), nil
		case err == nil:
			return l.finish(append(whole, part...), long), nil
		case errors.Is(err, bufio.ErrBufferFull):
			whole = append(whole, part...)
			continue
		case errors.Is(err, io.EOF) && len(whole)+len(part) > 0:
			return l.finish(append(whole, part...), long), nil
		}
		return line{}, err
	}
}

func (l *lines) finish(b []byte, long bool) line {
	l.number++
	b = bytes.TrimSuffix(b, []byte{l.end})
	b = bytes.TrimSuffix(b, []byte{'\r'})
	if long {
		b = b[:min(len(b), 200)]
	}
	return line{text: text(b, l.encoding), number: l.number, long: long}
}

// unread gives lines back, to be returned again in their order.
func (l *lines) unread(again []line) {
	for i := len(again) - 1; i >= 0; i-- {
		l.back = append(l.back, again[i])
	}
}
