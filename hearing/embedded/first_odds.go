package embedded

import (
	"dozvon/hearing/keywords"
	"dozvon/hearing/progress"
)

// firstFeatures is what a look saw, as numbers that a logistic regression can
// weigh: a constant, the length of what was said with bends in it, how it was
// said, then the evidence of the decoder from its second part on.
func firstFeatures(d *keywords.Decision, s *progress.Said, english float64) []float64 {
	said := s.Features()
	x := append(said[:], english, english*d.Took.Seconds(), english*d.Evidence[2])
	return append(x, d.Evidence[1:]...)
}

// firstOdds is the logarithm of the odds that a person said it, not a machine.
func firstOdds(x []float64) (odds float64) {
	for i, w := range firstWeights {
		odds += w * x[i]
	}
	return odds
}
