package bench

import (
	"fmt"
	"slices"
	"strings"
)

// Confusion counts what was heard, by what was said. The zero value is ready
// but for its title.
type Confusion struct {
	Title          string
	truths, heards []string
	counts         map[[2]string]int
}

// Add counts one case.
func (c *Confusion) Add(truth, heard string) {
	if c.counts == nil {
		c.counts = map[[2]string]int{}
	}
	if !slices.Contains(c.truths, truth) {
		c.truths = append(c.truths, truth)
	}
	if !slices.Contains(c.heards, heard) {
		c.heards = append(c.heards, heard)
	}
	c.counts[[2]string{truth, heard}]++
}

// Sort puts the rows in order of their names.
func (c *Confusion) Sort() { slices.Sort(c.truths) }

// Count returns how often truth was taken for heard.
func (c *Confusion) Count(truth, heard string) int { return c.counts[[2]string{truth, heard}] }

// Of returns how many cases of truth there were.
func (c *Confusion) Of(truth string) int {
	n := 0
	for _, heard := range c.heards {
		n += c.Count(truth, heard)
	}
	return n
}

// Markdown writes the matrix as a table: a row for each truth, in the order in
// which they came, a column for each thing heard, those that are truths first.
func (c *Confusion) Markdown() string {
	cols := slices.Clone(c.heards)
	slices.SortStableFunc(cols, func(a, b string) int { return c.place(a) - c.place(b) })
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n| truth \\ heard | %s | of |\n|---|%s---:|\n", c.Title, strings.Join(cells(cols), " | "), strings.Repeat("---:|", len(cols)))
	for _, truth := range c.truths {
		fmt.Fprintf(&b, "| %s |", cell(truth))
		for _, heard := range cols {
			n := c.Count(truth, heard)
			switch {
			case n == 0:
				b.WriteString(" |")
			case truth == heard:
				fmt.Fprintf(&b, " **%d** |", n)
			default:
				fmt.Fprintf(&b, " %d |", n)
			}
		}
		fmt.Fprintf(&b, " %d |\n", c.Of(truth))
	}
	return b.String()
}

// place orders the columns: truths in their order, the rest after them.
func (c *Confusion) place(heard string) int {
	if i := slices.Index(c.truths, heard); i >= 0 {
		return i
	}
	return len(c.truths) + slices.Index(c.heards, heard)
}

// Text writes the matrix for a terminal.
func (c *Confusion) Text() string { return plain(c.Markdown()) }

// cell keeps a name from breaking a table.
func cell(s string) string {
	return strings.NewReplacer("|", "/", "\n", " ").Replace(s)
}

func cells(s []string) []string {
	out := make([]string, len(s))
	for i, v := range s {
		out[i] = cell(v)
	}
	return out
}

// plain lines up the columns of the tables in a Markdown text.
func plain(markdown string) string {
	lines := strings.Split(markdown, "\n")
	var out strings.Builder
	for from := 0; from < len(lines); {
		to := from
		for to < len(lines) && strings.HasPrefix(lines[to], "|") {
			to++
		}
		if to == from {
			out.WriteString(lines[from] + "\n")
			from++
			continue
		}
		out.WriteString(columns(lines[from:to]))
		from = to
	}
	return strings.TrimRight(out.String(), "\n") + "\n"
}

func columns(table []string) string {
	var rows [][]string
	var width []int
	for _, line := range table {
		if strings.HasPrefix(line, "|---") {
			continue
		}
		row := strings.Split(strings.Trim(line, "|"), "|")
		for i := range row {
			row[i] = strings.ReplaceAll(strings.TrimSpace(row[i]), "*", "")
			if i == len(width) {
				width = append(width, 0)
			}
			width[i] = max(width[i], len([]rune(row[i])))
		}
		rows = append(rows, row)
	}
	var b strings.Builder
	for _, row := range rows {
		var line strings.Builder
		for i, v := range row {
			pad := strings.Repeat(" ", width[i]-len([]rune(v)))
			if i == 0 {
				line.WriteString("  " + v + pad)
			} else {
				line.WriteString("  " + pad + v)
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	return b.String()
}
