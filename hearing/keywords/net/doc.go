// Package net is the arithmetic of the small network that hears phones:
// multiplication of matrices (by AVX2 and FMA where the processor has them, in
// plain Go elsewhere), layers that look at a span of frames, their file
// format, and the gradients by which cmd/phonemodel trains them.
//
// It knows numbers only: no sound, no phones, no words.
package net
