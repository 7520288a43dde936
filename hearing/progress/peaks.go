package progress

import "math"

const (
	lowBin  = 4   // 125 Hz: hum and direct current lie below
	highBin = 116 // 3625 Hz: a telephone carries no more

	pureShare = 0.80 // of the window's power lies in one peak: a pure tone
	softShare = 0.60
	pairShare = 0.80 // or in two
	pairLeast = 0.12 // the weaker of which has at least this
)

// peaks is what stands out of a spectrum: one tone or two.
type peaks struct {
	hz    float32 // the strongest; the middle of a pair
	apart float32 // hertz between the two of a pair; 0: no pair
	beats bool    // two peaks, too near to be told apart for sure
	share float32 // of the power that the strongest has, with its skirts
	soft  bool    // one peak has most: enough for a tone to go on
	pure  bool    // one peak, or a pair, has nearly all
}

// find looks for the peaks of s.
func find(s *spectrum) peaks {
	k1, total := lowBin, float32(0)
	for k := lowBin; k < highBin; k++ {
		total += s[k]
		if s[k] > s[k1] {
			k1 = k
		}
	}
	if total <= 0 {
		return peaks{}
	}
	one := s.lobe(k1) / total
	p := peaks{share: one, soft: one >= softShare}
	if one >= pureShare {
		p.hz, p.pure = s.hz(k1), true
		return p
	}
	k2 := -1
	for k := lowBin; k < highBin; k++ {
		if (k < k1-2 || k > k1+2) && (k2 < 0 || s[k] > s[k2]) && s[k] >= s[k-1] && s[k] >= s[k+1] {
			k2 = k
		}
	}
	p.hz = s.hz(k1)
	if k2 < 0 {
		return p
	}
	low, high := min(k1, k2), max(k1, k2)
	if high-low <= 3 { // the lobes overlap: what beats like this is heard as one tone
		if sum := s.span(low-2, high+2); sum >= pairShare*total && s[k2] >= pairLeast*s[k1] {
			p.pure, p.beats, p.hz = true, true, s.centre(low-2, high+2, sum)
		}
		return p
	}
	if two := s.lobe(k2) / total; two >= pairLeast && one+two >= pairShare {
		f1, f2 := s.hz(low), s.hz(high)
		p.pure, p.hz, p.apart = true, (f1+f2)/2, f2-f1
	}
	return p
}

// lobe is the power of a peak with the two bins on either side, which is all
// that a Hann window leaves of a sine.
func (s *spectrum) lobe(k int) float32 { return s.span(k-2, k+2) }

func (s *spectrum) span(from, to int) (sum float32) {
	for k := max(from, 0); k <= min(to, bins-1); k++ {
		sum += s[k]
	}
	return sum
}

// hz is the frequency of the peak at bin k, between bins: for a Hann window
// the ratio of a peak's amplitude to its stronger neighbour's gives it exactly.
func (s *spectrum) hz(k int) float32 {
	if k < 1 || k >= bins-1 || s[k] <= 0 {
		return float32(k) * binHz
	}
	left, right := s[k-1], s[k+1]
	side, sign := right, float32(1)
	if left > right {
		side, sign = left, -1
	}
	a := float32(math.Sqrt(float64(side / s[k])))
	d := (2*a - 1) / (1 + a)
	return (float32(k) + sign*min(max(d, 0), 0.5)) * binHz
}

// centre is the mean frequency of some bins, weighted by power.
func (s *spectrum) centre(from, to int, sum float32) float32 {
	var at float32
	for k := max(from, 0); k <= min(to, bins-1); k++ {
		at += float32(k) * s[k]
	}
	return at / sum * binHz
}
