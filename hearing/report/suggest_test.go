package report

import (
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// cases are n right ones at one confidence and wrong ones at another.
func cases(rights int, sure float64, wrongs int, unsure float64) []Case {
	var out []Case
	for range rights {
		out = append(out, Case{sure, false})
	}
	for range wrongs {
		out = append(out, Case{unsure, true})
	}
	return out
}

func TestSuggest(t *testing.T) {
	for _, c := range []struct {
		name   string
		cases  []Case
		limit  float64
		sure   int
		enough bool
	}{
		{"wrong ones are less sure", cases(200, 0.9, 20, 0.6), Limit, 61, true},
		{"the same, strictly: too few to be certain", cases(200, 0.9, 20, 0.6), Strict, 61, false},
		{"enough to be strict", cases(765, 0.9, 20, 0.6), Strict, 61, true},
		{"one less", cases(764, 0.9, 20, 0.6), Strict, 61, false},
		{"so few wrong ones matter to nobody", cases(2000, 0.9, 20, 0.6), Limit, 60, true},
		{"few", cases(10, 0.9, 0, 0), Limit, 90, false},
		{"wrong ones are as sure", cases(50, 0.9, 50, 0.95), Limit, 0, false},
		{"none", nil, Limit, 0, false},
		{"as sure as can be", cases(300, 1, 10, 0.99), Limit, 100, true},
	} {
		got := Suggest(c.cases, c.limit)
		if got.Sure != c.sure || got.Enough != c.enough {
			t.Errorf("%s: %+v, want sure %d, enough %v", c.name, got, c.sure, c.enough)
		}
	}
	if Suggest(nil, Limit).Needed != 189 || Suggest(nil, Strict).Needed != 765 {
		t.Error("the number that is enough is wrong")
	}
}

// What is suggested keeps its promise on its own cases; what is said to be
// enough keeps it with certainty, and a stricter limit asks for no less.
func TestSuggestKeepsItsLimit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lot := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		all := make([]Case, rapid.IntRange(0, 2000).Draw(t, "n"))
		bad := rapid.Float64Range(0, 0.3).Draw(t, "bad")
		for i := range all {
			all[i] = Case{lot.Float64(), lot.Float64() < bad}
			if all[i].Wrong {
				all[i].Confidence *= lot.Float64()
			}
		}
		usual, strict := Suggest(all, Limit), Suggest(all, Strict)
		for _, s := range []Threshold{usual, strict} {
			of, n := 0, 0
			for _, c := range all {
				if s.Sure > 0 && c.Confidence >= float64(s.Sure)/100 {
					n++
					if c.Wrong {
						of++
					}
				}
			}
			if s.Sure > 0 && (s.Wrong != ShareOf(of, n) || n == 0 || s.Wrong.Value() > s.Limit || s.Enough != (s.Wrong.High <= s.Limit)) {
				t.Fatalf("%+v, counted %d of %d", s, of, n)
			}
		}
		if strict.Enough && !usual.Enough || usual.Enough && strict.Enough && strict.Sure < usual.Sure {
			t.Fatalf("strict %+v is laxer than %+v", strict, usual)
		}
	})
}

// Over a session that labels all it is given, the lot falls on each call once,
// each is asked about once, and the doubtful come by doubt.
func TestChoose(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 60).Draw(t, "n")
		all := make([]Candidate, n)
		for i := range all {
			all[i] = Candidate{int64(i + 1), rapid.Float64Range(0, 1).Draw(t, "doubt"), rapid.SampledFrom([]Sample{"", Random, Unsure, Named}).Draw(t, "label")}
		}
		lot := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		asked, drawn := map[int64]bool{}, map[int64]bool{}
		last := 2.0
		for _, p := range Choose(all, false, lot) {
			c := all[p.ID-1]
			if p.Sample == Random {
				if drawn[p.ID] || c.Label == Random {
					t.Fatalf("the lot falls on %d twice", p.ID)
				}
				drawn[p.ID] = true
			} else if c.Doubt > last {
				t.Fatalf("%d is more doubtful than the one before", p.ID)
			} else {
				last = c.Doubt
			}
			if known := c.Label != "" || asked[p.ID]; known != p.Known {
				t.Fatalf("%+v: known %v", p, known)
			}
			if !p.Known {
				asked[p.ID] = true
			}
		}
		for _, c := range all {
			if asked[c.ID] != (c.Label == "") || drawn[c.ID] != (c.Label != Random) {
				t.Fatalf("%+v: asked %v, drawn %v", c, asked[c.ID], drawn[c.ID])
			}
		}
		for _, p := range Choose(all, true, lot) {
			if p.Sample != Unsure || p.Known {
				t.Fatalf("%+v among the unsure", p)
			}
		}
	})
}

// However often sessions end early, doubtful calls are no more frequent among
// those drawn by lot than among all.
func TestTheLotIsFair(t *testing.T) {
	lot := rand.New(rand.NewPCG(3, 4))
	doubtful, drawn := 0, 0
	for range 400 {
		all := make([]Candidate, 40)
		for i := range all {
			all[i] = Candidate{ID: int64(i + 1), Doubt: float64(i) / 40}
		}
		for range 3 { // sessions of four answers each
			for _, p := range Choose(all, false, lot)[:4] {
				if all[p.ID-1].Label = p.Sample; p.Sample == Random {
					drawn++
					if p.ID > 20 {
						doubtful++
					}
				}
			}
		}
	}
	if s := ShareOf(doubtful, drawn); s.Low > 0.5 || s.High < 0.5 {
		t.Errorf("half of all are doubtful; of those drawn by lot %v", s)
	}
}
