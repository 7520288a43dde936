package main

import "math"

// fourier transforms blocks of size complex numbers, a power of two.
type fourier struct {
	size     int
	cos, sin []float32
	reverse  []int
}

func newFourier(size int) *fourier {
	f := &fourier{size: size, cos: make([]float32, size/2), sin: make([]float32, size/2), reverse: make([]int, size)}
	for i := range f.cos {
		a := 2 * math.Pi * float64(i) / float64(size)
		f.cos[i], f.sin[i] = float32(math.Cos(a)), float32(-math.Sin(a))
	}
	for i := range f.reverse {
		r := 0
		for b, c := i, 1; c < size; c *= 2 {
			r = r<<1 | b&1
			b >>= 1
		}
		f.reverse[i] = r
	}
	return f
}

// run transforms re and im in place; twice, with im negated before and after,
// it gives size times what it was given.
func (f *fourier) run(re, im []float32) {
	for i, j := range f.reverse {
		if i < j {
			re[i], re[j] = re[j], re[i]
			im[i], im[j] = im[j], im[i]
		}
	}
	for size := 2; size <= f.size; size *= 2 {
		half, turn := size/2, f.size/size
		for i := 0; i < f.size; i += size {
			a, b := re[i:i+half], re[i+half:i+size]
			c, d := im[i:i+half], im[i+half:i+size]
			for k := range a {
				x, y := f.cos[k*turn], f.sin[k*turn]
				r := b[k]*x - d[k]*y
				m := b[k]*y + d[k]*x
				b[k], d[k] = a[k]-r, c[k]-m
				a[k], c[k] = a[k]+r, c[k]+m
			}
		}
	}
}
