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
