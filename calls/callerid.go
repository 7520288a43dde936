package calls

import (
	"hash/fnv"
	"strings"

	"dozvon/dialer"
)

// CallerIDs say which number the person called sees: that of a column of the
// lead, else one of a pool, else a fixed one.
type CallerIDs struct {
	Fixed  string   // empty: the trunk's user
	Pool   []string // each person sees the same one on every call, as long as it is in the pool
	Column string   // the lead's column that names the number; empty: none
}

// For returns the number to show to a lead; empty if the trunk's user serves.
//
// The pool is shared out by rendezvous hashing (Thaler and Ravishankar, 1998)
// of the lead's phone: evenly, the same for the same phone, and a number that
// joins or leaves the pool changes the choice of its own share only.
func (c CallerIDs) For(l dialer.Lead) string {
	if c.Column != "" {
		if id := cleanCallerID(l.Columns[c.Column]); id != "" {
			return id
		}
	}
	best, most := c.Fixed, uint64(0)
	for i, id := range c.Pool {
		if w := weight(l.Phone, id); i == 0 || w > most {
			best, most = id, w
		}
	}
	return best
}

// weight is how much a number of the pool is worth to a phone.
func weight(phone, id string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(phone)) // a hash never fails
	_, _ = h.Write([]byte{0})
	_, _ = h.Write([]byte(id))
	x := h.Sum64()
	// FNV leaves the high bits of alike texts alike: mix them (the finaliser of
	// SplitMix64, Steele and others 2014).
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

// Digits of a number that may be shown: E.164 ends at 15, short codes of
// carriers begin at 3.
const (
	minCallerID = 3
	maxCallerID = 15
)

// cleanCallerID reads a caller ID from a lead's column, which holds whatever
// somebody wrote there: digits with an optional plus sign in front, or nothing.
func cleanCallerID(cell string) string {
	if len(cell) > 64 {
		return ""
	}
	id := strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\t', '-', '.', '(', ')', '\u00a0':
			return -1
		}
		return r
	}, cell)
	digits := strings.TrimPrefix(id, "+")
	if len(digits) < minCallerID || len(digits) > maxCallerID || strings.Trim(digits, "0123456789") != "" {
		return ""
	}
	return id
}
