package net

import "golang.org/x/sys/cpu"

var fast = cpu.X86.HasAVX2 && cpu.X86.HasFMA

// add6x16 adds the product of 6 rows of a and a panel to 6 rows of c; strides
// are in bytes.
//
//go:noescape
func add6x16(c *float32, ldc uintptr, a *float32, rs, ks uintptr, panel *float32, k uintptr)

// add1x16 does the same for one row.
//
//go:noescape
func add1x16(c *float32, a *float32, ks uintptr, panel *float32, k uintptr)

func mulAdd(c []float32, ldc, m int, a []float32, rs, ks int, panel []float32, k int) {
	if !fast {
		mulAddPlain(c, ldc, m, a, rs, ks, panel, k)
		return
	}
	i := 0
	for ; i+rows <= m; i += rows {
		add6x16(&c[i*ldc], uintptr(4*ldc), &a[i*rs], uintptr(4*rs), uintptr(4*ks), &panel[0], uintptr(k))
	}
	for ; i < m; i++ {
		add1x16(&c[i*ldc], &a[i*rs], uintptr(4*ks), &panel[0], uintptr(k))
	}
}
