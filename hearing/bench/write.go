package bench

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"
)

// text writes what a bar found for a terminal.
func (r *Report) text() string {
	var b strings.Builder
	for _, j := range r.judged {
		d, _ := demandOf(j.demand)
		fmt.Fprintf(&b, " %s %s: %s (%s)\n", mark(j.pass), d.What, j.figure, d.AtLeast)
	}
	for _, s := range r.shown {
		fmt.Fprintf(&b, "   %s: %s\n", s.what, s.figure)
	}
	for _, c := range r.confusions {
		b.WriteString(c.Text())
	}
	for _, t := range r.times {
		b.WriteString(t.Text())
	}
	for _, n := range r.notes {
		b.WriteString("   " + n + "\n")
	}
	switch {
	case r.failed != nil:
		fmt.Fprintf(&b, " ! broke after %v: %v\n", r.took.Round(100*time.Millisecond), r.failed)
	case r.skipped != nil:
		fmt.Fprintf(&b, "   skipped: %v\n", r.skipped)
	default:
		fmt.Fprintf(&b, "   %v\n", r.took.Round(100*time.Millisecond))
	}
	return b.String()
}

func mark(pass bool) string {
	if pass {
		return " "
	}
	return "!"
}

func verdict(pass bool) string {
	if pass {
		return "PASS"
	}
	return "**MISS**"
}

const head = `# How well dozvon hears

Written by %s; do not edit. It builds its corpora from Debian
packages and from code, seeded: the same packages give the same calls. A package
that is missing is named, and the bars that need it are skipped.
%s alone runs one bar.

%s

`

// Write writes docs/hearing.md.
func (o *Outcome) Write(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, head, "`make hearing`", "`go run ./cmd/hearing -only NAME`", o.machine())
	o.summary(&b)
	for _, r := range o.Reports {
		r.section(&b)
	}
	o.unproven(&b)
	_, err := io.WriteString(w, b.String())
	return err
}

func (o *Outcome) machine() string {
	return fmt.Sprintf("Measured on %s in %v: %s, %d processors, %s/%s, %s.",
		o.Started.Format(time.DateOnly), o.Took.Round(time.Second), processor(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version())
}

// processor is the name of this machine's processor, as Linux tells it.
func processor() string {
	b, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "an unknown processor"
	}
	for line := range strings.Lines(string(b)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "an unknown processor"
}

func (o *Outcome) summary(b *strings.Builder) {
	b.WriteString("## What is demanded\n\n| what | at least | measured | |\n|---|---|---|---|\n")
	for _, d := range Demands {
		lines := 0
		for _, r := range o.Reports {
			for _, j := range r.judged {
				if j.demand == d.ID {
					fmt.Fprintf(b, "| %s | %s | %s | %s |\n", cell(d.What), cell(d.AtLeast), cell(j.figure), verdict(j.pass))
					lines++
				}
			}
		}
		if lines == 0 {
			fmt.Fprintf(b, "| %s | %s | not measured | |\n", cell(d.What), cell(d.AtLeast))
		}
	}
	b.WriteString("\n")
}

func (r *Report) section(b *strings.Builder) {
	fmt.Fprintf(b, "## %s\n\n", r.bar.Title)
	switch {
	case r.skipped != nil:
		fmt.Fprintf(b, "Skipped: %v.\n\n", r.skipped)
		return
	case r.failed != nil:
		fmt.Fprintf(b, "**Broke**: %v.\n\n", r.failed)
	}
	fmt.Fprintf(b, "`go run ./cmd/hearing -only %s`, %v. On %s.\n\n", r.bar.Name, r.took.Round(100*time.Millisecond), r.bar.Data)
	if len(r.judged)+len(r.shown) > 0 {
		b.WriteString("| what | measured | |\n|---|---|---|\n")
		for _, j := range r.judged {
			d, _ := demandOf(j.demand)
			fmt.Fprintf(b, "| %s | %s | %s |\n", cell(d.What), cell(j.figure), verdict(j.pass))
		}
		for _, s := range r.shown {
			fmt.Fprintf(b, "| %s | %s | |\n", cell(s.what), cell(s.figure))
		}
		b.WriteString("\n")
	}
	for _, c := range r.confusions {
		b.WriteString(c.Markdown() + "\n")
	}
	for _, t := range r.times {
		fmt.Fprintf(b, "```\n%s```\n\n", t.Text())
	}
	for _, n := range r.notes {
		fmt.Fprintf(b, "- %s\n", n)
	}
	if len(r.notes) > 0 {
		b.WriteString("\n")
	}
}

func (o *Outcome) unproven(b *strings.Builder) {
	b.WriteString("## What is not shown by this\n\n" +
		"- Spontaneous callers, children, accents, mobile networks' own transcoding, echo, today's announcements of carriers: " +
		"no package has them. `dozvon hearing label` and `dozvon hearing report` measure dozvon on one's own calls.\n" +
		"- Most people and machines above are synthetic voices; the rest are a few speakers recorded in studios.\n")
	for _, r := range o.Reports {
		for _, u := range r.unproven {
			fmt.Fprintf(b, "- %s\n", u)
		}
	}
}
