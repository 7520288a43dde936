package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"dozvon/hearing"
	"dozvon/hearing/corpus"
)

func bar(name string, run func(context.Context, *Report) error) Bar {
	return Bar{Name: name, Title: "Bar " + name, Data: "nothing", Run: run}
}

func runBars(t *testing.T, bars ...Bar) (*Outcome, string) {
	t.Helper()
	var log strings.Builder
	o, err := Run(context.Background(), bars, Options{Log: &log})
	if err != nil {
		t.Fatal(err)
	}
	return o, log.String()
}

func TestReportNamesEveryDemand(t *testing.T) {
	o, _ := runBars(t,
		bar("good", func(_ context.Context, r *Report) error { r.Judge("dtmf", "0 errors", true); return nil }),
		bar("bad", func(_ context.Context, r *Report) error {
			r.Judge("talk-off", "3 keys", false)
			c := &Confusion{Title: "Matrix"}
			c.Add("yes", "no")
			r.Confuse(c)
			r.Unproven("that it works")
			return nil
		}))
	var md strings.Builder
	if err := o.Write(&md); err != nil {
		t.Fatal(err)
	}
	for _, d := range Demands {
		if !strings.Contains(md.String(), "| "+d.What+" | "+d.AtLeast+" |") {
			t.Errorf("no line for %q", d.What)
		}
	}
	for _, want := range []string{"| 0 errors | PASS |", "| 3 keys | **MISS** |", "not measured", "| yes |", "- that it works", "-only bad"} {
		if !strings.Contains(md.String(), want) {
			t.Errorf("no %q in\n%s", want, md.String())
		}
	}
	if !o.Missed() || o.Skipped() {
		t.Errorf("missed %v, skipped %v", o.Missed(), o.Skipped())
	}
}

func TestAbsentPackagesSkip(t *testing.T) {
	absent := bar("absent", func(context.Context, *Report) error { t.Error("it ran"); return nil })
	absent.Needs = []corpus.Package{"no-such-package"}
	late := bar("late", func(context.Context, *Report) error { return fmt.Errorf("reading: %w", corpus.Missing("nor-this")) })
	o, log := runBars(t, absent, late)
	if o.Missed() || !o.Skipped() {
		t.Errorf("missed %v, skipped %v", o.Missed(), o.Skipped())
	}
	var md strings.Builder
	_ = o.Write(&md)
	for _, s := range []string{"apt-get install --no-install-recommends no-such-package", "nor-this"} {
		if !strings.Contains(md.String(), s) || !strings.Contains(log, s) {
			t.Errorf("%q is not said", s)
		}
	}
}

func TestBrokenBarIsAMissAndStopsNoOther(t *testing.T) {
	ran := false
	o, log := runBars(t,
		bar("broken", func(context.Context, *Report) error { return errors.New("no sound") }),
		bar("next", func(context.Context, *Report) error { ran = true; return nil }))
	if !o.Missed() || !ran || !strings.Contains(log, "no sound") {
		t.Errorf("missed %v, the next ran %v: %s", o.Missed(), ran, log)
	}
}

func TestOnlyChoosesAndRefuses(t *testing.T) {
	ran := []string{}
	mine := func(name string) Bar {
		return bar(name, func(context.Context, *Report) error { ran = append(ran, name); return nil })
	}
	bars := []Bar{mine("a"), mine("b"), mine("c")}
	if _, err := Run(context.Background(), bars, Options{Only: []string{"c", "a"}, Log: io.Discard}); err != nil || !slices.Equal(ran, []string{"a", "c"}) {
		t.Errorf("ran %v, %v", ran, err)
	}
	if _, err := Run(context.Background(), bars, Options{Only: []string{"d"}, Log: io.Discard}); err == nil || !strings.Contains(err.Error(), "a, b, c") {
		t.Errorf("got %v", err)
	}
}

func TestBarsHaveNamesOfTheirOwn(t *testing.T) {
	seen := map[string]bool{}
	for _, b := range All() {
		if seen[b.Name] || b.Name == "" || b.Title == "" || b.Data == "" || b.Run == nil {
			t.Errorf("bar %+v", b)
		}
		seen[b.Name] = true
	}
}

func TestConfusion(t *testing.T) {
	c := &Confusion{Title: "T"}
	for _, v := range [][2]string{{"yes", "yes"}, {"yes", "unsure"}, {"no", "no"}, {"no", "yes"}, {"a|b", "no"}} {
		c.Add(v[0], v[1])
	}
	want := "T\n\n| truth \\ heard | yes | no | unsure | of |\n|---|---:|---:|---:|---:|\n" +
		"| yes | **1** | | 1 | 2 |\n| no | 1 | **1** | | 2 |\n| a/b | | 1 | | 1 |\n"
	if got := c.Markdown(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if text := c.Text(); !strings.Contains(text, "  yes              1           1   2\n") {
		t.Errorf("got\n%s", text)
	}
	if c.Of("yes") != 2 || c.Count("no", "yes") != 1 || c.Of("never") != 0 {
		t.Error("counts are wrong")
	}
}

func TestTimes(t *testing.T) {
	w := Times{Title: "T"}
	for i := range 100 {
		w.Add(time.Duration(100-i) * 10 * time.Millisecond)
	}
	if w.Quantile(0.5) != 500*time.Millisecond || w.Quantile(0.95) != 950*time.Millisecond || w.Quantile(1) != time.Second {
		t.Errorf("%s", w.Brief())
	}
	if text := w.Text(); strings.Count(text, "\n") > 17 || !strings.Contains(text, "0.50 –  0.60 s     10 ####") {
		t.Errorf("got\n%s", text)
	}
	none := Times{}
	if none.Brief() != "no decision" || none.Quantile(0.5) != 0 {
		t.Error("no times give figures")
	}
}

func TestRemaining(t *testing.T) {
	if got := remaining(10*time.Second, 25, 100, time.Minute); got != 30*time.Second {
		t.Errorf("got %v", got)
	}
	if got := remaining(10*time.Second, 0, 0, time.Minute); got != 50*time.Second {
		t.Errorf("got %v", got)
	}
	if got := remaining(2*time.Minute, 0, 0, time.Minute); got != 0 {
		t.Errorf("got %v", got)
	}
}

func TestTallyCountsWhatItSays(t *testing.T) {
	answer := func(class corpus.Class, heard hearing.Kind) Answer {
		return Answer{Call: corpus.Call{Class: class}, Rendered: corpus.Rendered{Start: time.Second}, Decision: Decision{Kind: heard, At: 3 * time.Second}}
	}
	w := Count("T", []Answer{
		answer(corpus.Person, hearing.Human), answer(corpus.Person, hearing.Unsure), answer(corpus.Person, ""),
		answer(corpus.Business, hearing.Human), answer(corpus.Carrier, hearing.Announcement),
		answer(corpus.Voicemail, hearing.Human), answer(corpus.Menu, hearing.Machine), answer(corpus.Fax, hearing.Fax),
	})
	if w.Kept != 1 || w.People != 3 || w.Found != 2 || w.Machines != 3 || w.Business != 1 || w.Firms != 1 {
		t.Errorf("%+v", w)
	}
	if w.Short.Len() != 2 || w.All.Quantile(1) != 2*time.Second {
		t.Errorf("times %s, %s", w.Short.Brief(), w.All.Brief())
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"123", "123", 0}, {"123", "13", 1}, {"123", "1223", 1}, {"123", "153", 1}, {"", "12", 2}, {"11", "1", 1}} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("%q to %q: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
