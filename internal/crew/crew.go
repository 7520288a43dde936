// Package crew lets many owners of state share a few goroutines. An owner that
// has nothing to do has no goroutine, only an inbox; what comes to it is worked
// on by the next member of the crew that is free, whose stack has grown already.
// A goroutine for each owner costs 4 to 8 KB while it waits, and copies its
// stack two or three times on its way to the first deep call.
//
// It knows nothing of what it works on, and never makes one owner wait for
// another: if no member is free, there is one more.
package crew

import (
	"sync"
	"sync/atomic"
)

// spare is how many members wait for work at most; the others go home.
const spare = 32

// Crew is made by New.
type Crew struct {
	jobs    chan worker
	waiting atomic.Int32
	over    chan struct{}
	once    sync.Once
}

type worker interface{ work() }

// New returns a crew without members; they come with the work.
func New() *Crew { return &Crew{jobs: make(chan worker), over: make(chan struct{})} }

// Dismiss sends the waiting members home. What is put into an inbox afterwards
// is worked on all the same.
func (c *Crew) Dismiss() { c.once.Do(func() { close(c.over) }) }

func (c *Crew) give(w worker) {
	select {
	case c.jobs <- w:
	default:
		go c.member(w)
	}
}

func (c *Crew) member(w worker) {
	for {
		w.work()
		if c.waiting.Add(1) > spare {
			c.waiting.Add(-1)
			return
		}
		select {
		case w = <-c.jobs:
			c.waiting.Add(-1)
		case <-c.over:
			c.waiting.Add(-1)
			return
		}
	}
}

// Inbox is the queue of one owner. Its items are handled in the order in which
// they came, by one goroutine at a time.
type Inbox[T any] struct {
	crew   *Crew
	handle func([]T)

	mu    sync.Mutex
	items []T
	done  []T  // a buffer to be used again
	busy  bool // a member works, or will
}

// NewInbox returns an empty inbox. handle gets what has come since it returned
// last; it may keep the items, but not the slice.
func NewInbox[T any](c *Crew, handle func([]T)) *Inbox[T] {
	return &Inbox[T]{crew: c, handle: handle}
}

// Put adds an item. It never waits, and may be called by handle. The length of
// the inbox is bounded by what its writers do.
func (b *Inbox[T]) Put(item T) {
	b.mu.Lock()
	b.items = append(b.items, item)
	start := !b.busy
	b.busy = true
	b.mu.Unlock()
	if start {
		b.crew.give(b)
	}
}

// work handles everything that is there, and what comes meanwhile.
func (b *Inbox[T]) work() {
	for {
		b.mu.Lock()
		batch := b.items
		if b.busy = len(batch) > 0; !b.busy {
			b.mu.Unlock()
			return
		}
		b.items = b.done
		b.mu.Unlock()
		b.handle(batch)
		clear(batch)
		b.done = batch[:0]
	}
}
