package report

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dozvon/hearing"
)

func TestWilson(t *testing.T) {
	for _, c := range []struct {
		of, all   int
		low, high float64
	}{ // as R's prop.test(correct = FALSE) has them
		{0, 0, 0, 1}, {0, 10, 0, 0.2775}, {10, 10, 0.7225, 1}, {1, 2, 0.0945, 0.9055}, {81, 263, 0.2553, 0.3662},
	} {
		if s := ShareOf(c.of, c.all); math.Abs(s.Low-c.low) > 5e-5 || math.Abs(s.High-c.high) > 5e-5 {
			t.Errorf("%d of %d: %.4f to %.4f, want %.4f to %.4f", c.of, c.all, s.Low, s.High, c.low, c.high)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.IntRange(1, 5000).Draw(t, "all")
		of := rapid.IntRange(0, all).Draw(t, "of")
		s, turned, more := ShareOf(of, all), ShareOf(all-of, all), ShareOf(10*of, 10*all)
		switch v := s.Value(); {
		case s.Low < 0 || s.High > 1 || s.Low > v+1e-12 || s.High < v-1e-12:
			t.Errorf("%v is not around %v", s, v)
		case math.Abs(s.Low-(1-turned.High)) > 1e-9:
			t.Errorf("%v and its complement %v disagree", s, turned)
		case more.High-more.Low >= s.High-s.Low:
			t.Errorf("ten times as many know no more: %v, %v", s, more)
		}
	})
}

// Wilson's interval holds the truth in about 95 % of small samples.
func TestWilsonCovers(t *testing.T) {
	lot := rand.New(rand.NewPCG(1, 2))
	const p, rounds = 0.1, 4000
	held := 0
	for range rounds {
		of := 0
		for range 30 {
			if lot.Float64() < p {
				of++
			}
		}
		if s := ShareOf(of, 30); s.Low <= p && p <= s.High {
			held++
		}
	}
	if share := float64(held) / rounds; share < 0.93 || share > 0.99 {
		t.Errorf("it holds the truth in %.3f of all samples", share)
	}
}

// some makes calls of which the truth is known.
func some() []Call {
	word := func(label string, sure float64, taken bool, truth string) Word {
		return Word{Engine: "embedded", Label: label, Confidence: sure, Latency: 300 * time.Millisecond, Taken: taken, Truth: truth}
	}
	return []Call{
		{Trunk: "a", Scenario: "s", Sample: Random, Truth: hearing.Human, Heard: hearing.Human, Confidence: 0.9, After: time.Second,
			Words: []Word{word("yes", 0.9, true, "yes"), word("", 0.2, false, "no"), word("no", 0.8, true, "yes")}},
		{Trunk: "b", Scenario: "s", Sample: Random, Truth: hearing.Human, Heard: hearing.Machine, Confidence: 0.6, After: 3 * time.Second,
			Words: []Word{{Nothing: true, Truth: "yes"}, word("yes", 0.7, true, Other), word("", 0.1, false, Other)}},
		{Trunk: "a", Scenario: "s", Sample: Random, Truth: hearing.Machine, Heard: hearing.Machine, Confidence: 0.95, After: 2 * time.Second},
		{Trunk: "a", Scenario: "z", Sample: Random, Truth: hearing.Human, Words: []Word{{Nothing: true, Truth: Silence}}},
		{Trunk: "a", Scenario: "z", Sample: Random, Truth: hearing.Announcement, Heard: hearing.Announcement, Early: true},
		{Trunk: "a", Scenario: "s", Sample: Unsure, Truth: hearing.Human, Heard: hearing.Fax, Words: []Word{word("yes", 1, true, Silence)}},
	}
}

func TestMake(t *testing.T) {
	r := Make(some())
	f := r.Fair
	if f.Calls != 5 || r.Chosen.Calls != 1 || f.Parties.Calls != 4 || f.Parties.Matrix[hearing.Human][hearing.Machine] != 1 {
		t.Errorf("%+v", f)
	}
	for name, c := range map[string]struct {
		got     Share
		of, all int
	}{
		"people kept": {f.Parties.HumanKept, 1, 2}, "machines found": {f.Parties.MachineFound, 1, 1},
		"heard right": {f.Words.Accuracy, 1, 4}, "mistaken": {f.Words.Mistaken, 1, 4}, "false rejects": {f.Words.FalseRejects, 2, 4},
		"false accepts": {f.Words.FalseAccepts, 1, 3}, "taken wrongly": {f.Words.TakenWrongly, 2, 3},
	} {
		if c.got.Of != c.of || c.got.All != c.all {
			t.Errorf("%s: %v, want %d of %d", name, c.got, c.of, c.all)
		}
	}
	if d := f.Parties.Decided; d.N != 3 || d.P50 != 2*time.Second || d.P95 != 3*time.Second {
		t.Errorf("decided after %+v", d)
	}
	// What was not heard belongs to the engine that listened.
	if len(f.Engine) != 2 || f.Engine[1].Name != "embedded" || f.Engine[1].Words.All != 6 || f.Engine[0].Name != unknownEngine {
		t.Errorf("%+v", f.Engine)
	}
	if len(f.Trunk) != 2 || f.Trunk[0].Calls != 4 || f.Trunk[1].Words.FalseAccepts.Of != 1 || len(f.Scenario) != 2 {
		t.Errorf("%+v, %+v", f.Trunk, f.Scenario)
	}
	var b strings.Builder
	if err := r.Write(&b, Groupings()...); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"6 calls are labelled: 5 were drawn by lot", "25.0 % (1 of 4; 4.6 to 69.9)", "Who answered, by trunk", "33.3 % of 3 (6.1–79.2)", "too few calls", "CHOSEN CALLS", "sure: 81"} {
		if !strings.Contains(b.String(), part) {
			t.Errorf("it does not say %q:\n%s", part, b.String())
		}
	}
	b.Reset()
	if err := Make(some()[5:]).Write(&b); err != nil || !strings.Contains(b.String(), "None was drawn by lot") || strings.Contains(b.String(), "THRESHOLDS") {
		t.Errorf("%v: %s", err, b.String())
	}
}

// Every word is counted once, in the whole and in each grouping.
func TestNothingIsLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		calls := rapid.SliceOf(rapid.Custom(drawCall)).Draw(t, "calls")
		r := Make(calls)
		words := 0
		for _, c := range calls {
			words += len(c.Words)
		}
		if r.Fair.Calls+r.Chosen.Calls != len(calls) || r.Fair.Words.All+r.Chosen.Words.All != words {
			t.Fatalf("%d calls, %d words became %d, %d", len(calls), words, r.Fair.Calls+r.Chosen.Calls, r.Fair.Words.All+r.Chosen.Words.All)
		}
		for _, gs := range [][]Group{r.Fair.Engine, r.Fair.Trunk, r.Fair.Scenario} {
			n := 0
			for _, g := range gs {
				n += g.Words.All
			}
			if n != r.Fair.Words.All {
				t.Fatalf("groups have %d words of %d", n, r.Fair.Words.All)
			}
		}
		w := r.Fair.Words
		if w.Accuracy.Of+w.Mistaken.Of+w.FalseRejects.Of != w.Accuracy.All || w.TakenWrongly.Of != w.Mistaken.Of+w.FalseAccepts.Of {
			t.Fatalf("%+v does not add up", w)
		}
		if err := r.Write(&strings.Builder{}, Groupings()...); err != nil {
			t.Fatal(err)
		}
	})
}

func drawCall(t *rapid.T) Call {
	kinds := append(Truths(), hearing.Unsure, "")
	return Call{Trunk: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "trunk"), Sample: rapid.SampledFrom([]Sample{Random, Unsure, Named}).Draw(t, "sample"),
		Truth: rapid.SampledFrom(Truths()).Draw(t, "truth"), Heard: rapid.SampledFrom(kinds).Draw(t, "heard"), Confidence: rapid.Float64Range(0, 1).Draw(t, "sure"),
		Words: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Word {
			said := []string{"yes", "no", Other, Silence}
			return Word{Engine: rapid.SampledFrom([]string{"", "x", "y"}).Draw(t, "engine"), Label: rapid.SampledFrom([]string{"yes", "no", ""}).Draw(t, "label"),
				Confidence: rapid.Float64Range(0, 1).Draw(t, "sure"), Taken: rapid.Bool().Draw(t, "taken"), Truth: rapid.SampledFrom(said).Draw(t, "truth")}
		}), 0, 4).Draw(t, "words")}
}
