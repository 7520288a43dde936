package report

import (
	"cmp"
	"math/rand/v2"
	"slices"
)

// Pick is a call to label.
type Pick struct {
	ID     int64
	Sample Sample
	// Known says that the call has a label by then, from being unsure or named:
	// it has now been drawn by lot too, and nobody needs to be asked.
	Known bool
}

// Choose says in which order to label calls: one drawn by lot and one of the
// least sure by turns, or with unsureOnly the least sure alone. The lot is drawn
// among all calls that it has not fallen on yet, labelled or not; otherwise
// the doubtful ones, once labelled, would be missing among those that stand for
// all calls.
func Choose(all []Candidate, unsureOnly bool, lot *rand.Rand) []Pick {
	var doubtful, urn []Candidate
	for _, c := range all {
		if c.Label == "" {
			doubtful = append(doubtful, c)
		}
		if c.Label != Random {
			urn = append(urn, c)
		}
	}
	slices.SortFunc(doubtful, func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(b.Doubt, a.Doubt), cmp.Compare(a.ID, b.ID))
	})
	lot.Shuffle(len(urn), func(i, j int) { urn[i], urn[j] = urn[j], urn[i] })
	if unsureOnly {
		urn = nil
	}
	var out []Pick
	picked := map[int64]bool{}
	for len(urn)+len(doubtful) > 0 {
		for len(urn) > 0 {
			c := urn[0]
			urn = urn[1:]
			known := c.Label != "" || picked[c.ID]
			out = append(out, Pick{c.ID, Random, known})
			picked[c.ID] = true
			if !known {
				break
			}
		}
		for len(doubtful) > 0 {
			c := doubtful[0]
			doubtful = doubtful[1:]
			if !picked[c.ID] {
				out, picked[c.ID] = append(out, Pick{c.ID, Unsure, false}), true
				break
			}
		}
	}
	return out
}

// Doubt is how unsure engines were of a call, by their confidences in it; half
// if there are none.
func Doubt(confidences []float64) float64 {
	if len(confidences) == 0 {
		return 0.5
	}
	return 1 - slices.Min(confidences)
}
