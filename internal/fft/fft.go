// Package fft takes the powers of the tones out of short windows of sound, for
// all who look at spectra on every call: nothing is allocated, and tables are
// shared. It knows nothing of rates, windows' shapes or what is looked for.
package fft

// Powers256 leaves in out the powers of bins 0 to 127 of 256 real numbers, four
// times each: even ones stand in re, odd ones in im. re and im are used up.
func Powers256(re, im, out *[128]float32) {
	halve(re, im)
	transform64((*[64]float32)(re[:64]), (*[64]float32)(im[:64]))
	transform64((*[64]float32)(re[64:]), (*[64]float32)(im[64:]))
	out[0] = lowest(re[0], im[0])
	for k := 1; k <= 64; k++ {
		p := &pairs256[k]
		i, j := p.i&127, p.j&127
		out[k], out[128-k] = p.powers(re[i], im[i], re[j], im[j])
	}
}

// Powers128 leaves in out the powers of bins 0 to 63 of 128 real numbers, as
// Powers256 does.
func Powers128(re, im, out *[64]float32) {
	transform64(re, im)
	out[0] = lowest(re[0], im[0])
	for k := 1; k <= 32; k++ {
		p := &pairs128[k]
		i, j := p.i&63, p.j&63
		out[k], out[64-k] = p.powers(re[i], im[i], re[j], im[j])
	}
}

// lowest is bin 0, to which even and odd numbers add up.
func lowest(re, im float32) float32 { return 4 * (re + im) * (re + im) }

// pair says of which two bins of the complex transform a bin of the real one,
// and its mirror image, are made, and by how much the odd numbers are turned.
type pair struct {
	i, j uint8
	turn
}

// powers takes even and odd numbers apart.
func (p *pair) powers(ar, ai, br, bi float32) (bin, mirror float32) {
	er, ei := ar+br, ai-bi // even numbers, twice
	or, oi := ai+bi, br-ar // odd numbers, twice
	cr, ci, sr, si := p.c*or, p.c*oi, p.s*or, p.s*oi
	x, y := er+cr+si, ei+ci-sr
	v, w := er-cr-si, ci-ei-sr
	return x*x + y*y, v*v + w*w
}

// halve is the first stage of 128: even bins are left to the lower half, odd
// ones to the upper.
func halve(re, im *[128]float32) {
	for i := range 64 {
		ar, ai, br, bi := re[i], im[i], re[i+64], im[i+64]
		re[i], im[i] = ar+br, ai+bi
		x, y, t := ar-br, ai-bi, &turns128[i]
		re[i+64], im[i+64] = x*t.c+y*t.s, y*t.c-x*t.s
	}
}

// transform64 transforms 64 complex numbers in place, decimating in frequency
// by 4 three times; the bins stay where order says.
func transform64(re, im *[64]float32) {
	for i := range 16 {
		butterfly(re, im, i, 16, &turns64[i])
	}
	for q := 0; q < 64; q += 16 {
		for i := range 4 {
			butterfly(re, im, q+i, 4, &turns16[i])
		}
	}
	for q := 0; q < 64; q += 4 {
		last(re, im, q)
	}
}

// butterfly transforms four numbers, step apart from i on, and turns three.
func butterfly(re, im *[64]float32, i, step int, t *[3]turn) {
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
