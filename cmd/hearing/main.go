// Command hearing measures how well dozvon hears and writes docs/hearing.md:
//
//	go run ./cmd/hearing                   every bar, then the report
//	go run ./cmd/hearing -only talk-off    one bar, printed only
//	go run ./cmd/hearing -list             the bars, and what they need
//	go run ./cmd/hearing -fit first        new weights for the first words, into the sources
//
// It ends with 1 if a demand is missed, with 0 if all that could be measured
// are met. Bars whose Debian packages are absent are skipped, with words.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"dozvon/app/spoken"
	"dozvon/hearing/bench"
	"dozvon/hearing/corpus"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code, err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "hearing:", err)
	}
	os.Exit(code)
}

func run(ctx context.Context, args []string, out io.Writer) (code int, err error) {
	flags := flag.NewFlagSet("hearing", flag.ContinueOnError)
	flags.SetOutput(out)
	only := flags.String("only", "", "bars to run, by name, with commas between them; nothing is written then")
	list := flags.Bool("list", false, "list the bars and the packages that are missing, and run nothing")
	fit := flags.String("fit", "", "fit the weights of `what` (first: the first words of a call), write them into the sources and run nothing")
	path := flags.String("o", "docs/hearing.md", "`file` for the report of a whole run")
	if err := flags.Parse(args); err != nil {
		return 2, nil // said by flags
	}
	if *list {
		show(out)
		return 0, nil
	}
	if *fit != "" {
		return fitted(ctx, *fit, out)
	}
	o := bench.Options{Log: out}
	if *only != "" {
		o.Only = strings.Split(*only, ",")
	}
	if err := corpus.Missing(); err != nil {
		fmt.Fprintf(out, "%v\n", err)
	}
	result, err := bench.Run(ctx, bars(), o)
	if err != nil {
		return 2, err
	}
	if len(o.Only) == 0 {
		if err := write(*path, result); err != nil {
			return 2, err
		}
		fmt.Fprintf(out, "%s is written\n", *path)
	}
	if result.Skipped() {
		fmt.Fprintln(out, "some bars were skipped: packages are missing")
	}
	if result.Missed() {
		fmt.Fprintln(out, "a demand is missed: see the lines that begin with !")
		return 1, nil
	}
	return 0, nil
}

// fitted fits weights in the folder it is run in, the top of the sources.
func fitted(ctx context.Context, what string, out io.Writer) (code int, err error) {
	if what != "first" {
		return 2, fmt.Errorf("no weights are called %q; there are those of: first", what)
	}
	if err := bench.FitFirst(ctx, ".", out); err != nil {
		return 2, err
	}
	return 0, nil
}

// bars are those of what hears, and that of the whole program.
func bars() []bench.Bar { return append(bench.All(), spoken.Bar()) }

func write(path string, o *bench.Outcome) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	err = o.Write(f)
	if shut := f.Close(); err == nil {
		err = shut
	}
	return err
}

func show(out io.Writer) {
	for _, b := range bars() {
		fmt.Fprintf(out, "%-12s %s\n", b.Name, b.Title)
	}
	if err := corpus.Missing(); err != nil {
		fmt.Fprintf(out, "%v\n", err)
	}
}
