package prints

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"strings"
	"unicode"
)

// A library on disk is text: a line of JSON per announcement, or per one that
// came with dozvon and is not wanted. Lines can be added, taken away and
// carried from machine to machine with any tool.

// recipe is the number of the way prints are made; those of another way can't
// be compared.
const recipe = 1

// maxLine bounds a line: a print of 81 s takes 12 KB.
const maxLine = 64 << 10

// maxEntries bounds a library: what a call costs grows with it.
const maxEntries = 20_000

// maxTold bounds how many faults of a file are told.
const maxTold = 5

// row is a line of the file.
type row struct {
	ID          string `json:"id,omitempty"` // said for people; the print decides
	Label       string `json:"label,omitempty"`
	Disposition string `json:"disposition,omitempty"`
	Name        string `json:"name,omitempty"`
	Recipe      int    `json:"recipe,omitempty"`
	Words       string `json:"words,omitempty"` // base64 of 16 bits a word, little-endian
	Counts      string `json:"counts,omitempty"`
	Without     string `json:"without,omitempty"` // the ID of a shipped announcement that is not looked for
}

// contents is what a file says.
type contents struct {
	entries []Entry
	without []string
}

// read reads a library's file. Every line that can't be used is an error of
// its own, with its number; the others count all the same.
func read(r io.Reader) (c contents, err error) {
	var faults []error
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 4096), maxLine)
	for n := 1; lines.Scan(); n++ {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		if len(c.entries) == maxEntries {
			faults = append(faults, fmt.Errorf("line %d: more than %d announcements; those from here on are not looked for", n, maxEntries))
			break
		}
		if err := c.line(lines.Bytes()); err != nil {
			faults = append(faults, fmt.Errorf("line %d: %w", n, err))
		}
	}
	if err := lines.Err(); err != nil {
		faults = append(faults, fmt.Errorf("the rest can't be read: %w", err))
	}
	if more := len(faults) - maxTold; more > 0 {
		faults = append(faults[:maxTold], fmt.Errorf("and %d more lines", more))
	}
	return c, errors.Join(faults...)
}

func (c *contents) line(text []byte) error {
	var w row
	if err := json.Unmarshal(text, &w); err != nil {
		return fmt.Errorf("it is no announcement (%w); remove the line", err)
	}
	if w.Without != "" {
		c.without = append(c.without, w.Without)
		return nil
	}
	e, err := w.entry()
	if err == nil {
		c.entries = append(c.entries, e)
	}
	return err
}

// entry checks a row and makes an entry of it.
func (w row) entry() (e Entry, err error) {
	if w.Recipe != recipe {
		return e, fmt.Errorf("its print was made in way %d, this dozvon compares way %d; learn the announcement again", w.Recipe, recipe)
	}
	if e.Label, e.Disposition, err = Classify(w.Label, w.Disposition); err != nil {
		return e, err
	}
	words, err := base64.StdEncoding.DecodeString(w.Words)
	if err != nil || len(words)%2 != 0 || len(words)/2 < span || len(words)/2 > maxWords {
		return e, errors.New("its print is damaged; learn the announcement again")
	}
	counts, err := base64.StdEncoding.DecodeString(w.Counts)
	if n := len(words) / 2; err != nil || len(counts) != (n+7)/8 || n%8 != 0 && counts[n/8]>>(n%8) != 0 {
		return e, errors.New("its print is damaged; learn the announcement again")
	}
	e.Print = Print{words: make([]uint16, len(words)/2), active: make([]uint64, (len(words)/2+63)/64)}
	for i := range e.Print.words {
		e.Print.words[i] = binary.LittleEndian.Uint16(words[2*i:])
	}
	for i, b := range counts {
		e.Print.active[i/8] |= uint64(b) << (i % 8 * 8)
	}
	e.Name, e.ID = cleanName(w.Name), e.Print.id()
	return e, nil
}

// line is the entry as the file has it.
func (e Entry) line() []byte {
	p := e.Print
	words := make([]byte, 0, 2*len(p.words))
	for _, w := range p.words {
		words = binary.LittleEndian.AppendUint16(words, w)
	}
	counts := make([]byte, (len(p.words)+7)/8)
	for i := range counts {
		counts[i] = byte(p.active[i/8] >> (i % 8 * 8))
	}
	w := row{ID: e.ID, Label: e.Label, Name: cleanName(e.Name), Recipe: recipe,
		Words: base64.StdEncoding.EncodeToString(words), Counts: base64.StdEncoding.EncodeToString(counts)}
	if Disposition(e.Label) == "" {
		w.Disposition = e.Disposition
	}
	return w.line()
}

func (w row) line() []byte {
	text, err := json.Marshal(w)
	if err != nil { // strings and a number: it can't be
		panic(err)
	}
	return append(text, '\n')
}

// id names a print: the same sound has the same name on every machine.
func (p Print) id() string {
	h := fnv.New64a()
	for _, w := range p.words {
		h.Write([]byte{byte(w), byte(w >> 8)})
	}
	return fmt.Sprintf("%010x", h.Sum64()>>24)
}

// maxName bounds a name, in bytes.
const maxName = 120

// cleanName makes what a person or a file calls an announcement fit to be
// printed: no control characters, no line breaks, not too long.
func cleanName(s string) string {
	s = strings.Map(func(r rune) rune {
		if !unicode.IsGraphic(r) || r == unicode.ReplacementChar {
			return ' '
		}
		return r
	}, s)
	return cut(strings.Join(strings.Fields(s), " "), maxName)
}
