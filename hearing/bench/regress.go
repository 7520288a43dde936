package bench

import (
	"errors"
	"math"
	"slices"
)

// glimpse is what one look at a call saw, and what was true.
type glimpse struct {
	x      []float64
	person bool
	weight float64
}

// errDependent says that a regression has no solution.
var errDependent = errors.New("bench: features depend on one another, or there is nothing to fit")

// regress fits a logistic regression by Newton's method: weights of the
// features, of which the first is a constant. ridge keeps all other weights
// small: it is what their squares cost.
func regress(seen []glimpse, ridge float64) ([]float64, error) {
	if len(seen) == 0 {
		return nil, errDependent
	}
	w := make([]float64, len(seen[0].x))
	for range 30 {
		step, err := solve(slope(seen, w, ridge))
		if err != nil {
			return nil, err
		}
		for i := range w {
			w[i] += step[i]
		}
	}
	return w, nil
}

// slope is how the likelihood bends (the lower half of a symmetric matrix) and
// rises at w.
func slope(seen []glimpse, w []float64, ridge float64) (bend [][]float64, rise []float64) {
	rise, bend = make([]float64, len(w)), make([][]float64, len(w))
	for i := range bend {
		bend[i] = make([]float64, len(w))
		if i > 0 {
			rise[i], bend[i][i] = -ridge*w[i], ridge
		}
	}
	for _, s := range seen {
		p := 1 / (1 + math.Exp(-dot(w, s.x)))
		miss := float64(one(s.person)) - p
		for i, a := range s.x {
			rise[i] += s.weight * miss * a
			for k, b := range s.x[:i+1] {
				bend[i][k] += s.weight * p * (1 - p) * a * b
			}
		}
	}
	return bend, rise
}

func dot(a, b []float64) (sum float64) {
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

// solve finds x of h·x = g by Cholesky's method; h is symmetric, given by its
// lower half, and used up.
func solve(h [][]float64, g []float64) ([]float64, error) {
	for i := range h {
		for k := range i + 1 {
			v := h[i][k] - dot(h[i][:k], h[k][:k])
			switch {
			case i > k:
				h[i][k] = v / h[k][k]
			case v > 1e-9:
				h[i][i] = math.Sqrt(v)
			default:
				return nil, errDependent
			}
		}
	}
	x := slices.Clone(g)
	for i := range x {
		x[i] = (x[i] - dot(h[i][:i], x[:i])) / h[i][i]
	}
	for i := len(x) - 1; i >= 0; i-- {
		for k := i + 1; k < len(x); k++ {
			x[i] -= h[k][i] * x[k]
		}
		x[i] /= h[i][i]
	}
	return x, nil
}

// area is the area under the curve: how often a person has better odds than a
// machine, by weight.
func area(seen []glimpse, w []float64) float64 {
	sorted := slices.Clone(seen)
	slices.SortStableFunc(sorted, func(a, b glimpse) int {
		switch x, y := dot(w, a.x), dot(w, b.x); {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
	var below, people, machines, sum float64
	for _, s := range sorted {
		if s.person {
			people += s.weight
			sum += s.weight * below
		} else {
			machines += s.weight
			below += s.weight
		}
	}
	return sum / max(people*machines, 1e-9)
}
