package audio

import "math"

// RMS returns the root mean square of pcm in sample units (0 to 32768); 0 for
// an empty slice.
func RMS(pcm []int16) float64 {
	if len(pcm) == 0 {
		return 0
	}
	return math.Sqrt(Energy(pcm) / float64(len(pcm)))
}

// Energy returns the sum of the squares of pcm.
func Energy(pcm []int16) float64 {
	var sum int64
	for _, s := range pcm {
		sum += int64(s) * int64(s)
	}
	return float64(sum)
}

// Level returns the level of pcm in decibels below full scale, where a square
// wave of full scale has 0 and a full sine -3. Silence gives -inf.
func Level(pcm []int16) float64 { return 20 * math.Log10(RMS(pcm)/32768) }

// Mix adds src to dst sample by sample, saturating, over the shorter of both.
func Mix(dst, src []int16) {
	for i := range min(len(dst), len(src)) {
		dst[i] = clamp(int(dst[i]) + int(src[i]))
	}
}

// Gain multiplies pcm by factor, saturating.
func Gain(pcm []int16, factor float64) {
	for i, s := range pcm {
		pcm[i] = saturate(float64(s) * factor)
	}
}

func clamp(v int) int16 { return int16(min(max(v, math.MinInt16), math.MaxInt16)) }
