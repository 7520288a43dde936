package sip

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	gosip "github.com/emiago/sipgo/sip"
)

// leaves plays an exchange over time and returns when its request left again,
// in units of T1, and whether and when it was lost.
func leaves(method gosip.RequestMethod, heard map[int]int) (at []int, lost int) {
	start := time.Unix(0, 0)
	var x exchanges
	x.begin(start, exchange{method: method, branch: "b"})
	for now := start; len(x) > 0 && now.Sub(start) < 100*t1; now = now.Add(t1 / 10) {
		units := int(now.Sub(start) / t1)
		if code := heard[units]; code != 0 {
			x.hear(now, method, "b", code)
		}
		again, over := x.due(now)
		if len(again) > 0 {
			at = append(at, units)
		}
		if len(over) > 0 {
			lost = units
		}
	}
	return at, lost
}

// RFC 3261 sections 17.1.1.2 and 17.1.2.2: figures 5 and 6.
func TestExchangesRepeatByTheBook(t *testing.T) {
	for _, c := range []struct {
		method gosip.RequestMethod
		heard  map[int]int
		at     []int
		lost   int
	}{
		{gosip.INVITE, nil, []int{1, 3, 7, 15, 31, 63}, 64},
		{gosip.INVITE, map[int]int{2: 180}, []int{1}, 0},
		{gosip.INVITE, map[int]int{2: 200}, []int{1}, 0},
		{gosip.BYE, nil, []int{1, 3, 7, 15, 23, 31, 39, 47, 55, 63}, 64},
		{gosip.BYE, map[int]int{2: 100}, []int{1, 3, 11, 19, 27, 35, 43, 51, 59}, 64},
		{gosip.BYE, map[int]int{5: 481}, []int{1, 3}, 0},
	} {
		if at, lost := leaves(c.method, c.heard); !slices.Equal(at, c.at) || lost != c.lost {
			t.Errorf("%s, heard %v: again at %v, lost at %d; want %v, %d", c.method, c.heard, at, lost, c.at, c.lost)
		}
	}
}

func TestExchangesAreToldApart(t *testing.T) {
	now := time.Unix(0, 0)
	var x exchanges
	x.begin(now, exchange{method: gosip.INVITE, branch: "a"})
	x.begin(now, exchange{method: gosip.CANCEL, branch: "a"}) // of the INVITE (section 9.1)
	x.begin(now, exchange{method: gosip.BYE, branch: "b"})
	if _, known := x.hear(now, gosip.INVITE, "b", 200); known {
		t.Error("a response to nothing is known")
	}
	if e, known := x.hear(now, gosip.CANCEL, "a", 200); !known || e.method != gosip.CANCEL {
		t.Errorf("%+v", e)
	}
	x.forget(gosip.INVITE, "a")
	if len(x) != 1 || x[0].method != gosip.BYE || !x.next().Equal(now.Add(t1)) {
		t.Errorf("%+v", x)
	}
}

// A refusal that comes again is acknowledged again, long after the call is
// over, and by the same ACK.
func TestRefusalsAreAcknowledgedAgain(t *testing.T) {
	f := newFar(t, func(f *far, m packet) {
		if m.is("INVITE") {
			f.reply(m, 486, "a", "", "")
		}
	})
	n := newNear(t)
	p := n.call(Call{ID: "refused", To: f.uri()})
	p.until(Ended)
	first := f.await("ACK", 1)
	f.reply(f.await("INVITE", 1), 486, "a", "", "")
	again := f.await("ACK", 2)
	for _, h := range []string{"Via", "CSeq", "From", "To", "Call-ID"} {
		if first.header(h) == "" || first.header(h) != again.header(h) {
			t.Errorf("%s: %q, then %q", h, first.header(h), again.header(h))
		}
	}
	if !strings.HasSuffix(first.header("CSeq"), "ACK") || first.header("Via") != f.await("INVITE", 1).header("Via") {
		t.Errorf("ACK %s over %s", first.header("CSeq"), first.header("Via"))
	}
}

func TestFarewellsAreForgotten(t *testing.T) {
	var f farewells
	now := time.Unix(0, 0)
	for i := range 10 {
		f.keep(now.Add(time.Duration(i)*t164/4), fmt.Sprint(i), farewell{})
	}
	if _, ok := f.of("9"); !ok {
		t.Error("the last one is forgotten")
	}
	if _, ok := f.of("6"); !ok {
		t.Error("one of 24 s ago is forgotten")
	}
	if _, ok := f.of("0"); ok || len(f.fresh)+len(f.stale) > 8 {
		t.Errorf("%d are kept", len(f.fresh)+len(f.stale))
	}
}
