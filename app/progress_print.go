package app

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"dozvon/dialer/loop"
	"dozvon/internal/mailbox"

	"golang.org/x/term"
)

// How often each kind of display prints.
const (
	barEvery   = 200 * time.Millisecond
	plainEvery = 10 * time.Second
	jsonEvery  = time.Second
)

// ProgressModes are the values of --progress.
var ProgressModes = []string{"auto", "bar", "plain", "json", "none"}

// display shows a standing while a run goes on. One goroutine owns it.
type display struct {
	mode  string
	out   io.Writer
	now   func() time.Time
	turns *mailbox.Box[turn]
	end   chan struct{}
	ended chan struct{}
	s     *standing
	drawn int // lines of the bar on the screen
}

// turn is one turn of one loop.
type turn struct {
	source int
	report loop.Report
}

// newDisplay chooses how to show progress: on a terminal a bar that is drawn
// over, elsewhere a line now and then.
func newDisplay(mode string, out io.Writer, s *standing) *display {
	if mode == "auto" || mode == "" {
		mode = "plain"
		if isTerminal(out) {
			mode = "bar"
		}
	}
	return &display{mode: mode, out: out, now: time.Now, turns: mailbox.New[turn](), s: s,
		end: make(chan struct{}), ended: make(chan struct{})}
}

// isTerminal reports whether a person looks at the output.
func isTerminal(out io.Writer) bool {
	f, ok := out.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// observer takes the turns of a loop; it never blocks. A report is valid
// during the call only, so that what matters of it is copied.
func (d *display) observer(source int) func(loop.Report) {
	return func(r loop.Report) {
		r.Placed, r.Saved, r.Campaigns = slices.Clone(r.Placed), slices.Clone(r.Saved), slices.Clone(r.Campaigns)
		d.turns.Put(turn{source, r})
	}
}

// run shows progress until stop.
func (d *display) run() {
	defer close(d.ended)
	every := map[string]time.Duration{"bar": barEvery, "plain": plainEvery, "json": jsonEvery}[d.mode]
	if every == 0 {
		every = time.Minute
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	var batch []turn
	for {
		select {
		case <-d.turns.Ready():
			batch = d.take(batch)
		case <-tick.C:
			d.print()
		case <-d.end:
			d.take(batch)
			d.print()
			return
		}
	}
}

func (d *display) take(batch []turn) []turn {
	batch = d.turns.Take(batch)
	for _, t := range batch {
		d.s.apply(t.source, t.report)
	}
	return batch
}

// stop prints the last state and ends run.
func (d *display) stop() {
	close(d.end)
	<-d.ended
}

func (d *display) print() {
	switch d.mode {
	case "bar":
		d.bar()
	case "plain":
		fmt.Fprintln(d.out, d.line())
	case "json":
		d.json()
	}
}

func (d *display) line() string {
	total, done, _ := d.s.sums()
	text := fmt.Sprintf("%s  calls up %d  done %d of %d", d.now().Sub(d.s.Started).Round(time.Second), d.s.up(), done, total)
	for _, c := range d.s.Campaigns {
		for _, list := range c.names() {
			text += fmt.Sprintf("  %s %d", list, c.Lists[list])
		}
		if why := c.paused(); why != "" {
			text += "  paused: " + why
		}
	}
	if left, ok := d.s.left(d.now()); ok && left > 0 {
		text += "  about " + left.String() + " left"
	}
	return text
}

// bar draws a line per campaign and one of totals over the previous drawing.
func (d *display) bar() {
	var b strings.Builder
	if d.drawn > 0 {
		fmt.Fprintf(&b, "\x1b[%dA", d.drawn)
	}
	width := 0
	for _, c := range d.s.Campaigns {
		width = max(width, len([]rune(c.Name)))
	}
	for _, c := range d.s.Campaigns {
		fmt.Fprintf(&b, "\r\x1b[K%-*s %s %4d/%d", width, c.Name, gauge(c.Done, c.Total, 24), c.Done, c.Total)
		for _, list := range c.names() {
			fmt.Fprintf(&b, "  %s %d", list, c.Lists[list])
		}
		if why := c.paused(); why != "" {
			fmt.Fprintf(&b, "  paused: %s", why)
		}
		b.WriteByte('\n')
	}
	total, done, _ := d.s.sums()
	fmt.Fprintf(&b, "\r\x1b[Kcalls up %d, done %d of %d, %s", d.s.up(), done, total, d.now().Sub(d.s.Started).Round(time.Second))
	if left, ok := d.s.left(d.now()); ok && left > 0 {
		fmt.Fprintf(&b, ", about %s left", left)
	}
	b.WriteByte('\n')
	d.drawn = len(d.s.Campaigns) + 1
	io.WriteString(d.out, b.String()) //nolint:errcheck // a terminal that is gone takes nothing with it
}

func gauge(done, total, width int) string {
	full := 0
	if total > 0 {
		full = min(width, done*width/total)
	}
	return strings.Repeat("█", full) + strings.Repeat("░", width-full)
}

func (d *display) json() {
	total, done, _ := d.s.sums()
	left, _ := d.s.left(d.now())
	line, err := json.Marshal(struct {
		Seconds   float64             `json:"seconds"`
		Up        int                 `json:"calls_up"`
		Done      int                 `json:"done"`
		Total     int                 `json:"leads"`
		Left      float64             `json:"seconds_left,omitempty"`
		Campaigns []*campaignStanding `json:"campaigns"`
	}{d.now().Sub(d.s.Started).Seconds(), d.s.up(), done, total, left.Seconds(), d.s.Campaigns})
	if err == nil {
		fmt.Fprintf(d.out, "%s\n", line)
	}
}
