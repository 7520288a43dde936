package prints

import "math"

type twiddle struct{ c, s float32 } // e^(-ix) = c - i·s

// pairs says for every bin of the whole window where the two bins of fft64
// are that it is made of, and by how much the odd samples are turned.
var pairs = func() (t [window / 2]struct {
	i, j uint8
	c, s float32
}) {
	for k := range t {
		w := turn(k, window)
		t[k].i, t[k].j, t[k].c, t[k].s = order[k], order[window/2-k], w.c, w.s
	}
	return t
}()

// order says where fft64 leaves each bin: its digits to the base of 4 stand
// the other way round.
var order = func() (o [window/2 + 1]uint8) {
	for k := range o {
		o[k] = uint8(k&3<<4 | k&12 | k>>4&3)
	}
	return o
}()

// turns are the factors of the first stage, three for each of 16 butterflies,
// and of the second one, three for each of 4.
var turns16, turns4 = func() (a [16][3]twiddle, b [4][3]twiddle) {
	for i := range a {
		a[i] = [3]twiddle{turn(i, 64), turn(2*i, 64), turn(3*i, 64)}
	}
	for i := range b {
		b[i] = [3]twiddle{turn(i, 16), turn(2*i, 16), turn(3*i, 16)}
	}
	return a, b
}()

func turn(k, n int) twiddle {
	s, c := math.Sincos(2 * math.Pi * float64(k) / float64(n))
	return twiddle{float32(c), float32(s)}
}

// fft64 transforms 64 complex numbers in place, decimating in frequency by 4
// three times; the bins stay where order says.
func fft64(re, im *[64]float32) {
	for i := range 16 {
		butterfly(re, im, i, 16, &turns16[i])
	}
	for q := 0; q < 64; q += 16 {
		for i := range 4 {
			butterfly(re, im, q+i, 4, &turns4[i])
		}
	}
	for q := 0; q < 64; q += 4 {
		last(re, im, q)
	}
}

// butterfly transforms four numbers, step apart from i on, and turns three.
func butterfly(re, im *[64]float32, i, step int, t *[3]twiddle) {
	i0, i1, i2, i3 := i&63, (i+step)&63, (i+2*step)&63, (i+3*step)&63
	a, b := re[i0]+re[i2], im[i0]+im[i2]
	c, d := re[i0]-re[i2], im[i0]-im[i2]
	e, f := re[i1]+re[i3], im[i1]+im[i3]
	g, h := re[i1]-re[i3], im[i1]-im[i3]
	re[i0], im[i0] = a+e, b+f
	x, y := c+h, d-g
	re[i1], im[i1] = x*t[0].c+y*t[0].s, y*t[0].c-x*t[0].s
	x, y = a-e, b-f
	re[i2], im[i2] = x*t[1].c+y*t[1].s, y*t[1].c-x*t[1].s
	x, y = c-h, d+g
	re[i3], im[i3] = x*t[2].c+y*t[2].s, y*t[2].c-x*t[2].s
}

// last is butterfly of four neighbours, with nothing to turn.
func last(re, im *[64]float32, i int) {
	r, m := (*[4]float32)(re[i&60:]), (*[4]float32)(im[i&60:])
	a, b := r[0]+r[2], m[0]+m[2]
	c, d := r[0]-r[2], m[0]-m[2]
	e, f := r[1]+r[3], m[1]+m[3]
	g, h := r[1]-r[3], m[1]-m[3]
	r[0], m[0] = a+e, b+f
	r[1], m[1] = c+h, d-g
	r[2], m[2] = a-e, b-f
	r[3], m[3] = c-h, d+g
}
