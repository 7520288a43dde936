package app

// heapFloor is how far the heap may grow before the first collections, and
// what garbage may lie in it at most beside what lives: half of it.
const heapFloor = 64 << 20

// ballast keeps the collector from running for every few megabytes of a heap
// that is small: a tenth of what a call set-up costs. It is never touched, so
// that it takes addresses and no memory.
var ballast []byte

// enlargeHeap is for a process that lives for its calls.
func enlargeHeap() { ballast = make([]byte, heapFloor/2) }
