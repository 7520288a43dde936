package mailbox

import (
	"slices"
	"sync"
	"testing"
)

func TestOrderAndReuse(t *testing.T) {
	b := New[int]()
	if got := b.Take(nil); len(got) != 0 {
		t.Fatalf("an empty box holds %v", got)
	}
	b.Put(1)
	b.Put(2)
	<-b.Ready()
	first := b.Take(nil)
	if !slices.Equal(first, []int{1, 2}) {
		t.Fatalf("got %v", first)
	}
	b.Put(3)
	if got := b.Take(first); !slices.Equal(got, []int{3}) {
		t.Fatalf("got %v", got)
	}
	b.Put(4) // lands in the buffer handed back
	if got := b.Take(nil); !slices.Equal(got, []int{4}) {
		t.Fatalf("got %v", got)
	}
}

func TestEveryItemArrives(t *testing.T) {
	const writers, each = 8, 1000
	b := New[int]()
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for i := range each {
				b.Put(i)
			}
		})
	}
	sum, n := 0, 0
	var buf []int
	for n < writers*each {
		<-b.Ready()
		buf = b.Take(buf)
		for _, v := range buf {
			sum += v
		}
		n += len(buf)
	}
	wg.Wait()
	if want := writers * each * (each - 1) / 2; sum != want {
		t.Fatalf("sum %d, want %d", sum, want)
	}
}

func TestClose(t *testing.T) {
	b := New[int]()
	if !b.Empty() || !b.Put(1) || !b.Put(2) || b.Empty() {
		t.Fatal("an open box takes items")
	}
	if left := b.Close(); !slices.Equal(left, []int{1, 2}) {
		t.Fatalf("left: %v", left)
	}
	if b.Put(3) || !b.Empty() || len(b.Take(nil)) != 0 || len(b.Close()) != 0 {
		t.Error("a closed box takes items")
	}
}

// Whoever puts while the box is being closed learns the truth: what was taken
// and what was left are together what Put accepted, in each writer's order.
func TestCloseAmongWriters(t *testing.T) {
	const writers = 8
	b := New[[2]int]()
	accepted := [writers]int{}
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for b.Put([2]int{w, accepted[w]}) {
				accepted[w]++
			}
		})
	}
	next := [writers]int{}
	check := func(items [][2]int) {
		for _, it := range items {
			if next[it[0]] != it[1] {
				t.Fatalf("writer %d: item %d, want %d", it[0], it[1], next[it[0]])
			}
			next[it[0]]++
		}
	}
	var buf [][2]int
	for range 200 {
		<-b.Ready()
		buf = b.Take(buf)
		check(buf)
	}
	left := b.Close()
	wg.Wait()
	check(left)
	if next != accepted {
		t.Errorf("arrived %v, accepted %v", next, accepted)
	}
}
