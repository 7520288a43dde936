package calls

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

var t0 = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func at(s float64) time.Time { return t0.Add(time.Duration(s * float64(time.Second))) }

func script(moves []huntMove) string {
	words := make([]string, len(moves))
	for i, m := range moves {
		words[i] = strings.TrimSpace(fmt.Sprint([]string{"want", "ring", "drop", "whisper", "join", "nobody"}[m.kind], " ", m.address))
	}
	return strings.Join(words, ", ")
}

func expect(t *testing.T, got []huntMove, want string) {
	t.Helper()
	if s := script(got); s != want {
		t.Fatalf("got %q, want %q", s, want)
	}
}

func TestHuntInOrder(t *testing.T) {
	h, moves := newHunt(at(0), 20*time.Second, false, 2)
	expect(t, moves, "want")
	expect(t, h.granted(at(0), []string{"anna"}), "ring anna")
	expect(t, h.tick(at(9.9)), "")
	expect(t, h.tick(at(10)), "drop anna, want")
	expect(t, h.granted(at(10), []string{"boris"}), "ring boris")
	expect(t, h.answered("boris"), "whisper boris")
	expect(t, h.tick(at(30)), "") // the whisper is not cut by the wait
	expect(t, h.whispered(), "join boris")
	expect(t, h.abort(), "drop boris")
	expect(t, h.abort(), "")
}

func TestHuntInOrderGivesEverybodyTimeToAnswer(t *testing.T) {
	for _, c := range []struct {
		within float64
		size   int
		each   float64
	}{{20, 2, 10}, {20, 10, 6}, {60, 10, 6}, {120, 10, 12}, {8, 100, 4}, {3, 3, 1.5}, {5, 1, 5}} {
		h, _ := newHunt(at(0), time.Duration(c.within*float64(time.Second)), false, c.size)
		h.granted(at(0), []string{"anna"})
		if got := h.deadline().Sub(at(0)).Seconds(); got != c.each {
			t.Errorf("%v s among %d: the first rings for %v s, want %v", c.within, c.size, got, c.each)
		}
	}
}

func TestHuntAllAtOnce(t *testing.T) {
	h, _ := newHunt(at(0), 15*time.Second, true, 3)
	expect(t, h.granted(at(0), []string{"anna", "boris", "vera"}), "ring anna, ring boris, ring vera")
	expect(t, h.gone(at(1), "vera"), "drop vera")
	expect(t, h.answered("boris"), "whisper boris, drop anna")
	expect(t, h.answered("anna"), "") // her 200 crossed our CANCEL: the leg's owner releases it
	expect(t, h.whispered(), "join boris")
}

func TestHuntNobody(t *testing.T) {
	_, moves := newHunt(at(0), time.Second, false, 0)
	expect(t, moves, "nobody")

	h, _ := newHunt(at(0), 10*time.Second, false, 2)
	expect(t, h.granted(at(1), []string{"anna"}), "ring anna")
	expect(t, h.gone(at(2), "anna"), "drop anna, want")
	// Boris is on a call and the person waits for him, but not for ever.
	expect(t, h.tick(at(9)), "")
	expect(t, h.tick(at(10)), "nobody")
	expect(t, h.granted(at(10.1), []string{"boris"}), "drop boris")

	h, _ = newHunt(at(0), 10*time.Second, true, 1)
	h.granted(at(0), []string{"anna"})
	expect(t, h.gone(at(1), "anna"), "drop anna, nobody")
}

func TestHuntOperatorLeavesDuringTheWhisper(t *testing.T) {
	h, _ := newHunt(at(0), 20*time.Second, false, 2)
	h.granted(at(0), []string{"anna"})
	h.answered("anna")
	expect(t, h.gone(at(3), "anna"), "drop anna, want")
	expect(t, h.whispered(), "") // the end of her whisper comes late
	expect(t, h.granted(at(3), []string{"anna"}), "drop anna")
}

func TestHuntPersonLeaves(t *testing.T) {
	h, _ := newHunt(at(0), 20*time.Second, true, 2)
	h.granted(at(0), []string{"anna", "boris"})
	expect(t, h.abort(), "drop anna, drop boris")
	expect(t, h.answered("anna"), "")
	expect(t, h.tick(at(20)), "")
	if !h.deadline().IsZero() {
		t.Fatal("a hunt that is over wants a tick")
	}
}
