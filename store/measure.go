package store

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"dozvon/store/base"
)

// Measure is what MeasureImport found.
type Measure struct {
	Rows       int
	Bytes      int64 // size of the base
	Elapsed    time.Duration
	RowsPerSec float64
	PeakRSS    int64 // bytes of resident memory at most, of the whole process; 0 where the system does not tell
	BaseRSS    int64 // resident memory before the import
	Database   int64 // bytes of the database afterwards
}

// MeasureImport imports a made-up base of so many rows (name, phone, amount,
// date; CSV in UTF-8) into a fresh database in a temporary folder under dir
// (the system's if empty), and removes both.
func MeasureImport(ctx context.Context, dir string, rows int) (m Measure, err error) {
	dir, err = os.MkdirTemp(dir, "dozvon-measure-*")
	if err != nil {
		return m, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "base.csv")
	if m.Bytes, err = madeUpBase(file, rows); err != nil {
		return m, err
	}
	s, err := Open(ctx, filepath.Join(dir, "measure.db"), Options{})
	if err != nil {
		return m, err
	}
	defer s.Close()
	runtime.GC()
	resetPeak()
	m.BaseRSS = memory("VmRSS:")
	begin := time.Now()
	report, err := s.Import(ctx, ImportSpec{Campaign: "measure", File: file, DefaultZone: "Europe/Moscow",
		Columns: []base.Column{{Name: "name", Label: "Имя", Required: true}, {Name: "amount", Label: "Сумма"}}})
	if err != nil {
		return m, err
	}
	m.Elapsed = time.Since(begin)
	m.Rows = report.Rows
	m.RowsPerSec = float64(report.Rows) / m.Elapsed.Seconds()
	m.PeakRSS = memory("VmHWM:")
	if report.Accepted != rows {
		return m, fmt.Errorf("measuring the import: %d of %d rows were accepted", report.Accepted, rows)
	}
	if info, err := os.Stat(s.path); err == nil {
		m.Database = info.Size()
	}
	return m, nil
}

// madeUpBase writes rows with numbers that are all different and in no order.
func madeUpBase(path string, rows int) (int64, error) {
	f, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	fmt.Fprint(w, "Имя;Телефон;Сумма;Дата\n")
	for i := range rows {
		// 7919 is prime to ten million: a permutation.
		number := (i*7919 + 1234567) % 10_000_000
		fmt.Fprintf(w, "Клиент %d;8 (9%02d) %03d-%04d;%d;2026-03-%02d\n", i, 10+i/10_000_000, number/10_000, number%10_000, 1000+i%50_000, 1+i%28)
	}
	if err := w.Flush(); err != nil {
		return 0, err
	}
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), f.Close()
}

// resetPeak starts the kernel's peak of resident memory anew (Linux, proc(5)).
func resetPeak() {
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // without it the peak is that of the process
}

// memory reads a line of /proc/self/status, in bytes.
func memory(field string) int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, rest, found := strings.Cut(string(status), field)
	if !found {
		return 0
	}
	kb, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
	if err != nil {
		return 0
	}
	return kb << 10
}
