package base

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// Encodings of text bases.
const (
	utf8Name    = "UTF-8"
	cp1251Name  = "windows-1251"
	utf16LEName = "UTF-16LE"
	utf16BEName = "UTF-16BE"
)

// Errors of bases as a whole.
var (
	ErrEmpty  = errors.New("the base is empty: it has no rows; check that the right file was given")
	ErrOldXLS = errors.New("the base is in the old Excel format (.xls); save it as .xlsx or .csv")
	ErrBinary = errors.New("the base is neither a CSV nor an XLSX file; export it as CSV in UTF-8")
)

// sniffSize is how much of a base is looked at to find out its format.
const sniffSize = 64 << 10

var (
	bomUTF8    = []byte{0xef, 0xbb, 0xbf}
	bomUTF16LE = []byte{0xff, 0xfe}
	bomUTF16BE = []byte{0xfe, 0xff}
	magicZIP   = []byte("PK\x03\x04")
	magicOLE   = []byte{0xd0, 0xcf, 0x11, 0xe0}
)

// encodingOf finds the encoding of a text from its beginning.
func encodingOf(sniff []byte) (string, error) {
	switch {
	case bytes.HasPrefix(sniff, bomUTF8):
		return utf8Name, nil
	case bytes.HasPrefix(sniff, bomUTF16LE):
		return utf16LEName, nil
	case bytes.HasPrefix(sniff, bomUTF16BE):
		return utf16BEName, nil
	case bytes.HasPrefix(sniff, magicOLE):
		return "", ErrOldXLS
	case bytes.IndexByte(sniff, 0) >= 0:
		return "", ErrBinary
	case validUTF8(sniff):
		return utf8Name, nil
	}
	return cp1251Name, nil
}

// validUTF8 allows a rune that is cut at the end.
func validUTF8(b []byte) bool {
	for cut := 0; cut < utf8.UTFMax && cut <= len(b); cut++ {
		if utf8.Valid(b[:len(b)-cut]) {
			return cut == 0 || !utf8.FullRune(b[len(b)-cut:])
		}
	}
	return false
}

// text decodes one line. A line of a UTF-8 file that is not UTF-8 was pasted
// from elsewhere and is read as windows-1251.
func text(line []byte, encoding string) string {
	if encoding != cp1251Name && utf8.Valid(line) {
		return string(line)
	}
	s, err := charmap.Windows1251.NewDecoder().Bytes(line)
	if err != nil { // the decoder maps every byte
		return strings.ToValidUTF8(string(line), "?")
	}
	return string(s)
}

// noDelimiter stands in no text: the base has one column.
const noDelimiter = 0

// delimiters that are looked for, the likelier first.
var delimiters = []byte{',', ';', '\t', '|'}

// delimiterOf finds the delimiter from the first lines of a text: the one that
// splits most lines into as many fields as the first line. If none splits the
// first line, there is none.
func delimiterOf(lines []string) byte {
	best, bestScore := byte(noDelimiter), 0
	if len(lines) == 0 {
		return best
	}
	for _, d := range delimiters {
		fields, agree := outside(lines[0], d), 0
		for _, line := range lines {
			if outside(line, d) == fields {
				agree++
			}
		}
		// Agreement weighs more than the number of fields: a text in which
		// every value holds a comma has more commas than semicolons.
		if score := agree*1000/len(lines)*100 + min(fields, 99); fields > 0 && score > bestScore {
			best, bestScore = d, score
		}
	}
	return best
}

// outside counts a byte outside of quotes.
func outside(line string, d byte) (n int) {
	quoted := false
	for i := range len(line) {
		switch {
		case line[i] == '"':
			quoted = !quoted
		case line[i] == d && !quoted:
			n++
		}
	}
	return n
}
