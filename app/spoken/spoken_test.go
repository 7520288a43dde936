package spoken

import (
	"testing"

	"dozvon/hearing/corpus"
)

// few picks three people for each scenario who are called once: one who agrees,
// one who refuses, and one more who greets with a word. They break in, and
// little of their sound is lost, so that the test is over sooner.
func few(seed uint64) (out []person) {
	took := map[string]bool{}
	for _, p := range people(300, seed) {
		kind := p.scenario + "/" + p.list
		if p.greets == "да" {
			kind = p.scenario + "/greets"
		}
		if len(p.says) == 1 && (p.says[0] == "да" || p.says[0] == "нет") && p.burst == 0 && !took[kind] {
			took[kind], p.barges, p.over = true, true, 0.3
			out = append(out, p)
		}
	}
	return out
}

// TestSpoken calls nine people. The bar calls two hundred.
func TestSpoken(t *testing.T) {
	t.Parallel()
	if err := corpus.Missing(Needs()...); err != nil {
		t.Skip(err)
	}
	chosen := few(2)
	if len(chosen) != 9 {
		t.Fatalf("%d people were chosen, want 9", len(chosen))
	}
	all, err := run(t.Context(), chosen, 2)
	if err != nil {
		t.Fatal(err)
	}
	right, bridged := 0, 0
	for _, e := range all {
		if e.right() {
			right++
		} else {
			t.Log(e.told())
		}
		if e.wronged() {
			t.Errorf("said no, and an operator was called: %s", e.told())
		}
		if e.bridged {
			bridged++
		}
	}
	if right < len(all)-1 {
		t.Errorf("%d of %d people ended where they must", right, len(all))
	}
	if bridged == 0 {
		t.Error("nobody was given to an operator")
	}
}

// The hand-written table knows what it says: shares are whole, every word has a
// recording, and a second call is answered with a yes or a no.
func TestRules(t *testing.T) {
	recorded := map[string]bool{}
	for _, w := range recordings() {
		recorded[w.text] = true
	}
	for name, all := range rules {
		sum := 0
		for i, r := range all {
			sum += r.share
			for _, w := range r.words {
				if !recorded[w] {
					t.Errorf("%s: nobody says «%s» in a recording", name, w)
				}
			}
			if i < 2 && r.list == "" {
				t.Errorf("%s: rule %d leads nowhere, and second calls are drawn from it", name, i)
			}
		}
		if sum != 100 {
			t.Errorf("%s: the shares are %d in a hundred", name, sum)
		}
	}
	if a, b := people(50, 7), people(50, 7); len(a) != 50 || a[49].phone != b[49].phone || a[49].snr != b[49].snr {
		t.Error("the same seed gives other people")
	}
}
