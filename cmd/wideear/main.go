// Command wideear learns what the cepstra of sound of 16 kHz, of which the
// English model of pocketsphinx is made, look like in what a telephone leaves of
// it, and writes the table by which dozvon's English hearing makes the ones from
// the other.
//
// It hears the same speech twice: whole, as pocketsphinx itself does, and at
// 8 kHz through A-law. The speech is a person's (festvox-ru) and that of
// synthetic voices on which nothing is judged. The table is a linear
// regression (least squares) of the cepstra on the bands.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	out := flag.String("o", "hearing/engines/sphinx_wide.go", "file to write")
	flag.Parse()
	if err := run(*out); err != nil {
		fmt.Fprintln(os.Stderr, "wideear:", err)
		os.Exit(1)
	}
}

func run(out string) error {
	dir, err := os.MkdirTemp("", "dozvon-wideear-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	speech, err := speech(dir)
	if err != nil {
		return err
	}
	pairs, err := pairs(dir, speech)
	if err != nil {
		return err
	}
	var fits [cepstra]fit
	for _, p := range pairs {
		for i := range min(len(p.narrow), len(p.wide)) {
			for k := range fits {
				fits[k].add(p.narrow[i], p.wide[i][k])
			}
		}
	}
	fmt.Printf("%d recordings, %d rows; share of each cepstrum's variance that the bands explain:\n", len(pairs), fits[0].rows)
	var table [cepstra][]float64
	for k := range fits {
		var share float64
		table[k], share = fits[k].solve()
		fmt.Printf("  %2d  %.2f\n", k, share)
	}
	return write(out, table)
}
