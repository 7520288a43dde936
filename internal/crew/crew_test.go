package crew

import (
	"sync"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// However many put at once: nothing is lost, the items of one writer stay in
// order, and nobody but one works on an owner at a time.
func TestOneAtATimeInOrder(t *testing.T) {
	const owners, writers, each = 20, 8, 200
	c := New()
	defer c.Dismiss()
	var left sync.WaitGroup
	var all sync.WaitGroup
	for range owners {
		last := make([]int, writers) // owned by handle; the race detector watches
		in := NewInbox(c, func(items [][2]int) {
			for _, it := range items {
				if it[1] != last[it[0]]+1 {
					t.Errorf("item %d of writer %d after %d", it[1], it[0], last[it[0]])
				}
				last[it[0]] = it[1]
				left.Done()
			}
		})
		left.Add(writers * each)
		for w := range writers {
			all.Go(func() {
				for i := range each {
					in.Put([2]int{w, i + 1})
				}
			})
		}
	}
	all.Wait()
	left.Wait()
}

// An owner that waits for another one does not keep it from its work.
func TestNobodyWaitsForABusyOne(t *testing.T) {
	c := New()
	defer c.Dismiss()
	const chain = 100
	var links []chan struct{}
	for range chain + 1 {
		links = append(links, make(chan struct{}))
	}
	for i := range chain {
		NewInbox(c, func([]int) { <-links[i+1]; close(links[i]) }).Put(1)
	}
	close(links[chain])
	<-links[0]
}

// What is put by the handler itself, or after the crew was dismissed, is
// handled.
func TestLateItems(t *testing.T) {
	c := New()
	over := make(chan struct{})
	var in *Inbox[int]
	in = NewInbox(c, func(items []int) {
		for _, n := range items {
			switch n {
			case 0:
				in.Put(1)
			case 1:
				close(over)
			}
		}
	})
	c.Dismiss()
	c.Dismiss()
	in.Put(0)
	<-over
}
