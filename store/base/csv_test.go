package base

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"
)

// readAll reads every row; a row is its line and its values.
func readAll(t testing.TB, r Reader) (rows []Row) {
	t.Helper()
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
}

func readCSV(t testing.TB, s string) (Format, []Row) {
	t.Helper()
	r, err := NewCSV(strings.NewReader(s))
	if err != nil {
		t.Fatal(err)
	}
	return r.Format(), readAll(t, r)
}

func values(rows []Row) (all [][]string) {
	for _, r := range rows {
		all = append(all, r.Values)
	}
	return all
}

func TestCSVFormats(t *testing.T) {
	const plain = "Имя;Телефон\nИван;89161234567\nЁлка;89161234568\n"
	cp1251, err := charmap.Windows1251.NewEncoder().String(plain)
	if err != nil {
		t.Fatal(err)
	}
	utf16 := func(e unicode.Endianness) string {
		s, err := unicode.UTF16(e, unicode.UseBOM).NewEncoder().String(plain)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for name, c := range map[string]struct{ text, encoding, delimiter string }{
		"utf-8":     {plain, "UTF-8", ";"},
		"bom":       {"\ufeff" + plain, "UTF-8", ";"},
		"cp1251":    {cp1251, "windows-1251", ";"},
		"utf-16le":  {utf16(unicode.LittleEndian), "UTF-16LE", ";"},
		"utf-16be":  {utf16(unicode.BigEndian), "UTF-16BE", ";"},
		"crlf":      {strings.ReplaceAll(plain, "\n", "\r\n"), "UTF-8", ";"},
		"cr":        {strings.ReplaceAll(plain, "\n", "\r"), "UTF-8", ";"},
		"comma":     {strings.ReplaceAll(plain, ";", ","), "UTF-8", ","},
		"tab":       {strings.ReplaceAll(plain, ";", "\t"), "UTF-8", "\t"},
		"pipe":      {strings.ReplaceAll(plain, ";", "|"), "UTF-8", "|"},
		"sep line":  {"sep=;\n" + plain, "UTF-8", ";"},
		"no end":    {strings.TrimSuffix(plain, "\n"), "UTF-8", ";"},
		"blanks":    {"\n\n" + strings.ReplaceAll(plain, "\n", "\n;\n \n"), "UTF-8", ";"},
		"bom16crlf": {utf16(unicode.LittleEndian), "UTF-16LE", ";"},
	} {
		t.Run(name, func(t *testing.T) {
			format, rows := readCSV(t, c.text)
			if format.Encoding != c.encoding || format.Delimiter != c.delimiter {
				t.Errorf("format %+v, want %s %q", format, c.encoding, c.delimiter)
			}
			want := [][]string{{"Имя", "Телефон"}, {"Иван", "89161234567"}, {"Ёлка", "89161234568"}}
			if !reflect.DeepEqual(values(rows), want) {
				t.Errorf("rows %q", values(rows))
			}
		})
	}
}

func TestCSVQuotes(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want [][]string
	}{
		"line break":       {"a,b\n1,\"x\ny\"\n2,z\n", [][]string{{"a", "b"}, {"1", "x\ny"}, {"2", "z"}}},
		"doubled":          {"a,b\n\"say \"\"hi\"\", ok\",2\n", [][]string{{"a", "b"}, {`say "hi", ok`, "2"}}},
		"delimiter inside": {"a;b\n\"1;2\";3\n", [][]string{{"a", "b"}, {"1;2", "3"}}},
		"spaces":           {"a, b\n1, \"x, y\" \n", [][]string{{"a", " b"}, {"1", "x, y"}}},
		"inside a value":   {"a;b\nООО \"Ромашка\";2\n", [][]string{{"a", "b"}, {`ООО "Ромашка"`, "2"}}},
		"not doubled":      {"a;b\n\"ООО \"Ромашка\"\";2\n\"Иван\";3\n5;6\n", [][]string{{"a", "b"}, {`ООО "Ромашка"`, "2"}, {"Иван", "3"}, {"5", "6"}}},
		"never closed":     {"a;b\n\"un;2\n3;4\n5;6\n", [][]string{{"a", "b"}, {`"un`, "2"}, {"3", "4"}, {"5", "6"}}},
		"inches":           {"a;b\n5\";2\n3;4\"\n", [][]string{{"a", "b"}, {`5"`, "2"}, {"3", `4"`}}},
		"one column":       {"phone\n8,916\n", [][]string{{"phone"}, {"8,916"}}},
		"empty quoted":     {"a,b\n\"\",\"\"\n\"\",x\n", [][]string{{"a", "b"}, {"", "x"}}},
	} {
		t.Run(name, func(t *testing.T) {
			_, rows := readCSV(t, c.text)
			if got := values(rows); !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestCSVLineNumbers(t *testing.T) {
	_, rows := readCSV(t, "a,b\n\n1,\"x\ny\nz\"\n2,3\n")
	var lines []int
	for _, r := range rows {
		lines = append(lines, r.Line)
	}
	if !slices.Equal(lines, []int{1, 3, 6}) {
		t.Fatalf("lines %v", lines)
	}
}

// An open quote at the top of a large file costs one row, not the file.
func TestCSVOpenQuoteIsContained(t *testing.T) {
	var b strings.Builder
	b.WriteString("a;b\n\"open;1\n")
	for i := range 5000 {
		fmt.Fprintf(&b, "%d;x\n", i)
	}
	_, rows := readCSV(t, b.String())
	if len(rows) != 5002 || rows[5001].Values[0] != "4999" || rows[5001].Line != 5002 {
		t.Fatalf("%d rows, the last %+v", len(rows), rows[len(rows)-1])
	}
}

// Quotes that are never closed must not cost the square of a line, nor of a
// file: with such a fault this test would run for minutes.
func TestCSVHostileQuotesAreCheap(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		rows int
	}{
		"every line": {"a,b\n" + strings.Repeat("x,\"y\"z\" "+strings.Repeat("w", 2000)+"\n", 1000), 1001},
		"one line":   {"a,b\n" + strings.Repeat("\"a,", lineMax/3-1) + "\nx,y\n", 3},
		"spaces":     {"a,b\n\"" + strings.Repeat("\" ", lineMax/2-1) + "\nx,y\n", 3},
	} {
		if _, rows := readCSV(t, c.text); len(rows) != c.rows {
			t.Errorf("%s: %d rows, want %d", name, len(rows), c.rows)
		}
	}
}

func TestCSVLimits(t *testing.T) {
	long := strings.Repeat("x", 3*lineMax)
	_, rows := readCSV(t, "a,b\n"+long+",1\n"+strings.Repeat("y", fieldMax+1)+",2\n3,4\n")
	if len(rows) != 4 || rows[1].Fault == "" || rows[2].Fault == "" || rows[3].Fault != "" || rows[3].Line != 4 {
		t.Fatalf("rows %d: %q %q %+v", len(rows), rows[1].Fault, rows[2].Fault, rows[len(rows)-1])
	}
	if len(rows[1].Values[0]) > 200 || len(rows[2].Values[0]) > 200 {
		t.Fatal("the beginning of a bad row is not clipped")
	}
}

func TestCSVRefusesOtherFiles(t *testing.T) {
	for text, want := range map[string]error{
		"\xd0\xcf\x11\xe0\xa1\xb1": ErrOldXLS,
		"\x7fELF\x00\x00\x01":      ErrBinary,
		"a\x00,\x00b\x00":          ErrBinary,
	} {
		if _, err := NewCSV(strings.NewReader(text)); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", text, err, want)
		}
	}
	broken := errors.New("broken disk")
	if _, err := NewCSV(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("read error: %v", err)
	}
}

// A UTF-8 file in which one line was pasted from elsewhere stays readable.
func TestCSVMixedEncoding(t *testing.T) {
	_, rows := readCSV(t, "Имя,Телефон\n"+strings.Repeat("Иван,1\n", 20000)+"\xc8\xe2\xe0\xed,2\nИван,3\n")
	last := rows[len(rows)-2:]
	if !reflect.DeepEqual(values(last), [][]string{{"Иван", "2"}, {"Иван", "3"}}) {
		t.Fatalf("%q", values(last))
	}
}

// What encoding/csv writes comes back as it was.
func TestCSVReadsWhatRFC4180Writes(t *testing.T) {
	cell := rapid.StringMatching(`[a-zА-я0-9 ,;"\n]{0,12}`)
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.IntRange(2, 5).Draw(t, "width")
		header := make([]string, width)
		for i := range header {
			header[i] = fmt.Sprintf("column%d", i)
		}
		want := [][]string{header}
		for range rapid.IntRange(0, 10).Draw(t, "rows") {
			row := make([]string, width)
			for i := range row {
				row[i] = cell.Draw(t, "cell")
			}
			row[0] += "x" // a row that holds nothing is skipped
			want = append(want, row)
		}
		var b strings.Builder
		b.WriteString("sep=,\n")
		w := csv.NewWriter(&b)
		if err := w.WriteAll(want); err != nil {
			t.Fatal(err)
		}
		r, err := NewCSV(strings.NewReader(b.String()))
		if err != nil {
			t.Fatal(err)
		}
		var got [][]string
		for {
			row, err := r.Next()
			if err != nil {
				break
			}
			got = append(got, row.Values)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("got %q, want %q", got, want)
		}
	})
}

func FuzzCSV(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "\ufeffa;b\r\n\"x\ny\";\"\"\"\"\n", "sep=|\na|b", "\"", "\"\n\"\n\"\n", "a\rb\rc", "\xff\xfea\x00", "\xfe\xff\x00a", "\xc8\xec\xff;1", ",,,\n;;;", "a,\"b\"c,d\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := NewCSV(strings.NewReader(string(b)))
		if err != nil {
			return
		}
		line := 0
		for {
			row, err := r.Next()
			if err != nil {
				if !errors.Is(err, io.EOF) {
					t.Fatal(err)
				}
				return
			}
			if row.Line <= line {
				t.Fatalf("line %d after %d", row.Line, line)
			}
			line = row.Line
			if len(row.Values) == 0 {
				t.Fatal("a row without values")
			}
		}
	})
}
