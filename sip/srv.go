package sip

import (
	"cmp"
	"slices"
)

// target is one name of a domain's SRV records (RFC 2782), or the domain
// itself where it has none, with the addresses found for it.
type target struct {
	priority, weight uint16
	ways             []way
}

// arrange puts targets into the order in which they are tried (RFC 2782): by
// priority, and within one priority drawn by weight, so that calls spread as
// the domain wishes. pick returns a number from 0 to n-1.
func arrange(all []target, pick func(n int) int) []way {
	left := slices.Clone(all)
	slices.SortStableFunc(left, func(a, b target) int { return cmp.Compare(a.priority, b.priority) })
	var out []way
	for len(left) > 0 {
		same := 1
		for same < len(left) && left[same].priority == left[0].priority {
			same++
		}
		i := draw(left[:same], pick)
		out = append(out, left[i].ways...)
		left = slices.Delete(left, i, i+1)
	}
	return out
}

// draw picks one of the targets of one priority by weight. Weight 0 is a very
// small chance, not none.
func draw(same []target, pick func(n int) int) int {
	if len(same) == 1 {
		return 0
	}
	sum := 0
	for _, t := range same {
		sum += int(t.weight)
	}
	if sum == 0 {
		return pick(len(same))
	}
	at := pick(sum + 1)
	for i, t := range same {
		if at == 0 && t.weight == 0 {
			return i
		}
	}
	for i, t := range same {
		if at -= int(t.weight); t.weight > 0 && at <= 0 {
			return i
		}
	}
	return 0
}
