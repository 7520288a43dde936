package media

import "math/bits"

// presence says which bytes of the ring have come, a bit a byte. Places are
// RTP timestamps, of which the ring takes the lower bits.
type presence [ringBytes / 64]uint64

// chunk returns the word that holds the bit of at, the bits in it that n bytes
// from there take, and how many those are.
func chunk(at uint32, n int) (word int, mask uint64, size int) {
	bit := int(at & 63)
	size = min(n, 64-bit)
	return int(at&ringMask) >> 6, ^uint64(0) >> (64 - size) << bit, size
}

func (p *presence) set(at uint32, n int) {
	for n > 0 {
		w, mask, size := chunk(at, n)
		p[w] |= mask
		at, n = at+uint32(size), n-size
	}
}

func (p *presence) clear(at uint32, n int) {
	for n > 0 {
		w, mask, size := chunk(at, n)
		p[w] &^= mask
		at, n = at+uint32(size), n-size
	}
}

// all reports whether all of n bytes have come.
func (p *presence) all(at uint32, n int) bool {
	for n > 0 {
		w, mask, size := chunk(at, n)
		if p[w]&mask != mask {
			return false
		}
		at, n = at+uint32(size), n-size
	}
	return true
}

// run returns how many of the n bytes from at are like the first: here or
// missing.
func (p *presence) run(at uint32, n int) (length int, here bool) {
	here = p[at&ringMask>>6]>>(at&63)&1 == 1
	for length < n {
		w, mask, size := chunk(at, n-length)
		other := p[w] & mask
		if here {
			other = ^p[w] & mask
		}
		if other != 0 {
			return length + bits.TrailingZeros64(other>>(at&63)), here
		}
		at, length = at+uint32(size), length+size
	}
	return n, here
}
