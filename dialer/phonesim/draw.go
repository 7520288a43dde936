package phonesim

import (
	"hash/fnv"
	"strings"
)

// Draw returns what the person behind number does on the nth call to it; the
// first call is 1. A listed number takes its profiles in turn and stays with
// the last; any other is drawn from the mix by seed and number alone, so that
// the same person behaves alike on every call, in every run and at both levels
// of simulation. Numbers are matched with and without their plus sign.
func Draw(b Book, number string, nth int) Profile {
	if ps := b.listed(number); len(ps) > 0 {
		return ps[min(max(nth, 1), len(ps))-1]
	}
	total := uint64(0)
	for _, s := range b.Mix {
		total += uint64(max(s.Weight, 0))
	}
	if total == 0 {
		return b.Default
	}
	at := Roll(b.Seed, number) % total
	for _, s := range b.Mix {
		w := uint64(max(s.Weight, 0))
		if at < w {
			return s.Profile
		}
		at -= w
	}
	return b.Default
}

func (b Book) listed(number string) []Profile {
	if ps, ok := b.Numbers[number]; ok {
		return ps
	}
	bare := strings.TrimPrefix(number, "+")
	if ps, ok := b.Numbers[bare]; ok {
		return ps
	}
	return b.Numbers["+"+bare]
}

// Roll returns a number that depends on the seed and the phone number only,
// spread evenly over all 64 bits.
func Roll(seed uint64, number string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(strings.TrimPrefix(number, "+")))
	// The finalizer of SplitMix64: neighbouring numbers must not draw alike.
	x := h.Sum64() ^ (seed * 0x9E3779B97F4A7C15)
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}
