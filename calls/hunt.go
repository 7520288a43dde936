package calls

import (
	"slices"
	"time"
)

// A hunt looks for an operator for one person who waits on the line. It is
// pure: Handle-style methods return what to do, and the call does
// it. Each operator is rung at most once per hunt.
//
//	seeking → (granted) ringing → (answered) whispering → joined
//	seeking, ringing → (nobody left, or time over) over
type hunt struct {
	all    bool          // ring every free operator at once rather than one after the other
	each   time.Duration // how long one operator rings when they ring in order
	until  time.Time     // when the person has waited long enough
	size   int           // operators in the group
	state  huntState
	tried  []string
	up     []rung // legs that ring
	chosen string
}

type rung struct {
	address string
	until   time.Time
}

type huntState uint8

const (
	huntSeeking huntState = iota
	huntRinging
	huntWhispering
	huntJoined
	huntOver
)

// huntMove is one thing to do for a hunt.
type huntMove struct {
	kind    huntKind
	address string
}

type huntKind uint8

const (
	moveWant    huntKind = iota // ask the desk for operators that were not tried
	moveRing                    // call this operator
	moveDrop                    // end this operator's leg and give the operator back
	moveWhisper                 // this operator answered: say who is waiting
	moveJoin                    // join this operator and the person
	moveNobody                  // tell the scenario that nobody came
)

// shortestRing is the least time that an operator who is rung alone gets to
// answer: one period of the ringing tone of most countries (ITU-T E.180
// table 1) and a hand on the way. A large group is then not rung to its end;
// those who were not reached stay free for other calls.
const shortestRing = 6 * time.Second

// newHunt starts a hunt: within is how long the person waits at most, size how
// many operators the group has.
func newHunt(now time.Time, within time.Duration, all bool, size int) (*hunt, []huntMove) {
	h := &hunt{all: all, until: now.Add(within), size: size, each: within}
	if !all && size > 1 {
		h.each = max(within/time.Duration(size), min(shortestRing, within/2))
	}
	if size == 0 {
		return h, h.giveUp()
	}
	return h, []huntMove{{kind: moveWant}}
}

// granted takes operators that the desk has reserved for this hunt.
func (h *hunt) granted(now time.Time, addresses []string) []huntMove {
	var moves []huntMove
	for _, a := range addresses {
		if h.state > huntRinging || slices.Contains(h.tried, a) {
			moves = append(moves, huntMove{moveDrop, a})
			continue
		}
		h.state = huntRinging
		h.tried = append(h.tried, a)
		h.up = append(h.up, rung{a, earlier(now.Add(h.each), h.until)})
		moves = append(moves, huntMove{moveRing, a})
	}
	return moves
}

// answered: the operator picked up. The first one wins.
func (h *hunt) answered(address string) []huntMove {
	if !h.rings(address) {
		return nil
	}
	h.chosen, h.state = address, huntWhispering
	moves := []huntMove{{moveWhisper, address}}
	for _, r := range h.up {
		if r.address != address {
			moves = append(moves, huntMove{moveDrop, r.address})
		}
	}
	h.up = nil
	return moves
}

// whispered: the operator has heard who is waiting.
func (h *hunt) whispered() []huntMove {
	if h.state != huntWhispering {
		return nil
	}
	h.state = huntJoined
	return []huntMove{{moveJoin, h.chosen}}
}

// gone: an operator's leg ended before the join (refused, failed, hung up
// during the whisper).
func (h *hunt) gone(now time.Time, address string) []huntMove {
	if h.state == huntWhispering && address == h.chosen {
		h.chosen, h.state = "", huntSeeking
		return append([]huntMove{{moveDrop, address}}, h.next(now)...)
	}
	if !h.rings(address) {
		return nil
	}
	h.up = slices.DeleteFunc(h.up, func(r rung) bool { return r.address == address })
	return append([]huntMove{{moveDrop, address}}, h.next(now)...)
}

// tick: time has passed.
func (h *hunt) tick(now time.Time) []huntMove {
	if h.state >= huntWhispering {
		return nil
	}
	if !now.Before(h.until) {
		return h.giveUp()
	}
	var moves []huntMove
	for _, r := range slices.Clone(h.up) {
		if !now.Before(r.until) {
			moves = append(moves, h.gone(now, r.address)...)
		}
	}
	return moves
}

// abort ends the hunt because the person is gone; the operator who is on the
// line, if any, is dropped too.
func (h *hunt) abort() []huntMove {
	if h.state == huntOver {
		return nil
	}
	var moves []huntMove
	for _, r := range h.up {
		moves = append(moves, huntMove{moveDrop, r.address})
	}
	if h.chosen != "" {
		moves = append(moves, huntMove{moveDrop, h.chosen})
	}
	h.up, h.chosen, h.state = nil, "", huntOver
	return moves
}

// deadline is when tick must be called next; zero if never.
func (h *hunt) deadline() time.Time {
	if h.state >= huntWhispering {
		return time.Time{}
	}
	next := h.until
	for _, r := range h.up {
		next = earlier(next, r.until)
	}
	return next
}

func (h *hunt) rings(address string) bool {
	return slices.ContainsFunc(h.up, func(r rung) bool { return r.address == address })
}

// next goes on after an operator was lost.
func (h *hunt) next(now time.Time) []huntMove {
	switch {
	case len(h.up) > 0:
		return nil
	case len(h.tried) >= h.size || !now.Before(h.until):
		return h.giveUp()
	}
	h.state = huntSeeking
	return []huntMove{{kind: moveWant}}
}

func (h *hunt) giveUp() []huntMove {
	return append(h.abort(), huntMove{kind: moveNobody})
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
