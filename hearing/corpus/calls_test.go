package corpus

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"dozvon/audio"
	"dozvon/hearing"
)

// TestHalvesShareNothing looks at what the calls of the halves are made of.
func TestHalvesShareNothing(t *testing.T) {
	seen := map[string]bool{}
	for _, language := range []string{"ru", "en"} {
		people, machines := 0, 0
		for _, h := range []Half{Development, Test} {
			p := phrases[h][language]
			people += len(p.people)
			machines += len(p.voicemail) + len(p.carrier) + len(p.menu)
			for _, text := range slices.Concat(p.people, p.business, p.voicemail, p.carrier, p.menu) {
				if seen[text] {
					t.Errorf("%q is said twice", text)
				}
				seen[text] = true
			}
			for _, v := range recorded[h][language] {
				if seen[v.Name] {
					t.Errorf("the voice %s is in both halves", v.Name)
				}
				seen[v.Name] = true
			}
		}
		if people < 50 || machines < 50 {
			t.Errorf("%s: %d greetings of people and %d texts of machines", language, people, machines)
		}
	}
	for language, p := range lessonPhrases {
		for _, text := range slices.Concat(p.people, p.business, p.voicemail, p.carrier, p.menu) {
			if seen[text] {
				t.Errorf("%s: %q is a lesson, and said in a half or twice", language, text)
			}
			seen[text] = true
		}
	}
	for _, v := range slices.Concat(variants[Development], variants[Test]) {
		if seen[v] {
			t.Errorf("the voice %s is in both halves", v)
		}
		seen[v] = true
	}
}

func calls(t *testing.T, h Half) []Call {
	t.Helper()
	c, err := Calls(h)
	var absent *AbsentError
	if errors.As(err, &absent) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCallsAreNamedOnceAndInOneOrder(t *testing.T) {
	a, b := calls(t, Development), calls(t, Development)
	names := map[string]bool{}
	for i, c := range a {
		if names[c.Name] || c.Name != b[i].Name || c.Text != b[i].Text {
			t.Fatalf("call %d is %q, then %q", i, c.Name, b[i].Name)
		}
		names[c.Name] = true
	}
}

// TestCallsRender renders some calls of each class and measures them.
func TestCallsRender(t *testing.T) {
	all := calls(t, Development)
	some := map[Class]int{}
	var few []Call
	for _, c := range all {
		if some[c.Class]++; some[c.Class] <= 1 {
			few = append(few, c)
		}
	}
	if len(some) != 10 {
		t.Errorf("classes %v, want 10", some)
	}
	var mu sync.Mutex
	again := map[string][]int16{}
	check := func(c Call, r Rendered) error {
		mu.Lock()
		defer mu.Unlock()
		if old, ok := again[c.Name]; ok && !slices.Equal(old, r.PCM) {
			t.Errorf("%s sounds otherwise the second time", c.Name)
		}
		again[c.Name] = r.PCM
		d := audio.Duration(len(r.PCM))
		if r.Start < 100*time.Millisecond || r.Said < r.Start || d < r.Said+4*time.Second {
			t.Errorf("%s: begins at %v, said by %v, ends at %v", c.Name, r.Start, r.Said, d)
		}
		if before := r.PCM[:audio.Samples(r.Start)]; c.Truth == hearing.Human && audio.RMS(before) > audio.RMS(r.PCM) {
			t.Errorf("%s: louder before it begins", c.Name)
		}
		if r.BeepTo > 0 && (r.BeepAt < r.Said || r.BeepTo < r.BeepAt+150*time.Millisecond) {
			t.Errorf("%s: said by %v, beep from %v to %v", c.Name, r.Said, r.BeepAt, r.BeepTo)
		}
		return nil
	}
	for range 2 {
		if err := Render(context.Background(), few, check); err != nil {
			t.Fatal(err)
		}
	}
	if len(again) != len(few) {
		t.Errorf("%d of %d calls were heard", len(again), len(few))
	}
}

func TestEachStopsAtAnError(t *testing.T) {
	wrong := errors.New("wrong")
	err := Each(context.Background(), 1_000_000, func(i int) error {
		if i == 3 {
			return wrong
		}
		return nil
	})
	if !errors.Is(err, wrong) {
		t.Errorf("got %v", err)
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if err := Each(ctx, 10, func(int) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestLessons: there are people and machines among them, recorded ones too, and
// a call is the same each time.
func TestLessons(t *testing.T) {
	all, err := Lessons()
	var absent *AbsentError
	if errors.As(err, &absent) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	names, kinds := map[string]bool{}, map[string]int{}
	for _, c := range all {
		if names[c.Name] {
			t.Errorf("two calls are called %s", c.Name)
		}
		names[c.Name] = true
		kinds[string(c.Class)+" "+c.Language+" "+c.Source]++
	}
	for _, kind := range []string{"person fr recorded", "voicemail it recorded", "menu es recorded", "carrier fr recorded", "person ru espeak-ng", "voicemail en flite"} {
		if kinds[kind] < 5 {
			t.Errorf("%d calls of kind %s", kinds[kind], kind)
		}
	}
	last := all[len(all)-1]
	a, err := last.Render()
	if err != nil {
		t.Fatal(err)
	}
	b, err := last.Render()
	if err != nil || !slices.Equal(a.PCM, b.PCM) || len(a.PCM) < audio.Rate {
		t.Errorf("%s: %d and %d samples that differ, %v", last.Name, len(a.PCM), len(b.PCM), err)
	}
}
