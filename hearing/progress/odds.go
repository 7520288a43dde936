package progress

// SaidFeatures is how many features Said has.
const SaidFeatures = 12

// Features is what was said as numbers that a logistic regression can weigh: a
// constant, the length with bends in it, the gaps, and how many sounds it had.
func (s *Said) Features() [SaidFeatures]float64 {
	took, spoken := 0.02*float64(s.Began-s.Pause), 0.02*float64(s.Spoken)
	return [SaidFeatures]float64{
		1, took, max(0, took-0.5), max(0, took-0.8), max(0, took-1.1), max(0, took-1.6),
		max(0, 0.25-spoken), took - spoken, 0.02 * float64(s.Longest), float64(s.Words), float64(s.Swells),
		min(s.Clear, 40) / 10,
	}
}

// odds is the logarithm of the odds that a person said it, not a machine.
func (s *Said) odds() (odds float64) {
	for i, x := range s.Features() {
		odds += saidWeights[i] * x
	}
	return odds
}
