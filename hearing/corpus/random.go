package corpus

import (
	"hash/fnv"
	"math/rand/v2"
)

// Rand returns the random numbers of one piece of a corpus. They depend on
// the seed and the piece's name alone, so that a piece stays as it is when
// others are added, and pieces can be made in any order and side by side.
func Rand(seed uint64, name string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(name))
	return rand.New(rand.NewPCG(seed, h.Sum64()))
}

// between draws evenly from lo to hi.
func between(r *rand.Rand, lo, hi float64) float64 { return lo + (hi-lo)*r.Float64() }

// one draws one of a list.
func one[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }
