package scenarios

import (
	"testing"
)

func TestShippedScenariosPassTheirOwnTests(t *testing.T) {
	for _, name := range ShippedNames() {
		s, err := LoadShipped(name)
		if err != nil {
			t.Fatalf("%s:\n%v", name, err)
		}
		results := s.RunTests()
		if len(results) < 5 {
			t.Errorf("%s has %d tests", name, len(results))
		}
		for _, r := range results {
			for _, f := range r.Faults {
				t.Errorf("%s: %s: %s", name, r.Name, f)
			}
		}
	}
}
