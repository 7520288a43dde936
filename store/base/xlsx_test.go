package base

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

// workbook makes an XLSX file in memory.
func workbook(t testing.TB, fill func(*excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	fill(f)
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func set(t testing.TB, f *excelize.File, cell string, v any) {
	t.Helper()
	if err := f.SetCellValue("Sheet1", cell, v); err != nil {
		t.Fatal(err)
	}
}

func TestXLSX(t *testing.T) {
	b := workbook(t, func(f *excelize.File) {
		set(t, f, "A1", "Имя")
		set(t, f, "B1", "Телефон")
		set(t, f, "C1", "Дата")
		set(t, f, "A2", "Иван")
		set(t, f, "B2", 79161234567.0)
		set(t, f, "C2", time.Date(2026, 3, 15, 0, 0, 0, 0, time.UTC))
		set(t, f, "A5", "Пётр") // rows 3 and 4 are blank
		set(t, f, "B5", 79161234568.0)
		set(t, f, "A6", "Ольга")
		set(t, f, "B6", "8 (916) 123-45-69")
		style, err := f.NewStyle(&excelize.Style{NumFmt: 11}) // 0.00E+00
		if err != nil {
			t.Fatal(err)
		}
		if err := f.SetCellStyle("Sheet1", "B5", "B5", style); err != nil {
			t.Fatal(err)
		}
	})
	r, err := NewXLSX(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	want := []struct {
		line  int
		cells []string
		exact string
	}{
		{1, []string{"Имя", "Телефон", "Дата"}, "Телефон"},
		{2, []string{"Иван", "79161234567", "2026-03-15"}, "79161234567"},
		{5, []string{"Пётр", "7.92E+10"}, "79161234568"},
		{6, []string{"Ольга", "8 (916) 123-45-69"}, "8 (916) 123-45-69"},
	}
	for _, w := range want {
		row, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		exact, err := r.Exact(1)
		if err != nil || row.Line != w.line || !reflect.DeepEqual(row.Values, w.cells) || exact != w.exact {
			t.Errorf("got %+v exact %q %v, want %+v", row, exact, err, w)
		}
	}
	if r.Offset() != int64(len(b)) {
		t.Errorf("offset %d at the end of %d bytes", r.Offset(), len(b))
	}
}

func TestXLSXTakesTheFirstVisibleSheetWithRows(t *testing.T) {
	b := workbook(t, func(f *excelize.File) {
		for _, name := range []string{"Скрытый", "База"} {
			if _, err := f.NewSheet(name); err != nil {
				t.Fatal(err)
			}
			if err := f.SetCellValue(name, "A1", name); err != nil {
				t.Fatal(err)
			}
		}
		if err := f.SetSheetVisible("Скрытый", false); err != nil {
			t.Fatal(err)
		}
	})
	r, err := NewXLSX(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if rows := readAll(t, r); r.Format().Sheet != "База" || rows[0].Values[0] != "База" {
		t.Fatalf("sheet %q, %+v", r.Format().Sheet, rows)
	}
}

func TestBrokenWorkbooks(t *testing.T) {
	good := workbook(t, func(f *excelize.File) { set(t, f, "A1", "phone") })
	empty := workbook(t, func(*excelize.File) {})
	if _, err := NewXLSX(bytes.NewReader(empty), int64(len(empty))); !errors.Is(err, ErrEmpty) {
		t.Errorf("empty: %v", err)
	}
	for name, b := range map[string][]byte{"cut": good[:len(good)/2], "no zip": []byte("PK\x03\x04nothing"), "nothing": nil} {
		if _, err := NewXLSX(bytes.NewReader(b), int64(len(b))); err == nil || !strings.Contains(err.Error(), "save it") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := NewXLSX(bytes.NewReader(good), workbookMax+1); err == nil {
		t.Error("a huge workbook passed")
	}
}

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	b := workbook(t, func(f *excelize.File) { set(t, f, "A1", "phone") })
	for name, c := range map[string]struct {
		content []byte
		kind    string
		err     error
	}{
		"named.csv": {b, "xlsx", nil}, // the content decides, not the name
		"a.txt":     {[]byte("phone\n1\n"), "csv", nil},
		"empty.csv": {nil, "", ErrEmpty},
		"old.xls":   {[]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "", ErrOldXLS},
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, c.content, 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		r, err := Open(f)
		if !errors.Is(err, c.err) {
			t.Errorf("%s: %v, want %v", name, err, c.err)
		}
		if err == nil {
			if r.Format().Kind != c.kind {
				t.Errorf("%s: %+v", name, r.Format())
			}
			readAll(t, r)
			r.Close()
		}
		f.Close()
	}
}

func FuzzXLSX(f *testing.F) {
	good := workbook(f, func(x *excelize.File) {
		set(f, x, "A1", "phone")
		set(f, x, "A2", 79161234567.0)
	})
	f.Add(good)
	f.Add(good[:len(good)-10])
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := NewXLSX(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		defer r.Close()
		for range 1000 {
			if _, err := r.Next(); err != nil {
				return
			}
			if _, err := r.Exact(0); err != nil {
				return
			}
		}
	})
}
