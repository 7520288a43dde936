package phrases

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"dozvon/hearing"
	"dozvon/hearing/letters"
)

func TestParseNumber(t *testing.T) {
	for _, c := range []struct {
		language, said string
		want           int
	}{
		{"ru", "семь", 7}, {"ru", "Семёрка!", 7}, {"ru", "семерку", 7}, {"ru", "на семь", 7}, {"ru", "семь баллов", 7}, {"ru", "десятка", 10}, {"ru", "ноль", 0}, {"ru", "нолик", 0},
		{"ru", "ну, наверное, восемь", 8}, {"ru", "семь из десяти", 7}, {"ru", "десять из десяти", 10}, {"ru", "9", 9}, {"ru", "один", 1}, {"ru", "единица", 1}, {"ru", "пять, пять", 5},
		{"en", "seven", 7}, {"en", "a seven out of ten", 7}, {"en", "I'd say nine", 9}, {"en", "zero", 0}, {"en", "10", 10},
	} {
		if got, ok := ParseNumber(c.language, c.said); !ok || got != c.want {
			t.Errorf("%q: %d %v, want %d", c.said, got, ok, c.want)
		}
	}
	for _, said := range []string{"", "да", "семь восемь", "не семь", "одиннадцать", "11", "семь из пяти", "минус один", "семь часов", "двадцать семь", "на", "-1"} {
		if got, ok := ParseNumber("ru", said); ok && said != "-1" {
			t.Errorf("%q is %d", said, got)
		}
	}
}

func TestEveryNumberIsUnderstood(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		language := rapid.SampledFrom([]string{"ru", "en"}).Draw(rt, "language")
		v := rapid.IntRange(Lowest, Highest).Draw(rt, "number")
		said := rapid.SampledFrom(numberPhrases(language, v, v)).Draw(rt, "said")
		if got, ok := ParseNumber(language, said); !ok || got != v {
			rt.Fatalf("%q: %d %v", said, got, ok)
		}
	})
}

// No phrase means two things, and none is a filler.
func TestFamiliesDoNotMeet(t *testing.T) {
	for language := range families {
		owner := map[string]string{}
		for _, f := range Families() {
			for _, p := range Of(language, f) {
				if o := owner[Normal(p)]; o != "" {
					t.Errorf("%s: %q is %s and %s", language, p, o, f)
				}
				owner[Normal(p)] = string(f)
			}
		}
		for _, p := range Fillers(language) {
			if o := owner[Normal(p)]; o != "" {
				t.Errorf("%s: %q is a filler and %s", language, p, o)
			}
			owner[Normal(p)] = "filler"
			for _, w := range tokens(p) {
				if o := owner[w]; o != "" && o != "filler" && w != Normal(p) {
					t.Errorf("%s: the filler %q holds %q, which is %s", language, p, w, o)
				}
			}
			if _, ok := ParseNumber(language, p); ok {
				t.Errorf("%s: the filler %q is a number", language, p)
			}
		}
	}
}

func TestEverythingShippedCanBeSaid(t *testing.T) {
	o := hearing.Options{Language: "ru", Phrases: map[string][]string{"number": {Number}, "time": {Time}}}
	for _, f := range Families() {
		o.Phrases[string(f)] = Of("ru", f)
	}
	words, err := Compile(o)
	if err != nil {
		t.Error(err)
	}
	known := letters.Phones()
	fillers := 0
	for _, w := range words {
		if w.Filler {
			fillers++
		}
		if len(w.Phones) > 4 {
			t.Errorf("%q has %d pronunciations: the lexicon lacks a stress", w.Text, len(w.Phones))
		}
		for _, way := range w.Phones {
			for _, p := range way {
				if !slices.Contains(known, p) {
					t.Errorf("%q: %q", w.Text, p)
				}
			}
		}
	}
	if fillers != len(Fillers("ru")) {
		t.Errorf("%d of %d fillers", fillers, len(Fillers("ru")))
	}
}

// Whatever the question, the ways to refuse are listened for: as an answer, or
// as none.
func TestOthers(t *testing.T) {
	for _, c := range []struct {
		said  map[string][]string
		other []string
		not   []string
	}{
		{map[string][]string{"yes": {"да"}}, []string{"нет", "да нет", "позже", "оператора", "алло"}, []string{"да", "ага", "да-да"}},
		{map[string][]string{"yes": {"да"}, "no": {"нет", "Позже"}}, []string{"оператора", "алло"}, []string{"нет", "не надо", "позже", "потом"}},
	} {
		others := Others(hearing.Options{Language: "ru", Phrases: c.said})
		for _, p := range c.other {
			if !slices.Contains(others, p) {
				t.Errorf("%v: %q is not listened for", c.said, p)
			}
		}
		for _, p := range c.not {
			if slices.Contains(others, p) {
				t.Errorf("%v: %q means nothing", c.said, p)
			}
		}
	}
	words, err := Compile(hearing.Options{Language: "ru", Phrases: map[string][]string{"yes": {"да"}}})
	if err != nil || !slices.ContainsFunc(words, func(w Word) bool { return w.Text == "нет" && w.Filler }) {
		t.Errorf("«нет» is not listened for: %v", err)
	}
}

func TestExpand(t *testing.T) {
	got := Expand(hearing.Options{Language: "ru", Phrases: map[string][]string{
		"low": {NumberRange(0, 6)}, "high": {NumberRange(7, 10), "семь"}, "when": {Time, "Потом", "потом"}, "same": {"потом"},
	}})
	if !slices.Contains(got["low"], "шестёрка") || slices.Contains(got["low"], "семь") || !slices.Contains(got["high"], "десятку") {
		t.Error(got["low"], got["high"])
	}
	if n := len(got["when"]); n < 100 || slices.Contains(got["when"], Time) || len(got["same"])+boolCount(slices.Contains(got["when"], "потом") || slices.Contains(got["when"], "Потом")) != 1 {
		t.Error(n, got["same"])
	}
}

func boolCount(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestFamiliesOf(t *testing.T) {
	for _, c := range []struct {
		language string
		words    []string
		want     []Family
	}{
		{"ru", []string{"интересно", "да"}, []Family{Yes}}, {"ru", []string{"хватит", "Нет"}, []Family{No, Stop}}, {"ru", []string{"позже"}, []Family{Later}}, {"ru", []string{"оператора"}, []Family{Operator}},
		{"ru", []string{"интересно", "хочу"}, nil}, {"en", []string{"yes"}, []Family{Yes}}, {"de", []string{"ja"}, nil},
	} {
		if got := FamiliesOf(c.language, c.words); !slices.Equal(got, c.want) {
			t.Errorf("%v: %q, want %q", c.words, got, c.want)
		}
	}
	with := With("ru", []string{"да", "ага"}, []Family{Yes}, func(p string) bool { return p == "хорошо" })
	if !slices.Contains(with, "угу") || slices.Contains(with, "хорошо") || with[1] != "ага" {
		t.Error(with)
	}
}

func TestWhich(t *testing.T) {
	question := map[string][]string{"yes": {"да", "угу"}, "score": {NumberRange(0, 8)}, "when": {Time}}
	for said, want := range map[string]string{"Да!": "yes", "семёрочка": "", "на семь": "score", "девять": "", "через час": "when", "number 0 8": "", "": ""} {
		if got, ok := Which("ru", question, said); got != want || ok != (want != "") {
			t.Errorf("%q: %q", said, got)
		}
	}
}

func TestCompileNamesWhatItCannotSay(t *testing.T) {
	words, err := Compile(hearing.Options{Language: "ru", Phrases: map[string][]string{"yes": {"да", "ok"}}})
	if err == nil || len(words) < 2 || words[0].Text != "да" {
		t.Error(words, err)
	}
	if _, err := Compile(hearing.Options{Language: "en", Phrases: map[string][]string{"yes": {"yes"}}}); err == nil {
		t.Error("English was compiled")
	}
	for _, c := range []struct{ language, phrase string }{{"ru", "ok"}, {"ru", "7"}, {"en", "<time>"}, {"en", "!"}, {"ru", ""}} {
		if Sayable(c.language, c.phrase) == nil {
			t.Errorf("%q can be said", c.phrase)
		}
	}
	if err := Sayable("ru", "перезвон+ите"); err != nil {
		t.Error(err)
	}
}
