package keywords

import (
	"bytes"
	"math"
	"testing"

	"dozvon/audio"
	"dozvon/hearing/letters"
)

func shipped(t testing.TB) *Model {
	t.Helper()
	m, err := Shipped()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func yesNo(t testing.TB) *Grammar {
	t.Helper()
	g, err := Compile(shipped(t), []Word{
		{Label: "yes", Text: "да", Phones: [][]string{{"d", "aa"}, {"d", "a"}}},
		{Label: "no", Text: "нет", Phones: [][]string{{"nn", "ee", "t"}}},
		{Text: "алло", Phones: [][]string{{"a", "l", "oo"}}, Filler: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func spell(t testing.TB, text string) [][]string {
	t.Helper()
	ways, err := letters.Russian(text)
	if err != nil {
		t.Fatal(err)
	}
	return ways
}

// buzz is a sound with pitch and formants that move: no word, but no silence.
func buzz(n int) []int16 {
	x := make([]int16, n)
	for i := range x {
		s := float64(i) / audio.Rate
		v := math.Sin(2*math.Pi*150*s) + math.Sin(2*math.Pi*600*s) + 0.5*math.Sin(2*math.Pi*(1200+800*s)*s)
		x[i] = int16(3000 * v)
	}
	return x
}

func TestDecideNothing(t *testing.T) {
	d := NewDecoder(yesNo(t))
	if _, ok := d.Decide(0, 4000); ok {
		t.Error("a decision on nothing heard")
	}
	d.Hear(buzz(60000))
	for _, c := range [][2]int{{0, 4000}, {59000, 59100}, {5000, 4000}, {-100, -50}, {20000, 59999}} {
		if _, ok := d.Decide(c[0], c[1]); ok {
			t.Errorf("a decision on samples %d to %d", c[0], c[1])
		}
	}
	if _, ok := d.Decide(56000, 60000); !ok {
		t.Error("no decision on half a second of sound")
	}
}

// TestPacketsDoNotMatter: how the sound was cut changes nothing, nor does what
// the ring held before.
func TestPacketsDoNotMatter(t *testing.T) {
	g := yesNo(t)
	x := buzz(12000)
	a, b := NewDecoder(g), NewDecoder(g)
	a.Hear(x)
	b.Hear(buzz(45678))
	b.Reset(g)
	for i := 0; i < len(x); i += 77 {
		b.Hear(x[i:min(i+77, len(x))])
	}
	p, _ := a.Decide(2000, 9000)
	q, _ := b.Decide(2000, 9000)
	if p != q || p.Confidence <= 0 || p.Confidence >= 1 {
		t.Errorf("%+v, and in packets %+v", p, q)
	}
}

func TestNothingIsAllocated(t *testing.T) {
	d := NewDecoder(yesNo(t))
	x := buzz(160)
	if n := testing.AllocsPerRun(100, func() { d.Hear(x) }); n > 0 {
		t.Errorf("%g allocations a frame", n)
	}
	d.Hear(buzz(20000))
	// Without the pool of desks, which forgets some when races are looked for.
	w := newDesk(d.grammar.model)
	decide := func() {
		if !d.listen(w, d.Heard()-12000, d.Heard()-4000) {
			t.Fatal("nothing to decide on")
		}
		w.judge(d.grammar.model)
		w.decide(d.grammar, 0)
	}
	decide()
	if n := testing.AllocsPerRun(20, decide); n > 0 {
		t.Errorf("%g allocations a decision", n)
	}
}

func TestSaveLoad(t *testing.T) {
	m := shipped(t)
	var b bytes.Buffer
	if err := m.Save(&b); err != nil {
		t.Fatal(err)
	}
	again, err := Load(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if len(again.Phones()) != len(m.Phones()) || again.head.Search != m.head.Search {
		t.Errorf("%+v became %+v", m.head, again.head)
	}
	for _, n := range []int{0, 10, 30, 100, b.Len() / 2, b.Len() - 1} {
		if _, err := Load(bytes.NewReader(b.Bytes()[:n])); err == nil {
			t.Errorf("the first %d bytes were taken for a model", n)
		}
	}
}

func TestCompileRefuses(t *testing.T) {
	m := shipped(t)
	for _, w := range []Word{
		{Text: "?"}, {Text: "?", Phones: [][]string{{}}}, {Text: "?", Phones: [][]string{{"xx"}}},
		{Text: "?", Phones: [][]string{{Pause}}}, {Text: "?", Phones: [][]string{make([]string, 500)}},
	} {
		if _, err := Compile(m, []Word{w}); err == nil {
			t.Errorf("%v was compiled", w.Phones)
		}
	}
	if g, err := Compile(m, nil); err != nil {
		t.Error(err)
	} else {
		d := NewDecoder(g)
		d.Hear(buzz(9000))
		if got, _ := d.Decide(1000, 8000); got.Label != "" || got.Confidence != 0 {
			t.Errorf("%+v out of no words", got)
		}
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte(magic))
	f.Add(append([]byte(magic), 2, 0, 0, 0, '{', '}', 1))
	f.Fuzz(func(t *testing.T, b []byte) {
		if m, err := Load(bytes.NewReader(b)); err == nil && len(m.Phones()) == 0 {
			t.Error("a model without phones")
		}
	})
}
