package engines

import (
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"dozvon/hearing"
	"dozvon/hearing/phrases"
)

func words(text string, conf float64) (w []word) {
	for _, t := range normal(text) {
		w = append(w, word{text: t, confidence: conf})
	}
	return w
}

func TestLabels(t *testing.T) {
	a := newAnswers(hearing.Options{Language: "ru", Phrases: map[string][]string{"yes": {"да", "Интересно", "соедините"}, "no": {"нет", "не интересно", "не надо"}, "later": {"позже", "перезвоните позже", "всё потом"}, "score": {phrases.NumberRange(1, 5)}}})
	for _, c := range []struct {
		text, label string
		share       float64
	}{
		{"да", "yes", 1}, {"ДА-да!", "yes", 1}, {"да соедините", "yes", 1}, {"все потом", "later", 1},
		{"не интересно", "no", 1}, {"нет, не надо", "no", 1}, {"перезвоните позже", "later", 1},
		{"[unk] да", "yes", 2. / 3}, {"да [unk] [unk] [unk]", "yes", 2. / 5}, {"ну <unk> позже", "later", 2. / 5},
		{"да нет", "", 0}, {"нет позже", "", 0}, {"не [unk] интересно", "", 0}, {"да не знаю", "", 0},
		{"пять", "score", 1}, {"десять", "", 0}, {"да алло", "yes", 1. / 2}, {"алло да", "yes", 1. / 2}, {"с́о+единитE", "", 0}, {"соедини́те", "yes", 1},
		{"дача", "", 0}, {"куда", "", 0}, {"[unk]", "", 0}, {"", "", 0}, {"\xe4\xe0", "", 0},
	} {
		label, sure := a.label(words(c.text, 0.9))
		if label != c.label || math.Abs(sure-0.9*c.share) > 1e-9 {
			t.Errorf("%q: %q %.3f, want %q %.3f", c.text, label, sure, c.label, 0.9*c.share)
		}
	}
	mixed := append(words("перезвоните", 0.3), words("позже", 0.9)...)
	if label, sure := a.label(mixed); label != "later" || sure != 0.3 {
		t.Errorf("%s %.2f", label, sure)
	}
}

// A no that begins with a yes («да нет», "of course not") is a no.
func TestANoInTheShapeOfAYes(t *testing.T) {
	said := map[string][]string{
		"ru": {"да нет", "да нет, спасибо", "да не надо", "конечно нет", "да конечно нет", "хорошо, не надо", "угу, не звоните"},
		"en": {"of course not", "yeah no", "no of course not", "sure not", "not really"},
	}
	for language, texts := range said {
		o := hearing.Options{Language: language, Phrases: map[string][]string{}}
		for _, f := range phrases.Families() {
			o.Phrases[string(f)] = phrases.Of(language, f)
		}
		all := newAnswers(o)
		o.Phrases = map[string][]string{"yes": o.Phrases["yes"]}
		alone := newAnswers(o)
		for i, text := range texts {
			label, _ := all.label(words(text, 1))
			if label == "yes" || i == 0 && label != "no" {
				t.Errorf("%q is a %q", text, label)
			}
			if label, _ = alone.label(words(text, 1)); label != "" {
				t.Errorf("%q is a %q where only yes is an answer", text, label)
			}
		}
	}
}

// Whatever is heard: a label only if words of it were heard whole and of no
// other, and never more confidence than its surest word had.
func TestLabelsProperty(t *testing.T) {
	a := newAnswers(question)
	rapid.Check(t, func(t *rapid.T) {
		vocabulary := []string{"да", "нет", "не", "надо", "интересно", "позже", "[unk]", "кот"}
		heard := rapid.SliceOfN(rapid.SampledFrom(vocabulary), 0, 8).Draw(t, "words")
		conf := rapid.Float64Range(0, 1).Draw(t, "conf")
		label, sure := a.label(words(strings.Join(heard, " "), conf))
		if sure > conf || sure < 0 || label == "" && sure != 0 {
			t.Fatalf("%q: %q %f", heard, label, sure)
		}
		for _, w := range heard {
			if label == "yes" && (w == "нет" || w == "не" || w == "позже") {
				t.Fatalf("%q is a yes", heard)
			}
		}
	})
}

func FuzzReply(f *testing.F) {
	f.Add([]byte(`{"result" : [{"conf" : 0.9, "end" : 0.6, "start" : 0.3, "word" : "да"}], "text" : "да"}`))
	f.Add([]byte(`{"partial" : "да"}`))
	f.Add([]byte(`{"text" : ""}`))
	f.Add([]byte("{\"text\" : \"\xe4\xe0\"}"))
	f.Add([]byte(`{"result" : [{"conf" : 1e308, "end" : -1e308, "word" : "да нет"}], "text" : "да нет"}`))
	f.Add([]byte(`[[[[`))
	a := newAnswers(question)
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := readReply(b)
		if err != nil {
			if len(err.Error()) > 600 || !utf8.ValidString(err.Error()) {
				t.Fatalf("%q", err)
			}
			return
		}
		label, sure := a.label(r.words)
		if sure < 0 || sure > 1 || label == "" && sure != 0 || math.IsNaN(sure) {
			t.Fatalf("%q %f", label, sure)
		}
		if s := sentence(r.words); len(s) > maxText || !utf8.ValidString(s) {
			t.Fatalf("%q", s)
		}
	})
}
