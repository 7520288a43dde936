package media

import (
	"math"
	"testing"
	"time"
)

// TestMeanOpinion: G.107 Annex B, table B.1, and its equation at the best R.
func TestMeanOpinion(t *testing.T) {
	for r, want := range map[float64]float64{90: 4.34, 80: 4.03, 70: 3.60, 60: 3.10, 50: 2.58, 93.2: 4.41, 0: 1, -20: 1, 100: 4.5, 120: 4.5, 3: 1} {
		if got := meanOpinion(r); math.Abs(got-want) > 0.007 {
			t.Errorf("R %g: %.3f, want %.2f", r, got, want)
		}
	}
}

// TestLossImpairment: G.113 Appendix I, G.711 with concealment under random
// loss; its table is rounded to what listeners said.
func TestLossImpairment(t *testing.T) {
	for percent, want := range map[float64]float64{0: 0, 1: 5, 2: 7, 3: 10, 5: 15, 7: 20, 10: 25} {
		if got := bestRating - rating(percent/100, 0); math.Abs(got-want) > 2.5 {
			t.Errorf("%g %% lost: an impairment of %.1f, want %g", percent, got, want)
		}
	}
}

// TestDelayImpairment: equation 7-27 of G.107 worked by hand at 200 and 400 ms,
// and the planning limit of G.114: 150 ms are hardly noticed.
func TestDelayImpairment(t *testing.T) {
	for ms, want := range map[int]float64{0: 0, 100: 0, 200: 3.045, 400: 24.07} {
		if got := delayImpairment(time.Duration(ms) * time.Millisecond); math.Abs(got-want) > 0.01 {
			t.Errorf("%d ms: %.3f, want %g", ms, got, want)
		}
	}
	if d := delayImpairment(150 * time.Millisecond); d <= 0 || d > 1 {
		t.Errorf("150 ms: %.3f", d)
	}
	for ms, last := 0, -1.0; ms < 3000; ms += 10 {
		d := delayImpairment(time.Duration(ms) * time.Millisecond)
		if d < last {
			t.Fatalf("%d ms are less of an impairment than %d", ms, ms-10)
		}
		last = d
	}
}

func TestStatsJudge(t *testing.T) {
	s := Stats{Received: 950, Lost: 50, Late: 10, RoundTrip: 100 * time.Millisecond}
	s.judge(40 * time.Millisecond)
	if want := meanOpinion(rating(0.06, 110*time.Millisecond)); s.Loss != 0.06 || s.MOS != want || s.MOS < 3 || s.MOS > 4.2 {
		t.Errorf("loss %g, MOS %g, want %g", s.Loss, s.MOS, want)
	}
	s = Stats{Received: 49}
	if s.judge(0); s.MOS != 0 {
		t.Error("a judgement on too little")
	}
	s = Stats{Lost: 100, Late: 100}
	if s.judge(0); s.Loss != 1 {
		t.Errorf("loss %g", s.Loss)
	}
}
