package fft

import "math"

// turn is e^(-ix) = c - i·s.
type turn struct{ c, s float32 }

func turned(k, n int) turn {
	s, c := math.Sincos(2 * math.Pi * float64(k) / float64(n))
	return turn{float32(c), float32(s)}
}

// The factors of halve, of the first stage of transform64 (three for each of
// 16 butterflies), and of its second one (three for each of 4).
var turns128, turns64, turns16 = func() (a [64]turn, b [16][3]turn, c [4][3]turn) {
	for i := range a {
		a[i] = turned(i, 128)
	}
	for i := range b {
		b[i] = [3]turn{turned(i, 64), turned(2*i, 64), turned(3*i, 64)}
	}
	for i := range c {
		c[i] = [3]turn{turned(i, 16), turned(2*i, 16), turned(3*i, 16)}
	}
	return a, b, c
}()

var pairs128, pairs256 = func() (a [33]pair, b [65]pair) {
	for k := range a {
		a[k] = pair{order(k), order(64 - k), turned(k, 128)}
	}
	for k := range b {
		b[k] = pair{order128(k), order128(128 - k), turned(k, 256)}
	}
	return a, b
}()

// order says where transform64 leaves a bin: its digits to the base of 4 stand
// the other way round.
func order(k int) uint8 { return uint8(k&3<<4 | k&12 | k>>4&3) }

// order128 is order after halve.
func order128(k int) uint8 { return uint8(k&1<<6) | order(k>>1&63) }
