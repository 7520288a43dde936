package calls

import (
	"fmt"
	"strings"
	"testing"

	"dozvon/dialer"
)

func nth(n int) dialer.Lead { return dialer.Lead{Phone: fmt.Sprintf("+7916%07d", n)} }

func TestCallerIDOfAColumnElseOfThePoolElseFixed(t *testing.T) {
	ids := CallerIDs{Fixed: "+74950000000", Pool: []string{"+74951111111"}, Column: "shown"}
	for cell, want := range map[string]string{
		"+7 (495) 222-22-22": "+74952222222", "84952222222": "84952222222", "900": "900",
		"": "+74951111111", "12": "+74951111111", "anna": "+74951111111", "+7495222222222222": "+74951111111",
		"+7495\r\nVia: x": "+74951111111", "++7495": "+74951111111", "7495;tag=1": "+74951111111", "＋７４９５": "+74951111111",
		strings.Repeat(" ", 99) + "900": "+74951111111",
	} {
		l := nth(1)
		l.Columns = map[string]string{"shown": cell}
		if got := ids.For(l); got != want {
			t.Errorf("%q: %q, want %q", cell, got, want)
		}
	}
	if got := (CallerIDs{Fixed: "+74950000000"}).For(nth(1)); got != "+74950000000" {
		t.Errorf("fixed: %q", got)
	}
	if got := (CallerIDs{}).For(nth(1)); got != "" {
		t.Errorf("none: %q", got)
	}
}

// Each person sees the same number on every call, the pool is shared evenly,
// and a number more takes only its own share from the others.
func TestPoolIsStickyEvenAndStable(t *testing.T) {
	const people = 20000
	var pool []string
	for n := range 9 {
		pool = append(pool, fmt.Sprintf("+7495123456%d", n))
	}
	small, large := CallerIDs{Pool: pool[:8]}, CallerIDs{Pool: pool}
	shares, moved := map[string]int{}, 0
	for n := range people {
		before, after := small.For(nth(n)), large.For(nth(n))
		if before != small.For(nth(n)) {
			t.Fatal("two calls, two numbers")
		}
		shares[before]++
		if before != after {
			moved++
			if after != pool[8] {
				t.Fatalf("moved from %s to %s, which was there before", before, after)
			}
		}
	}
	for id, n := range shares {
		if n < people/8*9/10 || n > people/8*11/10 {
			t.Errorf("%s: %d of %d", id, n, people)
		}
	}
	if len(shares) != 8 || moved < people/9*9/10 || moved > people/9*11/10 {
		t.Errorf("%d numbers in use; the ninth takes %d of %d", len(shares), moved, people)
	}
}

func FuzzCallerIDColumn(f *testing.F) {
	for _, s := range []string{"+7 495 123-45-67", "900", "+\r\n", "１２３"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, cell string) {
		id := cleanCallerID(cell)
		digits := strings.TrimPrefix(id, "+")
		if id != "" && (len(digits) < minCallerID || len(digits) > maxCallerID || strings.Trim(digits, "0123456789") != "") {
			t.Fatalf("%q becomes %q", cell, id)
		}
	})
}

// The number chosen is the one in the INVITE, and the one in the result.
func TestChosenNumberIsShown(t *testing.T) {
	t.Parallel()
	ids := CallerIDs{Pool: []string{"+74951111111", "+74952222222", "+74953333333"}}
	r := newRig(t, rigOptions{people: people(person(hears, presses("2"))),
		config: func(c *Config) { c.CallerIDs = map[string]CallerIDs{"far": ids} }})
	res := r.run(number)
	want := ids.For(dialer.Lead{Phone: number})
	if far := r.farCall(number, 1); far.From != want || res.CallerID != want {
		t.Errorf("shown %q, told %q, want %q", far.From, res.CallerID, want)
	}
}
