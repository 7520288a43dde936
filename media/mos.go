package media

import (
	"math"
	"time"
)

// Constants of the E-model (ITU-T G.107) with the default values of its table
// 3, for G.711 with packet loss concealment (ITU-T G.113 Appendix I).
const (
	bestRating     = 93.2 // Ro - Is: everything but the network
	lossTolerance  = 25.1 // Bpl
	lossImpairment = 95.0 // 95 - Ie, where Ie is 0
)

// rating is the E-model's R for a share of packets lost at random and a delay
// from mouth to ear, with no echo (G.107 7.4, 7.5).
func rating(loss float64, delay time.Duration) float64 {
	percent := 100 * min(max(loss, 0), 1)
	return bestRating - delayImpairment(delay) - lossImpairment*percent/(percent+lossTolerance)
}

// delayImpairment is Idd, equation 7-27 of G.107.
func delayImpairment(delay time.Duration) float64 {
	const free = 100 * time.Millisecond
	if delay <= free {
		return 0
	}
	x := math.Log2(float64(delay) / float64(free))
	return 25 * (math.Pow(1+math.Pow(x, 6), 1.0/6) - 3*math.Pow(1+math.Pow(x/3, 6), 1.0/6) + 2)
}

// meanOpinion turns a rating into a mean opinion score, 1 to 4.5 (G.107 Annex
// B).
func meanOpinion(r float64) float64 {
	switch {
	case r <= 0:
		return 1
	case r >= 100:
		return 4.5
	}
	return max(1, 1+0.035*r+r*(r-60)*(100-r)*7e-6) // the curve dips below 1 under R = 6.5
}
