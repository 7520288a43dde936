package net

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

func random(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

// TestAdd compares the kernels with the schoolbook, over overlapping rows and
// transposed matrices.
func TestAdd(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct{ m, n, k, rs, ks, ldc int }{
		{1, 16, 1, 1, 1, 16}, {7, 32, 5, 5, 1, 32}, {13, 48, 60, 20, 1, 48},
		{12, 16, 33, 1, 12, 16}, {25, 64, 100, 40, 1, 32}, {6, 16, 3, 1, 6, 16},
	} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			a := random(r, (c.m-1)*c.rs+(c.k-1)*c.ks+1)
			b := random(r, c.k*c.n)
			init := random(r, (c.m-1)*c.ldc+c.n)
			want := make([]float64, len(init))
			for i, v := range init {
				want[i] = float64(v)
			}
			for i := range c.m {
				for j := range c.n {
					for k := range c.k {
						want[i*c.ldc+j] += float64(a[i*c.rs+k*c.ks]) * float64(b[k*c.n+j])
					}
				}
			}
			var p Panels
			p.Pack(b, c.k, c.n, c.n, 1)
			got := append([]float32(nil), init...)
			p.Add(got, c.ldc, c.m, a, c.rs, c.ks)
			plain := append([]float32(nil), init...)
			for j := 0; j < c.n; j += Width {
				mulAddPlain(plain[j:], c.ldc, c.m, a, c.rs, c.ks, p.data[j*c.k:(j+Width)*c.k], c.k)
			}
			for i := range want {
				if math.Abs(float64(got[i])-want[i]) > 1e-3 || math.Abs(float64(plain[i])-want[i]) > 1e-3 {
					t.Fatalf("element %d: %g and plainly %g, want %g", i, got[i], plain[i], want[i])
				}
			}
		})
	}
}

func BenchmarkAdd(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	const m, n, k = 60, 160, 800
	var p Panels
	p.Pack(random(r, n*k), k, n, n, 1)
	a, c := random(r, m*k), make([]float32, m*n)
	for b.Loop() {
		p.Add(c, n, m, a, k, 1)
	}
	b.ReportMetric(float64(2*m*n*k)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOPS")
}
