//go:build !amd64

package net

const fast = false

func mulAdd(c []float32, ldc, m int, a []float32, rs, ks int, panel []float32, k int) {
	mulAddPlain(c, ldc, m, a, rs, ks, panel, k)
}
