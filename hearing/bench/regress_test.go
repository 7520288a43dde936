package bench

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
)

// drawn are glimpses of a world in which the odds are those of the weights.
func drawn(n int, weights ...float64) []glimpse {
	r := rand.New(rand.NewPCG(5, 5))
	out := make([]glimpse, n)
	for i := range out {
		x := []float64{1}
		for range weights[1:] {
			x = append(x, r.NormFloat64())
		}
		out[i] = glimpse{x: x, person: r.Float64() < 1/(1+math.Exp(-dot(weights, x))), weight: 1}
	}
	return out
}

func TestRegressFindsTheWeights(t *testing.T) {
	want := []float64{-0.5, 2, 0, -1}
	seen := drawn(20000, want...)
	got, err := regress(seen, 1)
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range want {
		if math.Abs(got[i]-w) > 0.1 {
			t.Errorf("weight %d is %.3f, not %.3f", i, got[i], w)
		}
	}
	if a, b := area(seen, got), area(seen, []float64{0, 0, 1, 0}); a < 0.85 || math.Abs(b-0.5) > 0.02 {
		t.Errorf("the area is %.3f; by what says nothing %.3f", a, b)
	}
}

func TestRegressRefuses(t *testing.T) {
	if _, err := regress(nil, 1); !errors.Is(err, errDependent) {
		t.Errorf("nothing to fit: %v", err)
	}
	twice := drawn(100, 0, 1)
	for i := range twice {
		twice[i].x = append(twice[i].x, twice[i].x[1])
	}
	if _, err := regress(twice, 0); !errors.Is(err, errDependent) {
		t.Errorf("a feature given twice: %v", err)
	}
	if w, err := regress(twice, 1); err != nil || math.Abs(w[1]-w[2]) > 1e-6 {
		t.Errorf("a feature given twice, with a ridge: %v, %v", w, err)
	}
}
