package net

// Width is the number of columns of a panel: two AVX registers of floats. The
// number of columns of every right-hand matrix is a multiple of it.
const Width = 16

// rows is how many rows of the left-hand matrix the fast kernel takes at once.
const rows = 6

// Panels is a right-hand matrix, cut into panels of Width columns, each of
// them stored row by row: what the kernels read from front to back.
type Panels struct {
	K, N int // rows; columns, a multiple of Width
	data []float32
}

// Pack stores the K by N matrix b, whose element (i, j) is b[i*rs+j*cs], and
// reuses p's memory where it suffices.
func (p *Panels) Pack(b []float32, k, n, rs, cs int) {
	if n%Width != 0 {
		panic("net: columns must be a multiple of Width")
	}
	p.K, p.N = k, n
	if cap(p.data) < k*n {
		p.data = make([]float32, k*n)
	}
	p.data = p.data[:k*n]
	out := p.data
	for j := 0; j < n; j += Width {
		for i := range k {
			row := out[i*Width : (i+1)*Width]
			at := i*rs + j*cs
			if cs == 1 {
				copy(row, b[at:at+Width])
				continue
			}
			for x := range row {
				row[x] = b[at+x*cs]
			}
		}
		out = out[k*Width:]
	}
}

// unpack returns the matrix row by row, as it was packed with rs of N.
func (p *Panels) unpack() []float32 {
	b := make([]float32, p.K*p.N)
	for j := 0; j < p.N; j += Width {
		for i := range p.K {
			copy(b[i*p.N+j:], p.data[j*p.K+i*Width:][:Width])
		}
	}
	return b
}

// Add adds A·B to the m by b.N matrix c, whose rows begin ldc apart. Element
// (i, k) of A is a[i*rs+k*ks]: rows may overlap, which is how a layer looks at
// a span of frames without copying them, and a transposed matrix is one with
// rs of 1. Rows of c may overlap too, by whole multiples of Width or not at
// all within one panel (ldc is Width or more).
func (b *Panels) Add(c []float32, ldc, m int, a []float32, rs, ks int) {
	if m == 0 || b.K == 0 {
		return
	}
	_ = a[(m-1)*rs+(b.K-1)*ks]
	_ = c[(m-1)*ldc+b.N-1]
	for j := 0; j < b.N; j += Width {
		panel := b.data[j*b.K : (j+Width)*b.K]
		mulAdd(c[j:], ldc, m, a, rs, ks, panel, b.K)
	}
}

// mulAddPlain is one panel of Add in plain Go.
func mulAddPlain(c []float32, ldc, m int, a []float32, rs, ks int, panel []float32, k int) {
	for i := range m {
		var acc [Width]float32
		at := i * rs
		for x := range k {
			v := a[at+x*ks]
			row := (*[Width]float32)(panel[x*Width:])
			for j := range acc {
				acc[j] += v * row[j]
			}
		}
		out := c[i*ldc : i*ldc+Width]
		for j := range acc {
			out[j] += acc[j]
		}
	}
}
