package app

import "sync/atomic"

// heapFloor is how far the heap may grow before the first collection; half of
// it is what garbage may take, at least, beside what lives. Twice as much saves
// little more, and spreads what lives over more pages.
const heapFloor = 32 << 20

// ballast keeps the collector from running for every few megabytes of a heap
// that is small (docs/decisions/011). It is never
// touched, so that it takes addresses and no memory.
var ballast atomic.Pointer[[heapFloor / 2]byte]

// enlargeHeap is for a process that lives for its calls.
func enlargeHeap() { ballast.Store(new([heapFloor / 2]byte)) }
