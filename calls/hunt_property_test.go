package calls

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// huntLog holds what a hunt has asked for, and what must be true of it.
type huntLog struct {
	t        *rapid.T
	up       []string // rung and not dropped
	rung     []string
	whispers string
	joined   string
	nobody   bool
	wants    bool
}

func (l *huntLog) take(moves []huntMove) {
	for _, m := range moves {
		if l.nobody && m.kind != moveDrop { // what was granted too late goes back
			l.t.Fatalf("%s after nobody came", script(moves))
		}
		switch m.kind {
		case moveWant:
			if len(l.up) > 0 {
				l.t.Fatalf("asks for more while %v are up", l.up)
			}
			l.wants = true
		case moveRing:
			if slices.Contains(l.rung, m.address) {
				l.t.Fatalf("%s is rung twice", m.address)
			}
			l.up, l.rung = append(l.up, m.address), append(l.rung, m.address)
		case moveDrop:
			l.up = slices.DeleteFunc(l.up, func(a string) bool { return a == m.address })
			if l.whispers == m.address {
				l.whispers = ""
			}
		case moveWhisper:
			if l.whispers != "" || l.joined != "" || !slices.Contains(l.up, m.address) {
				l.t.Fatalf("whispers to %s; %q is told, %q is joined, %v are up", m.address, l.whispers, l.joined, l.up)
			}
			l.whispers = m.address
		case moveJoin:
			if l.joined != "" || l.whispers != m.address {
				l.t.Fatalf("joins %s; %q is told, %q is joined", m.address, l.whispers, l.joined)
			}
			l.joined = m.address
		case moveNobody:
			if len(l.up) > 0 || l.joined != "" {
				l.t.Fatalf("nobody came, and %v are up", l.up)
			}
			l.nobody = true
		}
	}
}

// Whatever comes in whatever order: nobody is rung twice, one operator at
// most is told or joined, the hunt never sleeps for ever, and its end leaves
// nobody's telephone ringing.
func TestAnyHunt(t *testing.T) {
	staff := []string{"anna", "boris", "vera"}
	rapid.Check(t, func(t *rapid.T) {
		l := &huntLog{t: t}
		now := at(0)
		h, moves := newHunt(now, 10*time.Second, rapid.Bool().Draw(t, "all"), len(staff))
		l.take(moves)
		for range rapid.IntRange(0, 30).Draw(t, "events") {
			now = now.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "ms")) * time.Millisecond)
			who := rapid.SampledFrom(staff).Draw(t, "who")
			switch rapid.SampledFrom([]string{"granted", "granted", "answered", "whispered", "gone", "tick"}).Draw(t, "event") {
			case "granted":
				if l.wants { // the desk answers a wish once, with anybody but those tried
					l.wants = false
					free := slices.DeleteFunc(slices.Clone(staff), func(a string) bool { return slices.Contains(l.rung, a) })
					l.take(h.granted(now, free[:rapid.IntRange(0, len(free)).Draw(t, "n")]))
				}
			case "answered":
				l.take(h.answered(who))
			case "whispered":
				l.take(h.whispered())
			case "gone":
				if l.joined == "" {
					l.take(h.gone(now, who))
				}
			case "tick":
				l.take(h.tick(now))
			}
			if !l.nobody && l.whispers == "" && l.joined == "" && h.deadline().IsZero() {
				t.Fatalf("the hunt waits without an end: %+v", h)
			}
		}
		if l.nobody {
			return
		}
		l.take(h.abort())
		if len(l.up) > 0 {
			t.Fatalf("%v are left", l.up)
		}
	})
}
