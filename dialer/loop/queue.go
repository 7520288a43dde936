package loop

import "sync"

// queue is the loop's mailbox: any goroutine puts, the loop takes all. It
// never blocks a sender, because senders sit on media wheels and signalling
// legs; what bounds it is the number of calls up.
type queue struct {
	mu     sync.Mutex
	items  []any
	closed bool
	signal chan struct{}
}

func newQueue() *queue { return &queue{signal: make(chan struct{}, 1)} }

// put appends an item and reports whether anybody will take it.
func (q *queue) put(item any) bool {
	q.mu.Lock()
	if q.closed {
		q.mu.Unlock()
		return false
	}
	q.items = append(q.items, item)
	q.mu.Unlock()
	select {
	case q.signal <- struct{}{}:
	default:
	}
	return true
}

// take returns everything put so far and gives spare's memory to the queue.
func (q *queue) take(spare []any) []any {
	clear(spare)
	q.mu.Lock()
	defer q.mu.Unlock()
	items := q.items
	q.items = spare[:0]
	return items
}

// close refuses further items and returns those nobody took.
func (q *queue) close() []any {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	left := q.items
	q.items = nil
	return left
}

// empty reports whether nothing waits.
func (q *queue) empty() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.items) == 0
}
