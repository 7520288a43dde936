// Package mailbox is a queue between many writers, who never wait, and one
// reader: how events reach the owner of a piece of state. It knows nothing of
// what it carries.
package mailbox

import "sync"

// Box holds the items that its reader has not taken yet. Its length is
// bounded by what its writers do, not by the box: use it where each writer
// sends a bounded number of items.
type Box[T any] struct {
	mu     sync.Mutex
	items  []T
	closed bool
	ready  chan struct{}
}

// New returns an empty box.
func New[T any]() *Box[T] { return &Box[T]{ready: make(chan struct{}, 1)} }

// Put adds an item and reports whether anybody may take it: false once the box
// is closed. It never waits.
func (b *Box[T]) Put(item T) bool {
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		return false
	}
	b.items = append(b.items, item)
	b.mu.Unlock()
	select {
	case b.ready <- struct{}{}:
	default:
	}
	return true
}

// Ready receives after one or more Puts that Take has not answered yet.
func (b *Box[T]) Ready() <-chan struct{} { return b.ready }

// Take returns the items in the order in which they were put, and empties the
// box. It appends to buf[:0] in the box's place, so that two buffers serve
// for ever: a caller hands back what it has finished with.
func (b *Box[T]) Take(buf []T) []T {
	b.mu.Lock()
	defer b.mu.Unlock()
	items := b.items
	clear(buf[:cap(buf)])
	b.items = buf[:0]
	return items
}

// Empty reports whether nothing waits to be taken.
func (b *Box[T]) Empty() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.items) == 0
}

// Close refuses further items and returns those that nobody took, so that
// every Put either is answered or was told that it came too late.
func (b *Box[T]) Close() []T {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	left := b.items
	b.items = nil
	return left
}
