package dialer

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func desk() *Desk {
	return NewDesk(Group{Name: "sales", Addresses: []string{"a", "b", "c"}, WrapUp: 30 * time.Second},
		Group{Name: "night", Addresses: []string{"c", "d"}})
}

func TestDeskRingsInOrder(t *testing.T) {
	d, now := desk(), wednesday
	rung := func(want string, skip ...string) {
		t.Helper()
		if got := strings.Join(d.Reserve(now, "sales", ReserveInOrder, skip...), " "); got != want {
			t.Errorf("reserved %q, want %q", got, want)
		}
	}
	rung("a")
	rung("b")
	d.Release(now, "a") // did not answer: free for others, but not for this call
	rung("c", "a")
	rung("a")
	rung("")
}

func TestDeskTalksAndWrapsUp(t *testing.T) {
	d, now := desk(), wednesday
	d.Reserve(now, "sales", ReserveInOrder)
	if d.Take(now, "b") || !d.Take(now, "a") || d.Take(now, "a") {
		t.Fatal("only a, once, can take the call")
	}
	d.Release(now, "a")
	if n, next := d.Free(now, "sales"); n != 2 || !next.Equal(now.Add(30*time.Second)) {
		t.Errorf("%d ready, next %v", n, next)
	}
	if st := d.Operators(now)[0]; st.State != OperatorWrapUp || !st.Until.Equal(now.Add(30*time.Second)) {
		t.Errorf("%+v", st)
	}
	if n, next := d.Free(now.Add(30*time.Second), "sales"); n != 3 || !next.IsZero() {
		t.Errorf("after the wrap-up: %d ready, next %v", n, next)
	}
}

func TestDeskRingsAll(t *testing.T) {
	d, now := desk(), wednesday
	d.SetReady(now, "b", false)
	all := d.Reserve(now, "sales", ReserveAll)
	if !slices.Equal(all, []string{"a", "c"}) {
		t.Fatalf("reserved %v", all)
	}
	if got := d.Reserve(now, "night", ReserveAll); !slices.Equal(got, []string{"d"}) {
		t.Errorf("the other group: %v, but c is being rung", got)
	}
	d.Take(now, "c")
	d.Release(now, "a")
	if n, _ := d.Free(now, "sales"); n != 1 {
		t.Errorf("%d free", n)
	}
	d.Release(now, "c")
	if n, _ := d.Free(now.Add(time.Minute), "night"); n != 1 {
		t.Errorf("%d free in the other group, want c", n)
	}
}

func TestOperatorWhoLeavesDuringACall(t *testing.T) {
	d, now := desk(), wednesday
	d.Reserve(now, "sales", ReserveInOrder)
	d.Take(now, "a")
	d.SetReady(now, "a", false)
	if d.Operators(now)[0].State != OperatorOnCall {
		t.Fatal("torn out of the call")
	}
	d.Release(now, "a")
	if st := d.Operators(now.Add(time.Hour))[0].State; st != OperatorOffline {
		t.Errorf("after the call: %s", st)
	}
	d.SetReady(now, "a", true)
	if n, _ := d.Free(now, "sales"); n != 3 {
		t.Errorf("%d free", n)
	}
}

func TestDeskKnowsNobodyElse(t *testing.T) {
	d := desk()
	if d.Has("x") || !d.Has("night") || d.SetReady(wednesday, "x", true) || d.Take(wednesday, "x") || d.Reserve(wednesday, "x", ReserveAll) != nil {
		t.Error("strangers at the desk")
	}
	d.Release(wednesday, "x")
}

// Whatever is done in whatever order: nobody is in two calls, and whoever is
// not in a call comes back.
func TestDeskNeverSharesAnOperator(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, now := desk(), wednesday
		held := map[string]bool{}
		for range 60 {
			now = now.Add(time.Duration(rapid.IntRange(0, 40).Draw(t, "pause")) * time.Second)
			switch who := rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(t, "who"); rapid.IntRange(0, 3).Draw(t, "what") {
			case 0:
				group := rapid.SampledFrom([]string{"sales", "night"}).Draw(t, "group")
				mode := rapid.SampledFrom([]ReserveMode{ReserveInOrder, ReserveAll}).Draw(t, "mode")
				for _, a := range d.Reserve(now, group, mode) {
					if held[a] {
						t.Fatalf("%s is reserved twice", a)
					}
					held[a] = true
				}
			case 1:
				if took := d.Take(now, who); took && !held[who] {
					t.Fatalf("%s takes a call that never rang", who)
				}
			case 2:
				d.Release(now, who)
				delete(held, who)
			case 3:
				if d.operators[who].state != OperatorReserved { // leaving while rung gives up the call
					d.SetReady(now, who, rapid.Bool().Draw(t, "ready"))
				}
			}
		}
		for _, who := range []string{"a", "b", "c", "d"} {
			d.Release(now, who)
			d.SetReady(now.Add(time.Minute), who, true)
		}
		if n, _ := d.Free(now.Add(time.Minute), "sales"); n != 3 {
			t.Fatalf("%d of 3 came back", n)
		}
	})
}
