package progress

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestTransformIsTheFourierTransform(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var old [window - frameSamples]int16
	var fresh [frameSamples]int16
	all := make([]float64, window)
	for i := range all {
		v := int16(r.IntN(20000) - 10000)
		if i < len(old) {
			old[i] = v
		} else {
			fresh[i-len(old)] = v
		}
		all[i] = float64(v) * 2 * float64(hann[i])
	}
	var s spectrum
	s.transform(&old, &fresh)
	for k := range bins {
		var re, im float64
		for i, v := range all {
			sin, cos := math.Sincos(-2 * math.Pi * float64(i*k) / window)
			re, im = re+v*cos, im+v*sin
		}
		want := re*re + im*im
		if got := float64(s[k]); math.Abs(got-want) > 1e-3*want+1e6 {
			t.Errorf("bin %d has %g, the definition gives %g", k, got, want)
		}
	}
}

func BenchmarkTransform(b *testing.B) {
	var old [window - frameSamples]int16
	var fresh [frameSamples]int16
	for i := range fresh {
		fresh[i] = int16(i * 100)
	}
	var s spectrum
	for b.Loop() {
		s.transform(&old, &fresh)
	}
}
