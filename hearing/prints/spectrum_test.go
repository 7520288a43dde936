package prints

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestBands: a tone is in its own band, whatever its phase, and what can't be
// heard at 4 kHz does not fold back.
func TestBands(t *testing.T) {
	for b := range bands {
		hz := (float64(edges[b]) + float64(edges[b+1]-1)) / 2 * 31.25
		for _, phase := range []float64{0, 1, 2} {
			if got := loudestBand(hz, phase); got != b {
				t.Errorf("%g Hz is loudest in band %d, want %d", hz, got, b)
			}
		}
	}
}

func loudestBand(hz, phase float64) int {
	var s spectrum
	var out [bands]float32
	var pcm [160]int16
	for f := range 5 {
		for i := range pcm {
			pcm[i] = int16(9000 * math.Sin(2*math.Pi*hz*float64(f*160+i)/8000+phase))
		}
		s.push(&pcm, &out)
	}
	best := 0
	for b, v := range out {
		if v > out[best] {
			best = b
		}
	}
	return best
}

func BenchmarkHear(b *testing.B) {
	var l listener
	r := rand.New(rand.NewPCG(1, 1))
	var pcm [160]int16
	for i := range pcm {
		pcm[i] = int16(r.IntN(4000) - 2000)
	}
	for b.Loop() {
		l.hear(&pcm)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)*50/1e6, "ms/call-second")
}
