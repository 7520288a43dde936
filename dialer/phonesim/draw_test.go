package phonesim

import (
	"fmt"
	"testing"
)

func TestListedNumberTakesItsProfilesInTurnAndKeepsTheLast(t *testing.T) {
	b := Book{Numbers: map[string][]Profile{"+79001": {{Name: "a"}, {Name: "b"}}}, Default: Profile{Name: "d"}}
	for nth, want := range map[int]string{-1: "a", 0: "a", 1: "a", 2: "b", 3: "b", 99: "b"} {
		for _, number := range []string{"+79001", "79001"} {
			if got := Draw(b, number, nth).Name; got != want {
				t.Errorf("call %d to %s: %s, want %s", nth, number, got, want)
			}
		}
	}
	if got := Draw(b, "+79002", 1).Name; got != "d" {
		t.Errorf("an unlisted number without a mix drew %s, want the default", got)
	}
}

func TestListedWithoutPlusIsFoundWithPlus(t *testing.T) {
	b := Book{Numbers: map[string][]Profile{"100": {{Name: "op"}}}}
	if got := Draw(b, "+100", 1).Name; got != "op" {
		t.Errorf("got %q", got)
	}
}

func TestMixKeepsItsSharesAndItsPeople(t *testing.T) {
	b := Book{Seed: 7, Mix: []Share{{38, Profile{Name: "off"}}, {-5, Profile{Name: "never"}}, {20, Profile{Name: "rings"}}, {42, Profile{Name: "talks"}}}}
	const n = 20000
	got := map[string]int{}
	for i := range n {
		number := fmt.Sprintf("+7900%07d", i)
		p := Draw(b, number, 1)
		got[p.Name]++
		if again := Draw(b, number[1:], 5).Name; again != p.Name {
			t.Fatalf("%s was %s and then %s", number, p.Name, again)
		}
	}
	for name, share := range map[string]float64{"off": .38, "rings": .20, "talks": .42, "never": 0} {
		if f := float64(got[name]) / n; f < share-.015 || f > share+.015 {
			t.Errorf("%s: share %.3f, want %.2f", name, f, share)
		}
	}
}

func TestSeedChangesThePeople(t *testing.T) {
	b := Book{Mix: []Share{{1, Profile{Name: "a"}}, {1, Profile{Name: "b"}}}}
	changed := 0
	for i := range 1000 {
		number := fmt.Sprintf("+7900%07d", i)
		b.Seed = 1
		one := Draw(b, number, 1).Name
		b.Seed = 2
		if Draw(b, number, 1).Name != one {
			changed++
		}
	}
	if changed < 400 || changed > 600 {
		t.Errorf("%d of 1000 people changed with the seed, want about half", changed)
	}
}
