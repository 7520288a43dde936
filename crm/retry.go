package crm

import (
	"math"
	"time"
)

// Retry says how often and when a failed delivery is tried again:
// exponential back-off with full jitter, so that a receiver that comes back
// is not met by every delivery at once.
type Retry struct {
	Tries  int           // in all, the first one included; 0: 12
	Base   time.Duration // ceiling of the first pause; 0: 1 s
	Factor float64       // growth of the ceiling from try to try; 0: 4
	Cap    time.Duration // highest ceiling; 0: 6 h
}

// maxRetryAfter bounds what a receiver may ask for in Retry-After.
const maxRetryAfter = 24 * time.Hour

// minPause keeps full jitter from drawing no pause at all.
const minPause = 100 * time.Millisecond

// withDefaults fills what is not set. The defaults spread 12 tries over at
// most a day, half a day on average.
func (r Retry) withDefaults() Retry {
	if r.Tries <= 0 {
		r.Tries = 12
	}
	if r.Base <= 0 {
		r.Base = time.Second
	}
	if r.Factor < 1 {
		r.Factor = 4
	}
	if r.Cap <= 0 {
		r.Cap = 6 * time.Hour
	}
	return r
}

// pause is the time to wait after the given number of failed tries (≥ 1);
// random is in [0, 1).
func (r Retry) pause(failed int, random float64) time.Duration {
	ceiling := float64(r.Base) * math.Pow(r.Factor, float64(failed-1))
	ceiling = min(ceiling, float64(r.Cap))
	return max(time.Duration(ceiling*random), minPause)
}
