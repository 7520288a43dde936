package testports

import (
	"testing"
)

// What is taken is nobody else's until the end of the test that took it.
func TestPortsAreTakenOnce(t *testing.T) {
	t.Run("taken", func(t *testing.T) {
		taken := map[int]bool{}
		for range 20 {
			first, last := Range(t, 100)
			if first%2 != 0 || last-first < 99 {
				t.Errorf("%d to %d", first, last)
			}
			for port := first; port <= last; port++ {
				if taken[port] {
					t.Fatalf("port %d twice", port)
				}
				taken[port] = true
			}
		}
		if port := One(t); port%2 != 0 || taken[port] || claim(t, port, 1) {
			t.Errorf("port %d", port)
		}
	})
	for range 200 { // more than there are at a time
		t.Run("given back", func(t *testing.T) { Range(t, 100); One(t) })
	}
}
