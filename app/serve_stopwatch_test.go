package app

import (
	"testing"
	"time"

	"dozvon/dialer"
)

func TestStopwatchJoinsInAnyOrder(t *testing.T) {
	var got []time.Duration
	w := newStopwatch(func(d time.Duration) { got = append(got, d) })
	t0 := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	at := func(ms int) time.Time { return t0.Add(time.Duration(ms) * time.Millisecond) }
	w.pushed([]dialer.LeadID{1, 2}, at(0))
	w.pushed([]dialer.LeadID{1, 2}, at(3)) // a repeat by the same key
	w.dialled(dialer.Attempt{Lead: 2, Number: 1}, at(5))
	w.dialled(dialer.Attempt{Lead: 3, Number: 1}, at(9)) // before the push was told of
	w.pushed([]dialer.LeadID{3}, at(6))
	w.dialled(dialer.Attempt{Lead: 1, Number: 2}, at(7000)) // a second call is no answer to a push
	w.dialled(dialer.Attempt{Lead: 2, Number: 1}, at(8000)) // nor is anything twice
	for _, m := range w.box.Take(nil) {
		w.take(m)
	}
	want := []time.Duration{5 * time.Millisecond, 3 * time.Millisecond}
	if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("measured %v, want %v", got, want)
	}
}

// Leads that are never called do not fill the memory.
func TestStopwatchForgets(t *testing.T) {
	measured := 0
	w := newStopwatch(func(time.Duration) { measured++ })
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	const leads = 10 * stopwatchKept
	for id := range dialer.LeadID(leads) {
		w.take(pushedLeads{[]dialer.LeadID{id}, now})
	}
	if n := len(w.fresh) + len(w.stale); n > 2*stopwatchKept {
		t.Errorf("%d are remembered", n)
	}
	w.take(dialledLead{leads - 1, now})
	w.take(dialledLead{0, now})
	if measured != 1 {
		t.Errorf("%d measured: the newest must be remembered, the oldest forgotten", measured)
	}
}
