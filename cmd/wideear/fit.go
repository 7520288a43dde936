package main

import (
	"bytes"
	"fmt"
	"go/format"
	"math"
	"os"
)

// fit is the least squares of one cepstrum on the bands and a constant.
type fit struct {
	rows int
	xx   [][]float64
	xy   []float64
	yy   float64
	y    float64
}

func (f *fit) add(bands []float64, y float64) {
	x := append([]float64{1}, bands...)
	if f.xx == nil {
		f.xy, f.xx = make([]float64, len(x)), make([][]float64, len(x))
		for i := range f.xx {
			f.xx[i] = make([]float64, len(x))
		}
	}
	f.rows++
	f.y += y
	f.yy += y * y
	for i, a := range x {
		f.xy[i] += a * y
		for j, b := range x {
			f.xx[i][j] += a * b
		}
	}
}

// solve returns the constant and the weights of the bands, and what share of the
// variance they explain. Gauss and Jordan, with the greatest pivot of a column.
func (f *fit) solve() (w []float64, share float64) {
	n := len(f.xx)
	m := make([][]float64, n)
	for i := range m {
		m[i] = append(append([]float64(nil), f.xx[i]...), f.xy[i])
		m[i][i] += 1e-3 * float64(f.rows) // bands that always go together stay small
	}
	for i := range m {
		top := i
		for j := i + 1; j < n; j++ {
			if math.Abs(m[j][i]) > math.Abs(m[top][i]) {
				top = j
			}
		}
		m[i], m[top] = m[top], m[i]
		for j := range m {
			if j == i {
				continue
			}
			by := m[j][i] / m[i][i]
			for k := i; k <= n; k++ {
				m[j][k] -= by * m[i][k]
			}
		}
	}
	left := f.yy
	for i := range m {
		w = append(w, m[i][n]/m[i][i])
		left -= w[i] * f.xy[i]
	}
	return w, 1 - left/(f.yy-f.y*f.y/float64(f.rows))
}

// write puts the table into a file of Go.
func write(name string, table [cepstra][]float64) error {
	var b bytes.Buffer
	fmt.Fprint(&b, "package engines\n\nimport \"dozvon/hearing/keywords\"\n\n// wideOf gives each cepstrum of wide sound as a constant and a weight for each band\n"+
		"// of telephone sound. Written by cmd/wideear; don't edit.\nvar wideOf = [Cepstra][1 + keywords.Bands]float32{\n")
	for _, row := range table {
		fmt.Fprint(&b, "{")
		for i, v := range row {
			if i > 0 {
				fmt.Fprint(&b, ", ")
			}
			fmt.Fprintf(&b, "%.3f", v)
		}
		fmt.Fprint(&b, "},\n")
	}
	fmt.Fprint(&b, "}\n")
	text, err := format.Source(b.Bytes())
	if err != nil {
		return err
	}
	return os.WriteFile(name, text, 0o644)
}
